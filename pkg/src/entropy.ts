/**
 * Randomness for requests, 32 bytes each. Drawn from the platform in blocks:
 * one call for 32 bytes costs as much as one for four thousand.
 */

export const ENTROPY_BYTES = 32

const pool = new Uint8Array(128 * ENTROPY_BYTES)
let used = pool.length

/** Writes 32 bytes that nobody has seen or will see again. */
export function drawEntropy(into: Uint8Array, at: number): void {
  if (used === pool.length) {
    crypto.getRandomValues(pool)
    used = 0
  }
  for (let i = 0; i < ENTROPY_BYTES; i++, used++) {
    into[at + i] = pool[used]!
    pool[used] = 0
  }
}
