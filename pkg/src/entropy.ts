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
  const end = used + ENTROPY_BYTES
  into.set(pool.subarray(used, end), at)
  pool.fill(0, used, end)
  used = end
}
