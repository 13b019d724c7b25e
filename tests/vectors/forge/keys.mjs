/**
 * The keys of the cases, `../keys/*.json`: private JWKs that exist for these
 * tests only. One that is declared here and not there yet is made.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const folder = new URL('../keys/', import.meta.url)

const rsa = (bits) => ['rsa', { modulusLength: bits, publicExponent: 0x10001 }]
const ec = (curve) => ['ec', { namedCurve: curve }]

/** Name, how it is made, and its algorithm; RSA keys serve every RSA algorithm. */
const DECLARED = {
  'ours': [ec('P-256'), 'ES256'],
  'ours-next': [['ed25519', {}], 'EdDSA'],
  'idp-es256': [ec('P-256'), 'ES256'],
  'idp-es256-next': [ec('P-256'), 'ES256'],
  'idp-es384': [ec('P-384'), 'ES384'],
  'idp-es512': [ec('P-521'), 'ES512'],
  'idp-ed25519': [['ed25519', {}], 'EdDSA'],
  'idp-rs2048': [rsa(2048)],
  'idp-rs3072': [rsa(3072)],
  'idp-rs4096': [rsa(4096)],
  'globex-es256': [ec('P-256'), 'ES256'],
  'globex-rs2048': [rsa(2048)],
  'machine-es256': [ec('P-256'), 'ES256'],
  'robot-es256': [ec('P-256'), 'ES256'],
  'attacker-es256': [ec('P-256'), 'ES256'],
  'attacker-rs2048': [rsa(2048)],
  'weak-rs1024': [rsa(1024)],
}

/** `rfc7515-a2` and `rfc7515-a3` are those of RFC 7515 appendix A.2 and A.3, and were never secret. */
const loaded = new Map()

export function key(name) {
  if (!loaded.has(name)) loaded.set(name, load(name))
  return loaded.get(name)
}

function load(name) {
  const file = new URL(`${name}.json`, folder)
  if (!existsSync(file)) make(name, file)
  const jwk = JSON.parse(readFileSync(file, 'utf8'))
  const privateKey = createPrivateKey({ key: jwk, format: 'jwk' })
  return { name, jwk, alg: jwk.alg ?? 'RS256', privateKey, publicKey: createPublicKey(privateKey) }
}

function make(name, file) {
  if (!(name in DECLARED)) throw new Error(`no key is declared as ${name}`)
  const [[type, options], alg] = DECLARED[name]
  const { privateKey } = generateKeyPairSync(type, options)
  const { kty, crv, ...rest } = privateKey.export({ format: 'jwk' })
  const jwk = { kty, crv, kid: name, alg, use: 'sig', ...rest }
  writeFileSync(file, JSON.stringify(jwk, null, 2) + '\n')
}

/** The public JWK, with these members instead. */
export function publicJwk(name, instead = {}) {
  const { d, p, q, dp, dq, qi, ...rest } = key(name).jwk
  return { ...rest, ...instead }
}

export function declaredKeys() {
  return Object.keys(DECLARED)
}
