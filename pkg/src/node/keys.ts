/** Makes signing keys. */
import type { Jwk } from '../crypto/provider.js'
import { ENTROPY_BYTES } from '../entropy.js'
import { generate_key } from '../glue.js'
import { nodePlatform } from './platform.js'

/** A fresh private JWK with `kid` and `alg`: a secret. */
export function generateKey(alg: 'ES256' | 'ES384' | 'EdDSA' = 'ES256'): Jwk {
  nodePlatform.memory()
  return JSON.parse(generate_key(alg, crypto.getRandomValues(new Uint8Array(ENTROPY_BYTES)))) as Jwk
}
