/** "Try it out": why a token is accepted or refused, and where to change it. */
import { signal } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'

import { adminToken, call } from '../api.ts'
import { type Explanation, GRANTS, JWT_BEARER, REFRESH_TOKEN, TOKEN_EXCHANGE } from '../model.ts'
import { PRESETS } from '../presets.ts'
import { route, to } from '../route.ts'
import { Area, Choice, Code, ErrorNotice, Fold, Group, Heading, lines, Notice, Text, Ticked } from '../ui.tsx'
import { decoded, type MadeWith, publicKeys, signed } from './jwt.ts'
import { type Document, OWN_ISSUER, sampleOf } from './sample.ts'
import { documentOfServer, issuerOfServer, type Known, known } from './server.ts'
import { Snippets } from './snippets.tsx'
import { type Place, Trace, Verdict } from './trace.tsx'

const TYPE = 'urn:ietf:params:oauth:token-type:'
const TOKEN_TYPES = ['jwt', 'id_token', 'access_token', 'refresh_token'].map((name) => ({ value: TYPE + name, label: name }))

interface Draft {
  /** Where it is decided. */
  where: 'page' | 'server'
  preset: string
  config: string
  /** Key sets of issuers that the page may not fetch, by the issuer's name. */
  keys: Record<string, string>
  source: 'made' | 'pasted'
  claims: string
  issuer: string
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

const pretty = (value: unknown) => JSON.stringify(value, null, 2)
const first = sampleOf(PRESETS[0]!)

/** Outlives the page: whoever goes to mend something finds it as it was. */
const draft = signal<Draft>({
  where: 'page',
  preset: PRESETS[0]!.id,
  config: pretty(first.document),
  keys: {},
  source: 'made',
  claims: pretty(first.claims),
  issuer: '',
  token: '',
  actor: '',
  clientId: 'deploy-bot',
  grant: TOKEN_EXCHANGE,
  tokenType: `${TYPE}jwt`,
  actorType: `${TYPE}jwt`,
  requestedType: '',
  audience: '',
  scope: '',
  resource: '',
})
const outcome = signal<{ said: Explanation; token: string; stood: boolean } | undefined>(undefined)

function parsed(config: string): Document | undefined {
  try {
    const value: unknown = JSON.parse(config)
    return typeof value === 'object' && value !== null ? (value as Document) : undefined
  } catch {
    return undefined
  }
}

/** The parameters that do not name the client and the token. */
function parameters(form: Draft): [string, string][] {
  const pairs: [string, string][] = [['grant_type', form.grant]]
  if (form.grant === TOKEN_EXCHANGE) {
    pairs.push(['subject_token_type', form.tokenType])
    if (form.requestedType !== '') pairs.push(['requested_token_type', form.requestedType])
    for (const audience of lines(form.audience)) pairs.push(['audience', audience])
    for (const resource of lines(form.resource)) pairs.push(['resource', resource])
  }
  const scope = form.scope.trim().split(/[\s,]+/).join(' ')
  if (scope !== '') pairs.push(['scope', scope])
  return pairs
}

function request(form: Draft, token: string): URLSearchParams {
  const body = new URLSearchParams([...parameters(form), ['client_id', form.clientId]])
  body.set({ [JWT_BEARER]: 'assertion', [REFRESH_TOKEN]: 'refresh_token' }[form.grant] ?? 'subject_token', token)
  if (form.actor.trim() !== '') {
    body.set('actor_token', form.actor.trim())
    body.set('actor_token_type', form.actorType)
  }
  return body
}

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

/** The document for one run: keys that were pasted or made here take the place of those that would be fetched. */
async function prepared(form: Draft): Promise<{ config: Record<string, unknown>; stood: boolean; alg: MadeWith }> {
  const document = parsed(form.config)
  if (document === undefined) throw new Error('The configuration is no JSON object.')
  const { keys: _, ...config } = structuredClone(document)
  const issuers = Array.isArray(config.trustedTokenIssuers) ? config.trustedTokenIssuers : []
  const made = form.source === 'made' ? (parsed(form.claims)?.['iss'] as unknown) : undefined
  let stood = false
  let alg: MadeWith = 'ES256'
  for (const issuer of issuers) {
    const pasted = form.keys[issuer.name]?.trim()
    if (issuer.issuer === made) {
      // Of the issuer's algorithms those that this page has keys for.
      const allowed = Array.isArray(issuer['algorithms']) ? (issuer['algorithms'] as string[]) : []
      const usable = (['RS256', 'ES256'] as const).filter((one) => allowed.includes(one))
      alg = usable[0] ?? 'ES256'
      if (allowed.length > 0) issuer['algorithms'] = usable.length > 0 ? usable : [alg]
      issuer.certificate = { jwks: await publicKeys(usable.length > 0 ? [...usable] : [alg]) }
      stood = true
    } else if (pasted) {
      issuer.certificate = { jwks: JSON.parse(pasted) as unknown }
    }
  }
  return { config, stood, alg }
}

async function run(form: Draft): Promise<void> {
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

export function Playground() {
  const form = draft.value
  const set = (change: Partial<Draft>): void => {
    draft.value = { ...draft.value, ...change }
  }
  const signedIn = adminToken.value !== undefined
  const [server, setServer] = useState<{ known: Known; issuer: string }>()
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const result = useRef<HTMLElement>(null)
  const { query } = route.value

  useEffect(() => {
    const [issuer, client] = [query.get('issuer'), query.get('client')]
    if (signedIn && (issuer !== null || client !== null)) {
      set({ where: 'server', source: 'pasted', ...(client !== null && { clientId: client }) })
    }
    if (!signedIn) return set({ where: 'page' })
    Promise.all([known(), issuerOfServer()]).then(([known, issuer]) => setServer({ known, issuer }), setError)
  }, [signedIn])

  const there = form.where === 'server'
  const document = parsed(form.config)
  const issuers = Array.isArray(document?.trustedTokenIssuers) ? document.trustedTokenIssuers : []
  const clients = there
    ? (server?.known.applications ?? []).map(({ clientId, name }) => ({ value: clientId, label: `${name} (${clientId})` }))
    : (Array.isArray(document?.applications) ? document.applications : []).map(({ clientId, name }) => ({ value: clientId, label: name === undefined ? clientId : `${name} (${clientId})` }))
  const clientId = clients.some(({ value }) => value === form.clientId) || clients.length === 0 ? form.clientId : clients[0]!.value
  const complete = { ...form, clientId }

  const go = async (event?: Event) => {
    event?.preventDefault()
    setBusy(true)
    setError(undefined)
    try {
      draft.value = complete
      await run(complete)
      setTimeout(() => result.current?.scrollIntoView({ behavior: 'auto', block: 'start' }), 0)
    } catch (thrown) {
      outcome.value = undefined
      setError(thrown)
    } finally {
      setBusy(false)
    }
  }

  const take = async () => {
    setError(undefined)
    try {
      const document = await documentOfServer()
      set({ config: pretty(document), preset: '', claims: pretty({ iss: document.trustedTokenIssuers?.[0]?.issuer ?? '', sub: 'somebody', aud: document.issuer }) })
    } catch (thrown) {
      setError(thrown)
    }
  }

  const begin = (id: string) => {
    const preset = PRESETS.find((one) => one.id === id)
    if (preset === undefined) return set({ preset: '' })
    const sample = sampleOf(preset)
    outcome.value = undefined
    set({ preset: id, config: pretty(sample.document), claims: pretty(sample.claims), source: 'made', clientId: 'deploy-bot', tokenType: TYPE + preset.tokenType, keys: {} })
  }

  const seen = outcome.value
  const place = placeOf({ there, server: server?.known, seen, clientId })
  const preset = PRESETS.find((one) => one.id === form.preset)
  const unfetched = there || form.source === 'made' ? [] : issuers.filter(({ certificate }) => certificate?.['jwksUri'] !== undefined || certificate?.['discovery'] === true)
  const typeOfClient = there ? server?.known.applications.find((one) => one.clientId === clientId)?.type : document?.applications?.find((one) => one.clientId === clientId)?.type
  return (
    <>
      <Heading title="Playground" about="Why is a token accepted or refused? The engine decides here as the token endpoint would, and says what it compared." />
      <form onSubmit={go} noValidate aria-busy={busy ? 'true' : undefined}>
        {signedIn && (
          <Group title="Where it is decided">
            <div class="choices" role="radiogroup" aria-label="Where it is decided">
              <label class="choice">
                <input type="radio" name="where" checked={!there} onChange={() => set({ where: 'page' })} />
                <span>
                  <strong>In this page</strong>
                  <small>with a configuration you paste; nothing leaves the page</small>
                </span>
              </label>
              <label class="choice">
                <input type="radio" name="where" checked={there} onChange={() => set({ where: 'server', source: 'pasted' })} />
                <span>
                  <strong>On this server</strong>
                  <small>with its issuers, keys and accounts; the token is sent to it, and nothing is issued</small>
                </span>
              </label>
            </div>
          </Group>
        )}
        {!there && (
          <Group title="Configuration">
            <div class="grid-2">
              <Choice label="Begin with" value={form.preset} onInput={begin} options={[{ value: '', label: 'a configuration of your own' }, ...PRESETS.map(({ id, label }) => ({ value: id, label }))]} />
              {signedIn && (
                <div class="field take">
                  <button type="button" class="outline" onClick={() => void take()}>
                    Take this server’s
                  </button>
                </div>
              )}
            </div>
            <div id="configuration">
              <Area label="Configuration document" rows={14} value={form.config} onInput={(config) => set({ config, preset: '' })} hint="Secrets and signing keys in it are not used." />
            </div>
            {preset !== undefined && (
              <Fold title={`What goes wrong with ${preset.label}`}>
                <ul class="traps">
                  {preset.traps.map((trap) => (
                    <li key={trap}>
                      <Ticked text={trap} />
                    </li>
                  ))}
                </ul>
              </Fold>
            )}
          </Group>
        )}
        <Group title="Subject token">
          {!there && (
            <div class="segments" role="radiogroup" aria-label="Subject token">
              <label>
                <input type="radio" name="subject" checked={form.source === 'made'} onChange={() => set({ source: 'made' })} />
                Make one
              </label>
              <label>
                <input type="radio" name="subject" checked={form.source === 'pasted'} onChange={() => set({ source: 'pasted' })} />
                Paste one
              </label>
            </div>
          )}
          {form.source === 'made' && !there ? (
            <Area label="Claims" rows={10} value={form.claims} onInput={(claims) => set({ claims })} hint="Signed with a key of this page, which stands in for the issuer’s. iat, exp and jti are added if they are not there." />
          ) : (
            <Area label="Token" rows={5} value={form.token} onInput={(token) => set({ token })} hint={there ? 'It is sent to the server you are signed in to, and nowhere else.' : 'It does not leave this page.'} />
          )}
          {unfetched.map(({ name }) => (
            <Area key={name} label={`Key set of ${name}`} rows={4} value={form.keys[name] ?? ''} onInput={(text) => set({ keys: { ...form.keys, [name]: text } })} hint="This page fetches nothing: paste what its JWKS URL answers." />
          ))}
        </Group>
        <Group title="Request">
          <div class="grid-2">
            {clients.length > 0 ? <Choice label="Application" value={clientId} onInput={(clientId) => set({ clientId })} options={clients} /> : <Text label="Client id" value={form.clientId} onInput={(clientId) => set({ clientId })} />}
            <Choice label="Grant type" value={form.grant} onInput={(grant) => set({ grant })} options={GRANTS.map(({ name, label }) => ({ value: name, label }))} />
            {form.grant === TOKEN_EXCHANGE && (
              <>
                <Choice label="Type of the subject token" value={form.tokenType} onInput={(tokenType) => set({ tokenType })} options={TOKEN_TYPES} />
                <Text label="Audience" value={form.audience} onInput={(audience) => set({ audience })} placeholder="the application’s own" />
              </>
            )}
            <Text label="Scope" value={form.scope} onInput={(scope) => set({ scope })} placeholder="the defaults" />
          </div>
          {form.grant === TOKEN_EXCHANGE && (
            <Fold title="Resource, requested type, actor" open={form.actor !== '' || form.resource !== '' || form.requestedType !== ''}>
              <div class="grid-2">
                <Text label="Resource" value={form.resource} onInput={(resource) => set({ resource })} type="url" />
                <Choice label="Requested token type" value={form.requestedType} onInput={(requestedType) => set({ requestedType })} options={[{ value: '', label: 'access_token (default)' }, ...TOKEN_TYPES]} />
              </div>
              <Area label="Actor token" rows={3} value={form.actor} onInput={(actor) => set({ actor })} />
              <Choice label="Type of the actor token" value={form.actorType} onInput={(actorType) => set({ actorType })} options={TOKEN_TYPES} />
            </Fold>
          )}
        </Group>
        <div class="actions">
          <button type="submit" disabled={busy} aria-busy={busy}>
            Try it out
          </button>
        </div>
      </form>
      <ErrorNotice error={error} />
      <section class="outcome-of-run" aria-label="Decision" ref={result} aria-live="polite">
        {seen !== undefined && (
          <>
            <h2>Decision</h2>
            <Verdict said={seen.said} place={place} />
            {seen.stood && (
              <Notice kind="info">
                <p>The token was signed with a key of this page, which stood in for the issuer’s.</p>
              </Notice>
            )}
            {seen.said.reason?.endsWith('key.unavailable') && !there && (
              <Notice kind="warn">
                <p>This page fetches nothing. Paste the issuer’s key set above, or make a token here.</p>
              </Notice>
            )}
            <Trace checks={seen.said.checks} place={place} />
            <Side token={seen.token} said={seen.said} />
          </>
        )}
      </section>
      {seen !== undefined && (
        <Snippets
          base={(there ? server?.issuer : document?.issuer) ?? OWN_ISSUER}
          clientId={clientId}
          isPublic={typeOfClient === 'mobile' || typeOfClient === 'spa'}
          parameters={parameters(complete)}
          grant={form.grant}
          {...(!there && document !== undefined && { config: document })}
        />
      )}
    </>
  )
}

/** What came in beside what would go out. */
function Side({ token, said }: { token: string; said: Explanation }) {
  const { header, payload } = decoded(token)
  return (
    <div class="side">
      <section aria-label="Subject token">
        <h2>In: the subject token</h2>
        {header === undefined && payload === undefined ? <p class="quiet">It is no JWT.</p> : <Code label="Subject token, decoded" text={[header, payload].filter(Boolean).map(pretty).join('\n')} />}
      </section>
      <section aria-label="Issued token">
        <h2>Out: what would be issued</h2>
        {said.issued === undefined ? <p class="quiet">Nothing.</p> : <Code label="Issued token, decoded" text={pretty(said.issued.claims)} />}
        {said.issued !== undefined && <p class="quiet">Reply: {Object.entries(said.issued.reply).map(([name, value]) => `${name} ${String(value)}`).join(' · ')}{said.issued.refreshToken ? ' · with a refresh token' : ''}</p>}
      </section>
    </div>
  )
}

interface Seen {
  there: boolean
  server: Known | undefined
  seen: { said: Explanation; token: string } | undefined
  clientId: string
}

/** Where the answer of a check can be changed: a field of the console, or a line of the configuration. */
function placeOf({ there, server, seen, clientId }: Seen): Place {
  const iss = decoded(seen?.token ?? '').payload?.['iss']
  return ({ of, field }) => {
    if (of === undefined) return undefined
    const suffix = `?${new URLSearchParams({ ...(field !== undefined && { field }), back: 'playground' })}`
    if (there) {
      if (server === undefined) return undefined
      if (of === 'application') {
        const application = server.applications.find((one) => one.clientId === clientId)
        return application && { href: to('applications', application.id) + suffix, label: application.name }
      }
      if (of === 'issuer') {
        const issuer = server.issuers.find((one) => one.issuer === iss)
        return issuer === undefined ? { href: to('issuers', 'new'), label: 'a new issuer' } : { href: to('issuers', issuer.id) + suffix, label: issuer.name }
      }
      return { href: to('users'), label: 'the users' }
    }
    const anchor = of === 'application' ? `"clientId": ${JSON.stringify(clientId)}` : of === 'issuer' ? `"issuer": ${JSON.stringify(iss)}` : '"users"'
    return { act: () => point(anchor, field), label: field === undefined ? 'in the configuration' : `${field.split('.')[0]} in the configuration` }
  }
}

/** Selects the member in the text of the configuration. */
function point(anchor: string, field: string | undefined): void {
  const area = document.querySelector<HTMLTextAreaElement>('#configuration textarea')
  if (area === null) return
  const start = Math.max(0, area.value.indexOf(anchor))
  const named = field === undefined ? -1 : area.value.indexOf(`"${field.split('.')[0]}"`, start)
  const [from, length] = named < 0 ? [start, anchor.length] : [named, field!.split('.')[0]!.length + 2]
  area.focus()
  area.setSelectionRange(from, from + length)
  const line = area.value.slice(0, from).split('\n').length
  area.scrollTop = Math.max(0, (line - 4) * Number.parseFloat(getComputedStyle(area).lineHeight))
  area.scrollIntoView({ block: 'center' })
}
