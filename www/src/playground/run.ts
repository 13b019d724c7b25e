/** Decides about the draft: with the engine in the page, or on the server. */
import { signal } from '@preact/signals'

import { call, type Complaint } from '../api.ts'
import type { Explanation } from '../model.ts'
import { t } from '../texts/index.ts'
import { algorithmOf, algorithmsOf, type Draft, issuersOf, parsed, request } from './draft.ts'
import { keySet, signed } from './jwt.ts'
import type { Document } from './sample.ts'

export interface Outcome {
  said: Explanation
  /** The subject token. */
  token: string
  grant: string
  /** A key of this page replaced the issuer's keys. */
  stood: boolean
}

/** Kept while other pages are shown, as the draft is. */
export const outcome = signal<Outcome | undefined>(undefined)

/** A field of the form has a value that cannot be used. */
class Mistyped extends Error {
  readonly complaints: Complaint[]

  constructor(path: string, text: string) {
    super(text)
    this.complaints = [{ path, text }]
  }
}

/** The JSON object that was typed into a field. */
function object<T extends object>(text: string, field: string): T {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new Mistyped(field, t().playground.notJson((error as Error).message))
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Mistyped(field, t().playground.notObject)
  return value as T
}

/** A token with the claims that were typed. Missing times are set from the clock. */
async function make(form: Draft): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  return signed({ iat: now, exp: now + 300, jti: crypto.randomUUID(), ...object(form.claims, 'claims') }, algorithmOf(form))
}

/** The token that was pasted. */
function pasted(form: Draft): string {
  const token = form.token.trim()
  if (token === '') throw new Mistyped('token', t().playground.noToken)
  return token
}

/** The document for one run: keys that were pasted or made here replace keys that would be fetched. */
async function prepared(form: Draft): Promise<{ config: Document; stood: boolean }> {
  const { keys: _, ...config } = object<Document>(form.config, 'config')
  const made: unknown = form.source === 'made' ? parsed(form.claims)?.['iss'] : undefined
  let stood = false
  for (const issuer of issuersOf(config)) {
    const text = form.keys[issuer.name]?.trim()
    if (issuer.issuer === made) {
      // The issuer needs a key for every algorithm that it may use.
      issuer.certificate = { jwks: await keySet(new Set([algorithmOf(form), ...algorithmsOf(issuer)])) }
      stood = true
    } else if (text) {
      issuer.certificate = { jwks: object(text, `keys.${issuer.name}`) }
    }
  }
  return { config, stood }
}

export async function run(form: Draft): Promise<void> {
  outcome.value = undefined
  const { grant } = form
  if (form.where === 'server') {
    const token = pasted(form)
    outcome.value = { said: await call<Explanation>('POST', 'oauth2/explain', request(form, token)), token, grant, stood: false }
    return
  }
  const { config, stood } = await prepared(form)
  const token = form.source === 'made' ? await make(form) : pasted(form)
  const { explain } = await import('./engine.ts')
  outcome.value = { said: await explain(config, request(form, token)), token, grant, stood }
}
