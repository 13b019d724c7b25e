/**
 * The signature algorithms, in the order in which the engine numbers them
 * (`Algorithm::ALL`).
 */
export const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const

/** A signature algorithm by its `alg` name. */
export type Algorithm = (typeof ALGORITHMS)[number]
