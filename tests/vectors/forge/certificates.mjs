/** Certificates over keys of the cases, by OpenSSL, once: `../keys/cert-*.pem`. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { key } from './keys.mjs'

/** Name, key, first and last day. */
const DECLARED = {
  'cert-rs2048': ['idp-rs2048', '20240101000000Z', '20440101000000Z'],
  'cert-es256': ['idp-es256', '20240101000000Z', '20440101000000Z'],
  'cert-es256-next': ['idp-es256-next', '20240101000000Z', '20440101000000Z'],
  'cert-es256-expired': ['idp-es256', '20200101000000Z', '20210101000000Z'],
  'client-es256': ['machine-es256', '20240101000000Z', '20440101000000Z', {
    subject: '/O=Acme, Inc./OU=Robots/CN=deployer', names: 'DNS:Deployer.acme.example,URI:urn:acme:deployer,IP:10.0.0.7,email:deployer@acme.example',
  }],
  'client-spiffe': ['robot-es256', '20240101000000Z', '20440101000000Z', { subject: '/O=SPIRE', names: 'URI:spiffe://acme.example/agent' }],
  'client-two-ids': ['robot-es256', '20240101000000Z', '20440101000000Z', { subject: '/O=SPIRE', names: 'URI:spiffe://acme.example/agent,URI:spiffe://acme.example/other' }],
  'client-expired': ['machine-es256', '20200101000000Z', '20210101000000Z', { subject: '/O=Acme, Inc./OU=Robots/CN=deployer' }],
  'cert-es256-future': ['idp-es256-next', '20430101000000Z', '20440101000000Z'],
}

const CA = (folder) => `[ca]
default_ca = own
[own]
database = ${folder}/index
new_certs_dir = ${folder}
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
preserve = yes
copy_extensions = copy
[any]
organizationName = optional
organizationalUnitName = optional
commonName = optional
`

export function makeCertificates() {
  for (const [name, declared] of Object.entries(DECLARED)) {
    const file = fileURLToPath(new URL(`../keys/${name}.pem`, import.meta.url))
    if (!existsSync(file)) make(file, declared)
  }
}

function make(file, [keyName, first, last, { subject = `/CN=${keyName}.example`, names } = {}]) {
  const folder = mkdtempSync(join(tmpdir(), 'exchequer-'))
  const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  try {
    const at = (name) => join(folder, name)
    writeFileSync(at('index'), '')
    writeFileSync(at('ca.cnf'), CA(folder))
    writeFileSync(at('key'), key(keyName).privateKey.export({ type: 'pkcs8', format: 'pem' }))
    const added = names === undefined ? [] : ['-addext', `subjectAltName=${names}`]
    openssl('req', '-new', '-key', at('key'), '-subj', subject, ...added, '-out', at('csr'))
    openssl('ca', '-batch', '-notext', '-selfsign', '-config', at('ca.cnf'), '-keyfile', at('key'),
      '-in', at('csr'), '-startdate', first, '-enddate', last, '-out', file)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
