/** The entry of a platform, but for Node's: the same two functions, bound to what the platform brings. */
import { type Platform, create, systemClock } from '../create.js'
import type { Memory } from '../engine-memory.js'
import { initSync } from '../glue.js'
import { validateWith } from '../validate.js'

/** Their types and what they promise are those of Node's entry. */
type Bound = Pick<typeof import('./node.js'), 'createExchequer' | 'validate'>

interface Brought {
  /** The engine, compiled or not; called when it is first needed. */
  module: () => WebAssembly.Module | BufferSource
  /** As in {@link Platform}. */
  crypto: Platform['crypto']
  /** As in {@link Platform}. */
  joinsFetches: boolean
}

export function bind({ module, crypto, joinsFetches }: Brought): Bound {
  let memory: Memory | undefined
  const platform: Platform = {
    memory: () => (memory ??= initSync({ module: module() }).memory),
    crypto,
    secrets: fromEnvironment,
    joinsFetches,
  }
  return {
    createExchequer: async (config, options = {}) => create(platform, config, options),
    validate: (token, options) => {
      platform.memory()
      return validateWith(token, options, options.now ?? systemClock())
    },
  }
}

/** Some runtimes have Node's `process`, most have no environment, and none reads files here. */
function fromEnvironment(kind: 'env' | 'file', name: string): string {
  if (kind === 'file') throw new Error('files are read in Node alone; use `env`, or give `secrets` to createExchequer')
  const value = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.[name]
  if (!value) throw new Error('it is not set; `secrets` given to createExchequer may know it')
  return value
}
