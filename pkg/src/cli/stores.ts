/** Stores by the name they have on the command line. */
import type { Store } from '../stores/store.js'
import { UsageError, messageOf } from './command.js'

/** The store cannot be opened. */
export class StoreError extends Error {}

/** What opens `memory:`, `sqlite:FILE`, or a libSQL server by its URL. */
export function storeOpener(name: string): () => Promise<Store> {
  const colon = name.indexOf(':')
  const rest = name.slice(colon + 1)
  switch (name.slice(0, colon)) {
    case 'memory':
      return async () => (await import('../stores/memory.js')).memoryStore()
    case 'sqlite':
      if (rest === '') throw new UsageError('`sqlite:` needs the name of a file')
      return () => openSqlite(name, `file:${rest}`)
    case 'libsql':
    case 'https':
      return () => openSqlite(name, name)
    default:
      throw new UsageError(`\`${name}\` is no store: use sqlite:FILE, memory:, or the URL of a libSQL server`)
  }
}

async function openSqlite(name: string, url: string): Promise<Store> {
  try {
    const { sqliteStore } = await import('../stores/sqlite.js')
    const authToken = process.env['EXCHEQUER_STORE_TOKEN']
    return await sqliteStore(authToken === undefined ? url : { url, authToken })
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND'
    const why = missing ? 'the package `@libsql/client` is not installed' : messageOf(error)
    throw new StoreError(`the store \`${name}\` cannot be opened: ${why}`, { cause: error })
  }
}
