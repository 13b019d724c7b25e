/** Entry for Node and Bun: WebAssembly from the file beside it, signatures by `node:crypto`. */
import { create, systemClock } from '../create.js'
import type { Exchequer } from '../exchequer.js'
import type { ExchequerConfig } from '../generated/config.js'
import type { ExchequerOptions } from '../options.js'
import { nodePlatform } from '../node/platform.js'
import { type ValidateOptions, type Validity, validateWith } from '../validate.js'

export * from '../index.js'

/**
 * Makes a service from a configuration document.
 *
 * @param config the document, as an object or as JSON text
 * @throws {ConfigurationError} with everything that is wrong with the document
 */
export async function createExchequer(config: ExchequerConfig | string, options: ExchequerOptions = {}): Promise<Exchequer> {
  return create(nodePlatform, config, options)
}

/**
 * Validates a token of any issuer with keys that are at hand. Synchronous;
 * nothing is fetched, read or written.
 */
export function validate(token: string, options: ValidateOptions): Validity {
  nodePlatform.memory()
  return validateWith(token, options, options.now ?? systemClock())
}
