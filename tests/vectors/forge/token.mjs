/**
 * Tokens, good and bad. What any JWT library would make is made by `jose`;
 * what none would make is put together here from `node:crypto`.
 */
import { constants, createHash, sign as signBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

import { CompactSign, compactVerify } from 'jose'

import { key } from './keys.mjs'

/** The time at which cases play, if they do not say: 2026-09-21T13:46:40Z. */
export const NOW = 1_790_000_000

export const ISSUER = 'https://idp.example'
export const US = 'https://sts.example'

export const b64 = (bytes) => Buffer.from(bytes).toString('base64url')

/** The claims of an ordinary token, with these instead; `undefined` takes one away. */
export function claims(instead = {}) {
  return { iss: ISSUER, sub: 'user-42', aud: US, iat: NOW - 10, exp: NOW + 600, ...instead }
}

/**
 * A token. `header` and `claims` are added to what an ordinary one has;
 * `headerText` and `payloadText` stand for the JSON as it is (text or bytes);
 * `signature` changes the signature (bytes in, bytes or text out); `made`
 * makes one from the signing input, and no key signs.
 */
export async function jwt(spec = {}) {
  const { key: name = 'idp-es256', headerText, payloadText, signature, made } = spec
  const signer = key(name)
  const alg = spec.alg ?? signer.alg
  const header = { alg, kid: name, ...spec.header }
  const payload = claims(spec.claims)
  const headerJson = headerText ?? JSON.stringify(header)
  const payloadJson = payloadText ?? JSON.stringify(payload)
  const input = `${b64(headerJson)}.${b64(payloadJson)}`
  const ordinary = headerText === undefined && typeof payloadJson === 'string' && !('b64' in header || 'crit' in header) && header.alg === alg
  let bytes = made ? made(input) : await signed(signer, alg, input, ordinary && { header, payloadJson })
  if (signature !== undefined) bytes = signature(bytes)
  const last = typeof bytes === 'string' ? bytes : b64(bytes)
  return {
    text: `${input}.${last}`,
    shown: {
      header: readable(headerText) ?? header,
      claims: readable(payloadText) ?? JSON.parse(payloadJson),
      signedBy: signature === undefined && made === undefined ? name : undefined,
    },
  }
}

const readable = (text) => (text === undefined ? undefined : Buffer.from(text).toString().slice(0, 400))

const SCHEMES = {
  RS256: ['sha256', {}], RS384: ['sha384', {}], RS512: ['sha512', {}],
  PS256: ['sha256', { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }],
  PS384: ['sha384', { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 }],
  PS512: ['sha512', { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 }],
  ES256: ['sha256', {}], ES384: ['sha384', {}], ES512: ['sha512', {}],
  EdDSA: [null, {}],
}

/** A signature in JOSE form over bytes that need not be a token. */
export function rawSignature(privateKey, alg, input, options = {}) {
  const [hash, own] = SCHEMES[alg]
  return signBytes(hash, Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363', ...own, ...options })
}

/*
 * ECDSA and PSS signatures are different every time. Those that were made are
 * kept by what they sign, so that forging again changes nothing.
 */
const memory = new URL('signatures.json', import.meta.url)
const kept = existsSync(memory) ? JSON.parse(readFileSync(memory, 'utf8')) : {}
const used = {}

async function signed(signer, alg, input, ordinary) {
  const name = createHash('sha256').update(`${signer.name} ${alg} ${input}`).digest('base64url')
  kept[name] ??= b64(await fresh(signer, alg, input, ordinary))
  used[name] = kept[name]
  return Buffer.from(kept[name], 'base64url')
}

async function fresh(signer, alg, input, ordinary) {
  if (!ordinary || signer.name.startsWith('weak-')) return rawSignature(signer.privateKey, alg, input)
  const payload = new TextEncoder().encode(ordinary.payloadJson)
  const token = await new CompactSign(payload).setProtectedHeader(ordinary.header).sign(signer.privateKey)
  if (!token.startsWith(`${input}.`)) throw new Error('jose writes the header in another way')
  await compactVerify(token, signer.publicKey)
  return Buffer.from(token.split('.')[2], 'base64url')
}

/** Writes the signatures of this run; those that nothing needs any more are gone. */
export function keepSignatures() {
  const sorted = Object.fromEntries(Object.entries(used).sort(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(memory, JSON.stringify(sorted, null, 2) + '\n')
}
