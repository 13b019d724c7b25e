/** A value that may have to be waited for. */
export type Awaitable<T> = T | Promise<T>

/**
 * Whether it has to be. Stores and crypto providers are others', so it may be a
 * promise of another realm or of a library, which is no instance of `Promise`.
 */
export function isPromise<T>(value: Awaitable<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
