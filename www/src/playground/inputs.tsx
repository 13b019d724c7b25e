/** The form of the playground: where it is decided, by which configuration, about which token and request. */
import { GRANTS, TOKEN_EXCHANGE } from '../model.ts'
import { Traps } from '../pages/issuer/preset.tsx'
import { PRESETS } from '../presets.ts'
import { Area, Cards, Choice, Segments, Text } from '../ui/fields.tsx'
import { Fold, Group } from '../ui/groups.tsx'
import { type Draft, issuersOf, parsed, set, TOKEN_TYPES } from './draft.ts'

const PLACES: { value: Draft['where']; label: string; about: string }[] = [
  { value: 'page', label: 'In this page', about: 'with a configuration you paste; nothing leaves the page' },
  { value: 'server', label: 'On this server', about: 'with its issuers, keys and accounts; the token is sent to it, and nothing is issued' },
]

export function Where({ form }: { form: Draft }) {
  return (
    <Group title="Where it is decided">
      <Cards label="Where it is decided" value={form.where} onInput={(where) => set({ where, ...(where === 'server' && { source: 'pasted' }) })} options={PLACES} />
    </Group>
  )
}

const BEGINNINGS = [{ value: '', label: 'a configuration of your own' }, ...PRESETS.map(({ id, label }) => ({ value: id, label }))]

/** `onTake` is there for whoever is signed in to a server. */
export function Configuration({ form, onBegin, onTake }: { form: Draft; onBegin: (id: string) => void; onTake: (() => void) | undefined }) {
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
          rows={14}
          value={form.config}
          onInput={(config) => set({ config, preset: '' })}
          hint="Secrets and signing keys in it are not used."
        />
      </div>
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
      {form.source === 'made' && !there ? (
        <Area
          label="Claims"
          rows={10}
          value={form.claims}
          onInput={(claims) => set({ claims })}
          hint="Signed with a key of this page, which stands in for the issuer’s. iat, exp and jti are added if they are not there."
        />
      ) : (
        <Area
          label="Token"
          rows={5}
          value={form.token}
          onInput={(token) => set({ token })}
          hint={there ? 'It is sent to the server you are signed in to, and nowhere else.' : 'It does not leave this page.'}
        />
      )}
      {!there && form.source === 'pasted' && <KeySets form={form} />}
    </Group>
  )
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
          rows={4}
          value={form.keys[name] ?? ''}
          onInput={(text) => set({ keys: { ...form.keys, [name]: text } })}
          hint="This page fetches nothing: paste what its JWKS URL answers."
        />
      ))}
    </>
  )
}

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
            <Text label="Audience" value={form.audience} onInput={(audience) => set({ audience })} placeholder="the application’s own" />
          </>
        )}
        <Text label="Scope" value={form.scope} onInput={(scope) => set({ scope })} placeholder="the defaults" />
      </div>
      {exchanges && <Further form={form} />}
    </Group>
  )
}

const REQUESTED = [{ value: '', label: 'access_token (default)' }, ...TOKEN_TYPES]

/** Parameters that few requests have. */
function Further({ form }: { form: Draft }) {
  return (
    <Fold title="Resource, requested type, actor" open={form.actor !== '' || form.resource !== '' || form.requestedType !== ''}>
      <div class="grid-2">
        <Text label="Resource" value={form.resource} onInput={(resource) => set({ resource })} type="url" />
        <Choice label="Requested token type" value={form.requestedType} onInput={(requestedType) => set({ requestedType })} options={REQUESTED} />
      </div>
      <Area label="Actor token" rows={3} value={form.actor} onInput={(actor) => set({ actor })} />
      <Choice label="Type of the actor token" value={form.actorType} onInput={(actorType) => set({ actorType })} options={TOKEN_TYPES} />
    </Fold>
  )
}
