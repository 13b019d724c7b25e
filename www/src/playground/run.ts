/** Decides what is in the draft: by the engine in the page, or by the server. */
import { signal } from '@preact/signals'

import { call } from '../api.ts'
import type { Explanation } from '../model.ts'
import { type Draft, issuersOf, parsed, request } from './draft.ts'
import { type MadeWith, publicKeys, signed } from './jwt.ts'
import type { Document } from './sample.ts'

export interface Outcome {
  said: Explanation
  /** What was decided about. */
  token: string
  /** A key of this page stood in for the issuer's. */
  stood: boolean
}

/** Outlives the page, as the draft does. */
export const outcome = signal<Outcome | undefined>(undefined)

/** A token with the claims that were typed; times it does not name are now. */
async function make(form: Draft, alg: MadeWith): Promise<string> {
  let claims: Record<string, unknown>
  try {
    claims = JSON.parse(form.claims) as Record<string, unknown>
  } catch (error) {
    throw new Error(`The claims are no JSON: ${(error as Error).message}`)
  }
  const now = Math.floor(Date.now() / 1000)
  return signed({ iat: now, exp: now + 300, jti: crypto.randomUUID(), ...claims }, alg)
}

/** Lets a key of this page stand in for the issuer's: of its algorithms those that the page has keys for. */
async function standIn(issuer: ReturnType<typeof issuersOf>[number]): Promise<MadeWith> {
  const allowed = Array.isArray(issuer['algorithms']) ? (issuer['algorithms'] as string[]) : []
  const usable = (['RS256', 'ES256'] as const).filter((one) => allowed.includes(one))
  const alg = usable[0] ?? 'ES256'
  if (allowed.length > 0) issuer['algorithms'] = usable.length > 0 ? usable : [alg]
  issuer.certificate = { jwks: await publicKeys(usable.length > 0 ? [...usable] : [alg]) }
  return alg
}

/** The document for one run: keys that were pasted or made here take the place of those that would be fetched. */
async function prepared(form: Draft): Promise<{ config: Document; stood: boolean; alg: MadeWith }> {
  const document = parsed(form.config)
  if (document === undefined) throw new Error('The configuration is no JSON object.')
  const { keys: _, ...config } = structuredClone(document)
  const made = form.source === 'made' ? (parsed(form.claims)?.['iss'] as unknown) : undefined
  let stood = false
  let alg: MadeWith = 'ES256'
  for (const issuer of issuersOf(config)) {
    const pasted = form.keys[issuer.name]?.trim()
    if (issuer.issuer === made) {
      alg = await standIn(issuer)
      stood = true
    } else if (pasted) {
      issuer.certificate = { jwks: JSON.parse(pasted) as unknown }
    }
  }
  return { config, stood, alg }
}

export async function run(form: Draft): Promise<void> {
  if (form.where === 'server') {
    const token = form.token.trim()
    outcome.value = { said: await call<Explanation>('POST', 'oauth2/explain', request(form, token)), token, stood: false }
    return
  }
  const { config, stood, alg } = await prepared(form)
  const token = form.source === 'made' ? await make(form, alg) : form.token.trim()
  const { explain } = await import('./engine.ts')
  outcome.value = { said: await explain(config, request(form, token)), token, stood }
}
