/** Configuration documents as far as they are read here: the engine says what is wrong with one. */
import { ConfigurationError } from './errors.js'

/** What some editors put in front of a text. The engine passes over it, and `JSON.parse` does not. */
const BYTE_ORDER_MARK = '\ufeff'

export function withoutMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text
}

/**
 * The text of a document that is given as an object or as JSON text.
 *
 * @throws {TypeError} when it is neither
 */
export function textOf(config: unknown): string {
  const text = typeof config === 'string' ? config : JSON.stringify(config)
  if (text !== undefined) return withoutMark(text)
  throw new TypeError(`the configuration document is ${config === undefined ? 'missing' : `a ${typeof config}`}: an object or JSON text was expected`)
}

/**
 * A document that the engine has accepted.
 *
 * @throws {ConfigurationError} when it is no JSON. The message of `JSON.parse` is not passed on: it quotes the document.
 */
export function parsed<T>(text: string): T {
  try {
    return JSON.parse(text) as T
  } catch {
    throw new ConfigurationError([{ path: 'document', problem: 'JavaScript does not read it as JSON', remedy: 'write it as JSON (RFC 8259), in UTF-8' }])
  }
}
