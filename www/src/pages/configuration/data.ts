/** What the server says of its configuration, and of a document that is compared with it. */
import { adminToken, CONFIGURATION, Refused, type Seen, send } from '../../api.ts'
import type { Problem } from '../../model.ts'

export interface Difference {
  change: 'added' | 'removed' | 'changed'
  path: string
  before?: unknown
  after?: unknown
  readOnly: boolean
}

/** What an import does to an object. */
export interface Step {
  action: 'create' | 'update' | 'delete'
  resource: string
  name: string
  path: string
}

/** A secret that the server made. It is said once. */
export interface Made {
  clientId: string
  clientSecret: string
}

export interface Plan {
  atomic: boolean
  changes: Step[]
  notImported: Problem[]
  warnings: Problem[]
  differences: Difference[]
  secrets?: Made[]
}

/** Most bytes of a document that the server takes. */
export const MOST_BYTES = 1024 * 1024

export async function exported(): Promise<string> {
  const { body } = await send<unknown>('GET', CONFIGURATION, undefined, adminToken.value)
  return `${JSON.stringify(body, null, 2)}\n`
}

/** The text is sent as it is: the server judges it like the document that it starts with. */
const asJson = (text: string) => new Blob([text], { type: 'application/json' })
const pathOf = (query: Record<string, string>) => `${CONFIGURATION}/import?${new URLSearchParams(query)}`

/** What an import would do. Its version is that of the configuration that was compared with. */
export async function rehearsed(text: string, prune: boolean): Promise<Seen<Plan>> {
  const { body, etag } = await send<Plan>('POST', pathOf({ dryRun: 'true', prune: String(prune) }), asJson(text), adminToken.value)
  return { object: body, etag }
}

/** Imports, unless the configuration has another version by now. */
export async function imported(text: string, prune: boolean, etag: string | null): Promise<Plan> {
  const { body } = await send<Plan>('POST', pathOf({ prune: String(prune) }), asJson(text), adminToken.value, { 'if-match': etag ?? '' })
  return body
}

/** What an import wrote before it stopped. It stays. */
export interface Written {
  applied: Step[]
  secrets: Made[]
}

/** What was written before this error, if anything was: an import of many changes is made in several steps. */
export function writtenBefore(error: unknown): Written | undefined {
  if (!(error instanceof Refused)) return undefined
  const { applied = [], secrets = [] } = (error.body ?? {}) as Partial<Written>
  return applied.length + secrets.length > 0 ? { applied, secrets } : undefined
}

/** The configuration was changed since it was compared. */
export const isStale = (error: unknown) => error instanceof Refused && error.status === 412
