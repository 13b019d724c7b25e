/** The form of the playground. */
import { signal } from '@preact/signals'

import { JWT_BEARER, REFRESH_TOKEN, TOKEN_EXCHANGE } from '../model.ts'
import { PRESETS } from '../presets.ts'
import { lines } from '../ui/groups.tsx'
import { SIGNS_WITH } from './jwt.ts'
import { type Document, SAMPLE_CLIENT, sampleOf } from './sample.ts'

const TYPE = 'urn:ietf:params:oauth:token-type:'
export const TOKEN_TYPES = ['jwt', 'id_token', 'access_token', 'refresh_token'].map((name) => ({ value: TYPE + name, label: name }))

export interface Draft {
  /** Where to decide. */
  where: 'page' | 'server'
  preset: string
  config: string
  /** Pasted key sets, by the name of the issuer. */
  keys: Record<string, string>
  source: 'made' | 'pasted'
  claims: string
  /** The algorithm of a token that is made here; empty: the one that its issuer would use. */
  alg: string
  token: string
  actor: string
  clientId: string
  grant: string
  tokenType: string
  actorType: string
  requestedType: string
  audience: string
  scope: string
  resource: string
}

export const pretty = (value: unknown) => JSON.stringify(value, null, 2)

/** The members of the form that a preset sets. */
function presetOf(id: string): Partial<Draft> | undefined {
  const preset = PRESETS.find((one) => one.id === id)
  if (preset === undefined) return undefined
  const { document, claims } = sampleOf(preset)
  return { preset: id, config: pretty(document), claims: pretty(claims), source: 'made', alg: '', clientId: SAMPLE_CLIENT, tokenType: TYPE + preset.tokenType, keys: {} }
}

/** Kept while other pages are shown, so that you can fix something and try again. */
export const draft = signal<Draft>({
  where: 'page',
  preset: '',
  config: '',
  keys: {},
  source: 'made',
  claims: '',
  alg: '',
  token: '',
  actor: '',
  clientId: '',
  grant: TOKEN_EXCHANGE,
  tokenType: `${TYPE}jwt`,
  actorType: `${TYPE}jwt`,
  requestedType: '',
  audience: '',
  scope: '',
  resource: '',
  ...presetOf(PRESETS[0]!.id),
})

export function set(change: Partial<Draft>): void {
  draft.value = { ...draft.value, ...change }
}

/** Starts again with a preset. Without one, the form stays as it is. */
export function begin(id: string): void {
  set(presetOf(id) ?? { preset: '' })
}

/** Takes a copy of a server's configuration. */
export function takeOver(document: Document): void {
  const claims = { iss: document.trustedTokenIssuers?.[0]?.issuer ?? '', sub: 'somebody', aud: document.issuer }
  set({ config: pretty(document), preset: '', claims: pretty(claims) })
}

/** The object that a text is, if it is one. */
export function parsed(config: string): Document | undefined {
  try {
    const value: unknown = JSON.parse(config)
    return typeof value === 'object' && value !== null ? (value as Document) : undefined
  } catch {
    return undefined
  }
}

export const issuersOf = (document: Document | undefined) => (Array.isArray(document?.trustedTokenIssuers) ? document.trustedTokenIssuers : [])
export const applicationsOf = (document: Document | undefined) => (Array.isArray(document?.applications) ? document.applications : [])

/** The algorithms that an issuer is restricted to; none if it is not restricted. */
export function algorithmsOf(issuer: Record<string, unknown> | undefined): string[] {
  const allowed = issuer?.['algorithms']
  return Array.isArray(allowed) ? allowed.filter((one) => typeof one === 'string') : []
}

/** The algorithm of a token that is made here: the chosen one, otherwise the first that its issuer allows. */
export function algorithmOf({ alg, config, claims }: Draft): string {
  if (alg !== '') return alg
  const iss: unknown = parsed(claims)?.['iss']
  const allowed = algorithmsOf(issuersOf(parsed(config)).find((one) => one.issuer === iss))
  return SIGNS_WITH.find((one) => allowed.includes(one)) ?? 'ES256'
}

/** Only a token exchange has an actor. */
export const hasActor = ({ grant, actor }: Draft) => grant === TOKEN_EXCHANGE && actor.trim() !== ''

/** The parameters that do not name the client and the token. */
export function parameters(form: Draft): [string, string][] {
  const pairs: [string, string][] = [['grant_type', form.grant]]
  if (form.grant === TOKEN_EXCHANGE) {
    pairs.push(['subject_token_type', form.tokenType])
    if (form.requestedType !== '') pairs.push(['requested_token_type', form.requestedType])
    for (const audience of lines(form.audience)) pairs.push(['audience', audience])
    for (const resource of lines(form.resource)) pairs.push(['resource', resource])
    if (hasActor(form)) pairs.push(['actor_token_type', form.actorType])
  }
  const scope = form.scope.trim().split(/[\s,]+/).join(' ')
  if (scope !== '') pairs.push(['scope', scope])
  return pairs
}

/** The parameter that carries the token. */
export const tokenParameter = (grant: string) => ({ [JWT_BEARER]: 'assertion', [REFRESH_TOKEN]: 'refresh_token' })[grant] ?? 'subject_token'

/** The token request. */
export function request(form: Draft, token: string): URLSearchParams {
  const body = new URLSearchParams([...parameters(form), ['client_id', form.clientId]])
  body.set(tokenParameter(form.grant), token)
  if (hasActor(form)) body.set('actor_token', form.actor.trim())
  return body
}
