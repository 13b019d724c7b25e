/** Certificates by OpenSSL: an authority, what it signed, and what nobody signed. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Makes certificates in a folder of their own, until `remove`. */
export function authority() {
  const folder = mkdtempSync(join(tmpdir(), 'exchequer-certificates-'))
  const at = (name) => join(folder, name)
  const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const read = (name) => readFileSync(at(name), 'utf8')
  openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
    '-keyout', at('ca.key'), '-out', at('ca.pem'), '-subj', '/CN=Test authority')
  const request = (name, subject, names) => {
    openssl('req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', at(`${name}.key`), '-out', at(`${name}.csr`), '-subj', subject)
    writeFileSync(at(`${name}.ext`), names === undefined ? '' : `subjectAltName=${names}\n`)
  }
  const made = (name) => ({ key: read(`${name}.key`), cert: read(`${name}.pem`), keyFile: at(`${name}.key`), certFile: at(`${name}.pem`) })
  return {
    folder,
    ca: read('ca.pem'),
    caFile: at('ca.pem'),
    /** A certificate that the authority signed. */
    signed(name, subject, names) {
      request(name, subject, names)
      openssl('x509', '-req', '-in', at(`${name}.csr`), '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2', '-extfile', at(`${name}.ext`), '-out', at(`${name}.pem`))
      return made(name)
    },
    /** A certificate that signed itself. */
    selfSigned(name, subject, names) {
      request(name, subject, names)
      openssl('x509', '-req', '-in', at(`${name}.csr`), '-signkey', at(`${name}.key`), '-days', '2', '-extfile', at(`${name}.ext`), '-out', at(`${name}.pem`))
      return made(name)
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
