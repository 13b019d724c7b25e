/** Makes signing keys. */
import { createHash, generateKeyPairSync } from 'node:crypto'

import type { Algorithm } from '../algorithms.js'
import type { Jwk } from '../crypto/provider.js'
import { ENTROPY_BYTES } from '../entropy.js'
import { generate_key } from '../glue.js'
import { nodePlatform } from './platform.js'

/** Bits of the modulus of an RSA key. */
const MODULUS_BITS = 2048

/** A fresh private JWK with `kid` and `alg`: a secret. */
export function generateKey(alg: Algorithm = 'ES256'): Jwk {
  if (/^[RP]S/.test(alg)) return rsaKey(alg)
  nodePlatform.memory()
  return JSON.parse(generate_key(alg, crypto.getRandomValues(new Uint8Array(ENTROPY_BYTES)))) as Jwk
}

/** Made by Node: finding primes takes the engine long. Its `kid` is its thumbprint (RFC 7638). */
function rsaKey(alg: Algorithm): Jwk {
  const jwk = generateKeyPairSync('rsa', { modulusLength: MODULUS_BITS }).privateKey.export({ format: 'jwk' })
  const { e, kty, n } = jwk
  const kid = createHash('sha256').update(JSON.stringify({ e, kty, n })).digest('base64url')
  return { ...jwk, kid, alg } as Jwk
}
