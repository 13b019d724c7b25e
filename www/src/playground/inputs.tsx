/** The form of the playground: where to decide, with which configuration, token and request. */
import { GRANTS, TOKEN_EXCHANGE } from '../model.ts'
import { Traps } from '../pages/issuer/preset.tsx'
import { PRESETS } from '../presets.ts'
import { Area, bind, Cards, Choice, Segments, Text } from '../ui/fields.tsx'
import { Fold, Group } from '../ui/groups.tsx'
import { Notice } from '../ui/words.tsx'
import { algorithmOf, type Draft, issuersOf, parsed, set, TOKEN_TYPES } from './draft.ts'
import { SIGNS_WITH } from './jwt.ts'
import { outcome } from './run.ts'

const PLACES: { value: Draft['where']; label: string; about: string }[] = [
  { value: 'page', label: 'In this page', about: 'with a configuration that you paste; nothing leaves the page' },
  { value: 'server', label: 'On this server', about: 'with its issuers, keys and accounts; the token is sent to the server, and nothing is issued' },
]

/** A decision made in one place does not hold in the other. */
function move(where: Draft['where']): void {
  outcome.value = undefined
  set({ where, ...(where === 'server' && { source: 'pasted' }) })
}

export function Where({ form }: { form: Draft }) {
  return (
    <Group title="Where to decide">
      <Cards label="Where to decide" value={form.where} onInput={move} options={PLACES} />
    </Group>
  )
}

const BEGINNINGS = [{ value: '', label: 'a configuration of your own' }, ...PRESETS.map(({ id, label }) => ({ value: id, label }))]

interface ConfigurationProps {
  form: Draft
  onBegin: (id: string) => void
  /** Copies the configuration of the server, for a signed-in administrator. */
  onTake: (() => void) | undefined
  /** What the copy lacks. */
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
              Copy this server’s
            </button>
          </div>
        )}
      </div>
      <div id="configuration">
        <Area label="Configuration document" name="config" rows={22} value={form.config} onInput={(config) => set({ config, preset: '' })} hint="Its secrets and signing keys are not used." />
      </div>
      {without.length > 0 && (
        <Notice kind="warn" title="Not everything was copied">
          <p>The copy lacks {without.join(', ')}. “On this server” decides with everything.</p>
        </Notice>
      )}
      {preset !== undefined && (
        <Fold title={`Common mistakes with ${preset.label}`}>
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
  const { text } = bind(form, set)
  const own = { value: '', label: `as the issuer would (${algorithmOf({ ...form, alg: '' })})` }
  return (
    <>
      <Area label="Claims" {...text('claims')} rows={10} hint="iat, exp and jti are added if they are missing." />
      <Choice label="Signed with" {...text('alg')} options={[own, ...SIGNS_WITH.map((alg) => ({ value: alg, label: alg }))]} hint="A key of this page replaces the issuer’s keys." />
    </>
  )
}

function Token({ form }: { form: Draft }) {
  const hint = form.where === 'server' ? 'The token is sent to the server that you are signed in to, and nowhere else.' : 'The token does not leave this page.'
  return <Area label="Token" {...bind(form, set).text('token')} rows={5} hint={hint} />
}

/** The key sets of issuers with a JWKS URL, which the page cannot fetch. */
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
          hint="This page cannot fetch keys. Paste the answer of the JWKS URL."
        />
      ))}
    </>
  )
}

const REQUESTED = [{ value: '', label: 'access_token (default)' }, ...TOKEN_TYPES.filter(({ label }) => label !== 'access_token')]
const GRANT_TYPES = GRANTS.map(({ name, label }) => ({ value: name, label }))

export function Request({ form, clients }: { form: Draft; clients: { value: string; label: string }[] }) {
  const { text } = bind(form, set)
  const exchanges = form.grant === TOKEN_EXCHANGE
  return (
    <Group title="Request">
      <div class="grid-2">
        {clients.length > 0 ? <Choice label="Application" {...text('clientId')} options={clients} /> : <Text label="Client id" {...text('clientId')} />}
        <Choice label="Grant type" {...text('grant')} options={GRANT_TYPES} />
        {exchanges && (
          <>
            <Choice label="Type of the subject token" {...text('tokenType')} options={TOKEN_TYPES} />
            <Choice label="Requested token type" {...text('requestedType')} options={REQUESTED} />
            <Text label="Audience" {...text('audience')} placeholder="the application’s own" hint="Separate several with commas." />
          </>
        )}
        <Text label="Scope" {...text('scope')} placeholder="the defaults" hint="Separate several with spaces." />
      </div>
      {exchanges && <Further form={form} />}
    </Group>
  )
}

/** Parameters that few requests have. */
function Further({ form }: { form: Draft }) {
  const { text } = bind(form, set)
  return (
    <Fold title="Resource and actor" open={form.actor !== '' || form.resource !== ''}>
      <Text label="Resource" {...text('resource')} type="url" />
      <Area label="Actor token" rows={3} {...text('actor')} />
      <Choice label="Type of the actor token" {...text('actorType')} options={TOKEN_TYPES} />
    </Fold>
  )
}
