/** The form of the playground: where it is decided, by which configuration, about which token and request. */
import { GRANTS, TOKEN_EXCHANGE } from '../model.ts'
import { Traps } from '../pages/issuer/preset.tsx'
import { PRESETS } from '../presets.ts'
import { Area, Cards, Choice, Segments, Text } from '../ui/fields.tsx'
import { Fold, Group } from '../ui/groups.tsx'
import { Notice } from '../ui/words.tsx'
import { algorithmOf, type Draft, issuersOf, parsed, set, TOKEN_TYPES } from './draft.ts'
import { SIGNS_WITH } from './jwt.ts'
import { outcome } from './run.ts'

const PLACES: { value: Draft['where']; label: string; about: string }[] = [
  { value: 'page', label: 'In this page', about: 'with a configuration you paste; nothing leaves the page' },
  { value: 'server', label: 'On this server', about: 'with its issuers, keys and accounts; the token is sent to it, and nothing is issued' },
]

/** What was decided elsewhere is not decided here. */
function move(where: Draft['where']): void {
  outcome.value = undefined
  set({ where, ...(where === 'server' && { source: 'pasted' }) })
}

export function Where({ form }: { form: Draft }) {
  return (
    <Group title="Where it is decided">
      <Cards label="Where it is decided" value={form.where} onInput={move} options={PLACES} />
    </Group>
  )
}

const BEGINNINGS = [{ value: '', label: 'a configuration of your own' }, ...PRESETS.map(({ id, label }) => ({ value: id, label }))]

interface ConfigurationProps {
  form: Draft
  onBegin: (id: string) => void
  /** For whoever is signed in to a server. */
  onTake: (() => void) | undefined
  /** What the server has, and the document that was taken has not. */
  without: string[]
}

export function Configuration({ form, onBegin, onTake, without }: ConfigurationProps) {
  const preset = PRESETS.find((one) => one.id === form.preset)
  return (
    <Group title="Configuration">
      <div class="grid-2">
        <Choice label="Begin with" value={form.preset} onInput={onBegin} options={BEGINNINGS} />
        {onTake !== undefined && (
          <div class="field take">
            <button type="button" class="outline" onClick={onTake}>
              Take this server’s
            </button>
          </div>
        )}
      </div>
      <div id="configuration">
        <Area
          label="Configuration document"
          name="config"
          rows={22}
          value={form.config}
          onInput={(config) => set({ config, preset: '' })}
          hint="Secrets and signing keys in it are not used."
        />
      </div>
      {without.length > 0 && (
        <Notice kind="warn" title="Not all of it was taken">
          <p>Without {without.join(', ')}. “On this server” decides with all of them.</p>
        </Notice>
      )}
      {preset !== undefined && (
        <Fold title={`What goes wrong with ${preset.label}`}>
          <Traps preset={preset} />
        </Fold>
      )}
    </Group>
  )
}

const SOURCES: { value: Draft['source']; label: string }[] = [
  { value: 'made', label: 'Make one' },
  { value: 'pasted', label: 'Paste one' },
]

export function SubjectToken({ form }: { form: Draft }) {
  const there = form.where === 'server'
  return (
    <Group title="Subject token">
      {!there && <Segments label="Subject token" value={form.source} onInput={(source) => set({ source })} options={SOURCES} />}
      {form.source === 'made' && !there ? <Claims form={form} /> : <Token form={form} />}
      {!there && form.source === 'pasted' && <KeySets form={form} />}
    </Group>
  )
}

function Claims({ form }: { form: Draft }) {
  const own = { value: '', label: `as the issuer would (${algorithmOf({ ...form, alg: '' })})` }
  return (
    <>
      <Area
        label="Claims"
        name="claims"
        rows={10}
        value={form.claims}
        onInput={(claims) => set({ claims })}
        hint="iat, exp and jti are added if they are not there."
      />
      <Choice
        label="Signed with"
        value={form.alg}
        onInput={(alg) => set({ alg })}
        options={[own, ...SIGNS_WITH.map((alg) => ({ value: alg, label: alg }))]}
        hint="By a key of this page, which stands in for the issuer’s."
      />
    </>
  )
}

function Token({ form }: { form: Draft }) {
  const hint = form.where === 'server' ? 'It is sent to the server you are signed in to, and nowhere else.' : 'It does not leave this page.'
  return <Area label="Token" name="token" rows={5} value={form.token} onInput={(token) => set({ token })} hint={hint} />
}

/** What the issuers' URLs would answer, which nobody fetches here. */
function KeySets({ form }: { form: Draft }) {
  const unfetched = issuersOf(parsed(form.config)).filter(({ certificate }) => certificate?.['jwksUri'] !== undefined || certificate?.['discovery'] === true)
  return (
    <>
      {unfetched.map(({ name }) => (
        <Area
          key={name}
          label={`Key set of ${name}`}
          name={`keys.${name}`}
          rows={4}
          value={form.keys[name] ?? ''}
          onInput={(text) => set({ keys: { ...form.keys, [name]: text } })}
          hint="This page fetches nothing: paste what its JWKS URL answers."
        />
      ))}
    </>
  )
}

const REQUESTED = [{ value: '', label: 'access_token (default)' }, ...TOKEN_TYPES.filter(({ label }) => label !== 'access_token')]
const GRANT_TYPES = GRANTS.map(({ name, label }) => ({ value: name, label }))

export function Request({ form, clients }: { form: Draft; clients: { value: string; label: string }[] }) {
  const clientId = { value: form.clientId, onInput: (clientId: string) => set({ clientId }) }
  const exchanges = form.grant === TOKEN_EXCHANGE
  return (
    <Group title="Request">
      <div class="grid-2">
        {clients.length > 0 ? <Choice label="Application" {...clientId} options={clients} /> : <Text label="Client id" {...clientId} />}
        <Choice label="Grant type" value={form.grant} onInput={(grant) => set({ grant })} options={GRANT_TYPES} />
        {exchanges && (
          <>
            <Choice label="Type of the subject token" value={form.tokenType} onInput={(tokenType) => set({ tokenType })} options={TOKEN_TYPES} />
            <Choice label="Requested token type" value={form.requestedType} onInput={(requestedType) => set({ requestedType })} options={REQUESTED} />
            <Text label="Audience" value={form.audience} onInput={(audience) => set({ audience })} placeholder="the application’s own" hint="Several: with commas between them." />
          </>
        )}
        <Text label="Scope" value={form.scope} onInput={(scope) => set({ scope })} placeholder="the defaults" hint="Several: with spaces between them." />
      </div>
      {exchanges && <Further form={form} />}
    </Group>
  )
}

/** Parameters that few requests have. */
function Further({ form }: { form: Draft }) {
  return (
    <Fold title="Resource and actor" open={form.actor !== '' || form.resource !== ''}>
      <Text label="Resource" value={form.resource} onInput={(resource) => set({ resource })} type="url" />
      <Area label="Actor token" rows={3} value={form.actor} onInput={(actor) => set({ actor })} />
      <Choice label="Type of the actor token" value={form.actorType} onInput={(actorType) => set({ actorType })} options={TOKEN_TYPES} />
    </Fold>
  )
}
