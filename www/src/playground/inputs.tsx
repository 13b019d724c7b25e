/** The form of the playground: where to decide, with which configuration, token and request. */
import { TOKEN_EXCHANGE, TOKEN_GRANTS } from '../model.ts'
import { Traps } from '../pages/issuer/preset.tsx'
import { PRESETS } from '../presets.ts'
import { t } from '../texts/index.ts'
import { Area, bind, Cards, Choice, Segments, Text } from '../ui/fields.tsx'
import { Fold, Group } from '../ui/groups.tsx'
import { Notice, Ticked } from '../ui/words.tsx'
import { algorithmOf, type Draft, issuersOf, parsed, set, TOKEN_TYPES } from './draft.ts'
import { SIGNS_WITH } from './jwt.ts'
import { outcome } from './run.ts'

const PLACES: Draft['where'][] = ['server', 'page']

/** A decision made in one place does not hold in the other. */
export function move(where: Draft['where']): void {
  outcome.value = undefined
  set({ where, ...(where === 'server' && { source: 'pasted' }) })
}

export function Where({ form }: { form: Draft }) {
  const words = t().playground
  return (
    <Group title={words.where}>
      <Cards label={words.where} value={form.where} onInput={move} options={PLACES.map((value) => ({ value, ...words.places[value] }))} />
    </Group>
  )
}

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
  const words = t().playground
  const options = [{ value: '', label: words.ownConfiguration }, ...PRESETS.map(({ id, label }) => ({ value: id, label }))]
  return (
    <Group title={words.configuration}>
      <div class="grid-2">
        <Choice label={t().preset.label} value={form.preset} onInput={onBegin} options={options} />
        {onTake !== undefined && (
          <div class="field take">
            <button type="button" class="outline" onClick={onTake}>
              {words.take}
            </button>
          </div>
        )}
      </div>
      <div id="configuration">
        <Area label={words.document} name="config" rows={22} value={form.config} onInput={(config) => set({ config, preset: '' })} hint={words.documentHint} />
      </div>
      {without.length > 0 && (
        <Notice kind="warn" title={words.lacksTitle}>
          <p>{words.lacks(without.join(', '))}</p>
        </Notice>
      )}
      {preset !== undefined && (
        <Fold title={t().preset.mistakes(preset.label)}>
          <Traps preset={preset} />
        </Fold>
      )}
    </Group>
  )
}

const SOURCES: Draft['source'][] = ['made', 'pasted']

export function SubjectToken({ form }: { form: Draft }) {
  const there = form.where === 'server'
  const words = t().playground
  return (
    <Group title={words.subjectToken}>
      {!there && <Segments label={words.subjectToken} value={form.source} onInput={(source) => set({ source })} options={SOURCES.map((value) => ({ value, label: words.sources[value] }))} />}
      {form.source === 'made' && !there ? <Claims form={form} /> : <Token form={form} />}
      {!there && form.source === 'pasted' && <KeySets form={form} />}
    </Group>
  )
}

function Claims({ form }: { form: Draft }) {
  const { text } = bind(form, set)
  const words = t().playground
  const own = { value: '', label: words.asIssuer(algorithmOf({ ...form, alg: '' })) }
  return (
    <>
      <Area label={words.claims} {...text('claims')} rows={10} hint={<Ticked text={words.claimsHint} />} />
      <Choice label={words.signedWith} {...text('alg')} options={[own, ...SIGNS_WITH.map((alg) => ({ value: alg, label: alg }))]} hint={words.signedWithHint} />
    </>
  )
}

function Token({ form }: { form: Draft }) {
  const words = t().playground
  return <Area label={words.token} {...bind(form, set).text('token')} rows={5} hint={form.where === 'server' ? words.tokenToServer : words.tokenStays} />
}

/** The key sets of issuers with a JWKS URL, which the page cannot fetch. */
function KeySets({ form }: { form: Draft }) {
  const unfetched = issuersOf(parsed(form.config)).filter(({ certificate }) => certificate?.['jwksUri'] !== undefined || certificate?.['discovery'] === true)
  const words = t().playground
  return (
    <>
      {unfetched.map(({ name }) => (
        <Area
          key={name}
          label={words.keySetOf(name)}
          name={`keys.${name}`}
          rows={4}
          value={form.keys[name] ?? ''}
          onInput={(text) => set({ keys: { ...form.keys, [name]: text } })}
          hint={words.keySetHint}
        />
      ))}
    </>
  )
}

export function Request({ form, clients }: { form: Draft; clients: { value: string; label: string }[] }) {
  const { text } = bind(form, set)
  const words = t().playground
  const exchanges = form.grant === TOKEN_EXCHANGE
  const requested = [{ value: '', label: words.defaultType }, ...TOKEN_TYPES.filter(({ label }) => label !== 'access_token')]
  return (
    <Group title={words.request}>
      <div class="grid-2">
        {clients.length > 0 ? <Choice label={words.application} {...text('clientId')} options={clients} /> : <Text label={t().application.clientId} {...text('clientId')} />}
        <Choice label={words.grant} {...text('grant')} options={TOKEN_GRANTS.map((name) => ({ value: name, label: t().grants[name].label }))} />
        {exchanges && (
          <>
            <Choice label={words.tokenType} {...text('tokenType')} options={TOKEN_TYPES} />
            <Choice label={words.requestedType} {...text('requestedType')} options={requested} />
            <Text label={words.audience} {...text('audience')} placeholder={words.audienceDefault} hint={words.audienceHint} />
          </>
        )}
        <Text label={words.scope} {...text('scope')} placeholder={words.scopeDefault} hint={words.scopeHint} />
      </div>
      {exchanges && <Further form={form} />}
    </Group>
  )
}

/** Parameters that few requests have. */
function Further({ form }: { form: Draft }) {
  const { text } = bind(form, set)
  const words = t().playground
  return (
    <Fold title={words.further} open={form.actor !== '' || form.resource !== ''}>
      <Text label={words.resource} {...text('resource')} type="url" />
      <Area label={words.actor} rows={3} {...text('actor')} />
      <Choice label={words.actorType} {...text('actorType')} options={TOKEN_TYPES} />
    </Fold>
  )
}
