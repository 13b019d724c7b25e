/** Tokens and secrets that are given to a command, and how: not as arguments, which everybody on the machine can read. */
import { readFileSync } from 'node:fs'

import { UsageError } from './command.js'

/** The longest that is read of a file with a token in it. */
const MAX_BYTES = 64 * 1024

/** Reads tokens; standard input is read for one of them. */
export class Input {
  #taken: string | undefined

  /** `-` for standard input, or `@FILE`. */
  token(flag: string, given: string): string {
    if (given === '-') return this.#standardInput(flag)
    if (given.startsWith('@')) return fromFile(flag, given.slice(1))
    throw new UsageError(
      `${flag} takes \`-\` for standard input or \`@FILE\`: what stands on the command line is seen by everybody on this machine`,
    )
  }

  /** The same, or the token itself. */
  tokenOrText(flag: string, given: string): string {
    return given === '-' || given.startsWith('@') ? this.token(flag, given) : given
  }

  #standardInput(flag: string): string {
    if (this.#taken !== undefined) throw new UsageError(`${this.#taken} and ${flag} cannot both be \`-\``)
    this.#taken = flag
    return trimmed(flag, 'standard input', 0)
  }
}

export function fromFile(flag: string, path: string): string {
  return trimmed(flag, `\`${path}\``, path)
}

function trimmed(flag: string, where: string, file: string | 0): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new UsageError(`${flag}: ${where} cannot be read (${(error as NodeJS.ErrnoException).code ?? error})`)
  }
  if (text === '') throw new UsageError(`${flag}: ${where} is empty`)
  if (text.length > MAX_BYTES) throw new UsageError(`${flag}: ${where} is longer than 64 KiB, which no token is`)
  return text
}

/** A token type by its URN, or by the last word of it. */
export function tokenType(name: string): string {
  return name.includes(':') ? name : `urn:ietf:params:oauth:token-type:${name}`
}

/** The claims of a JWT as they stand there, unverified; `undefined` for what is none. */
export function unverifiedClaims(token: string): Record<string, unknown> | undefined {
  const [, payload, , more] = token.split('.')
  if (payload === undefined || more !== undefined) return undefined
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
