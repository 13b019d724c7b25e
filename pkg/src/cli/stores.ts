/** Stores by the name they have on the command line. */
import { memoryStore } from '../stores/memory.js'
import type { Store } from '../stores/store.js'
import { UsageError, messageOf } from './command.js'

/** The store cannot be opened. */
export class StoreError extends Error {}

/** What opens `memory:`, `sqlite:FILE`, or a PostgreSQL, Redis or libSQL server by its URL. */
export function storeOpener(name: string): () => Promise<Store> {
  const colon = name.indexOf(':')
  const rest = name.slice(colon + 1)
  switch (name.slice(0, colon)) {
    case 'memory':
      return async () => memoryStore()
    case 'sqlite':
      if (rest === '') throw new UsageError('`sqlite:` needs the name of a file')
      return () => opened(name, '@libsql/client', () => openSqlite(`file:${rest}`))
    case 'libsql':
    case 'https':
      return () => opened(name, '@libsql/client', () => openSqlite(name))
    case 'redis':
    case 'rediss':
    case 'redis+cluster':
    case 'rediss+cluster':
      return () => opened(name, 'redis', () => openRedis(name))
    case 'postgres':
    case 'postgresql':
      return () => opened(name, 'pg', () => openPostgres(name))
    default:
      throw new UsageError(
        `\`${withoutPassword(name)}\` is no store: use sqlite:FILE, memory:, or the URL of a PostgreSQL, Redis or libSQL server`,
      )
  }
}

async function openSqlite(url: string): Promise<Store> {
  const { sqliteStore } = await import('../stores/sqlite.js')
  const authToken = storeToken()
  return sqliteStore(authToken === undefined ? url : { url, authToken })
}

async function openRedis(name: string): Promise<Store> {
  const { redisStore } = await import('../stores/redis.js')
  return redisStore(withPassword(name))
}

async function openPostgres(name: string): Promise<Store> {
  const { postgresStore } = await import('../stores/postgres.js')
  return postgresStore(withPassword(name))
}

/** The password or token of the environment. One that is empty is none. */
function storeToken(): string | undefined {
  return process.env['EXCHEQUER_STORE_TOKEN'] || undefined
}

/** The URL with the password of the environment. It may name several hosts, so no `URL` takes it. */
function withPassword(name: string): string {
  const password = storeToken()
  const [, scheme, account = '', rest] = /^([^:]+:\/\/)(?:([^@/]*)@)?(.*)$/.exec(name) ?? []
  if (password === undefined || rest === undefined) return name
  return `${scheme}${account.split(':')[0]}:${encodeURIComponent(password)}@${rest}`
}

async function opened(name: string, needed: string, open: () => Promise<Store>): Promise<Store> {
  try {
    return await open()
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND'
    const why = missing ? `it needs a package: npm install ${needed}` : withoutParts(messageOf(error), name)
    throw new StoreError(`the store \`${withoutPassword(name)}\` cannot be opened: ${why}`, { cause: error })
  }
}

/** URLs in a message. */
const URLS = /[a-z][a-z+]*:[^\s'"`]+/gi

/** What is shorter stands in many a message by chance, and is no secret. */
const SHORTEST = 8

/** The message of a client, which may name the URL, or what stands in its query. */
function withoutParts(message: string, name: string): string {
  const query = name.slice(name.search(/[?#]|$/))
  const parts = [query, ...new URLSearchParams(query.slice(1)).values()].filter((part) => part.length >= SHORTEST)
  return parts.reduce((left, part) => left.replaceAll(part, '…'), message.replace(URLS, withoutPassword))
}

/**
 * The URL without its account, and without its query, which may have a password, too. Of one in
 * which the account cannot be told from the rest, only the scheme is left.
 */
function withoutPassword(name: string): string {
  const [, scheme = '', place = ''] = /^((?:[^:]*:(?:\/\/)?)?)([^?#]*)/.exec(name) ?? []
  const rest = name.slice(scheme.length + place.length)
  if (rest.includes('@')) return `${scheme}…`
  return scheme + place.replace(/^.*@/s, '…@') + (rest === '' ? '' : `${rest[0]}…`)
}
