import { useState } from 'preact/hooks'

import { call, ISSUERS } from '../api.ts'
import { ALGORITHMS, type Issuer, LOOKUP, shortName } from '../model.ts'
import { algorithmsOf, filled, PRESETS } from '../presets.ts'
import { go, route, to } from '../route.ts'
import { Choice, Danger, ErrorNotice, Fold, Form, Group, Heading, Loading, Notice, Rows, Text, Tick, Ticked, useLoaded, When } from '../ui.tsx'
import { BackToPlayground } from './back.tsx'
import { type ConditionForm, conditionForm, conditionOf, Conditions } from './conditions.tsx'
import { Conflict, ConflictDialog, differences } from './conflict.tsx'
import { certificateOf, type KeyForm, keyForm, Keys } from './keys.tsx'
import { useMarked } from './marked.ts'

interface IssuerForm {
  name: string
  description: string
  issuer: string
  alias: string
  isEnabled: boolean
  keys: KeyForm
  algorithms: string[]
  conditions: ConditionForm[]
  claims: { from: string; to: string }[]
  implicit: boolean
  primary: string
  secondary: string
  replay: boolean
  clockSkewSeconds: string
  maxTokenAgeSeconds: string
  readTimeoutMs: string
  dangerAllowHttp: boolean
}

const number = (value: number | undefined) => (value === undefined ? '' : String(value))

function formOf(issuer?: Issuer): IssuerForm {
  const [primary = 'email', secondary = ''] = issuer?.implicitAssociation?.lookupAttribute?.map(shortName) ?? []
  return {
    name: issuer?.name ?? '',
    description: issuer?.description ?? '',
    issuer: issuer?.issuer ?? '',
    alias: issuer?.alias ?? '',
    isEnabled: issuer?.isEnabled ?? true,
    keys: keyForm(issuer?.certificate),
    algorithms: issuer?.algorithms ?? [],
    conditions: (issuer?.conditions ?? []).map(conditionForm),
    claims: issuer?.claims ?? [],
    implicit: issuer?.implicitAssociation?.isEnabled ?? false,
    primary,
    secondary,
    replay: issuer?.replayProtection === 'jti',
    clockSkewSeconds: number(issuer?.clockSkewSeconds),
    maxTokenAgeSeconds: number(issuer?.maxTokenAgeSeconds),
    readTimeoutMs: number(issuer?.readTimeoutMs),
    dangerAllowHttp: issuer?.dangerAllowHttp ?? false,
  }
}

/** A number as the server wants it; what is none, it says. */
const numeric = (text: string) => (/^\d+$/.test(text.trim()) ? Number(text) : text.trim())

/** The members of the issuer; those that are absent are at their defaults. */
function bodyOf(form: IssuerForm): Record<string, unknown> {
  const text = (name: 'clockSkewSeconds' | 'maxTokenAgeSeconds' | 'readTimeoutMs') => (form[name].trim() === '' ? {} : { [name]: numeric(form[name]) })
  return {
    name: form.name.trim(),
    issuer: form.issuer.trim(),
    isEnabled: form.isEnabled,
    certificate: certificateOf(form.keys),
    ...(form.description !== '' && { description: form.description }),
    ...(form.alias.trim() !== '' && { alias: form.alias.trim() }),
    ...(form.algorithms.length > 0 && { algorithms: form.algorithms }),
    ...(form.conditions.length > 0 && { conditions: form.conditions.map(conditionOf) }),
    ...(form.claims.length > 0 && { claims: form.claims }),
    ...(form.replay && { replayProtection: 'jti' }),
    ...(form.implicit && { implicitAssociation: { isEnabled: true, lookupAttribute: [form.primary, form.secondary].filter(Boolean) } }),
    ...(form.dangerAllowHttp && { dangerAllowHttp: true }),
    ...text('clockSkewSeconds'),
    ...text('maxTokenAgeSeconds'),
    ...text('readTimeoutMs'),
  }
}

/** What turns the one into the other. */
function operations(before: Record<string, unknown>, after: Record<string, unknown>) {
  return differences(before, after).map((name) => (name in after ? { operation: 'REPLACE', path: `/${name}`, value: after[name] } : { operation: 'REMOVE', path: `/${name}` }))
}

export function IssuerPage({ id }: { id: string }) {
  const { data, error, reload } = useLoaded(async () => (id === 'new' ? undefined : await call<Issuer>('GET', `${ISSUERS}/${id}`)), [id])
  if (id === 'new') return <Editor />
  if (error !== undefined) return <ErrorNotice error={error} />
  if (data === undefined) return <Loading what="the issuer" />
  return <Editor key={JSON.stringify(data)} issuer={data} reload={reload} />
}

function Editor({ issuer, reload }: { issuer?: Issuer; reload?: () => void }) {
  const [form, setForm] = useState(() => formOf(issuer))
  const [loaded, setLoaded] = useState(issuer)
  const [conflict, setConflict] = useState<Conflict<Issuer>>()
  const [saved, setSaved] = useState(false)
  useMarked()
  const set = (change: Partial<IssuerForm>) => (setSaved(false), setForm({ ...form, ...change }))
  const readOnly = issuer?.readOnly ?? false

  const save = async (over?: Issuer) => {
    const body = bodyOf(form)
    if (loaded === undefined) {
      const made = await call<Issuer>('POST', ISSUERS, body)
      return go('issuers', made.id)
    }
    const path = `${ISSUERS}/${loaded.id}`
    const base = over ?? loaded
    if (over === undefined) {
      const now = await call<Issuer>('GET', path)
      if (differences(loaded, now).length > 0) {
        const found = new Conflict(loaded, now)
        setConflict(found)
        throw found
      }
    }
    const changes = operations(bodyOf(formOf(base)), body)
    if (changes.length > 0) setLoaded(await call<Issuer>('PATCH', path, changes))
    setConflict(undefined)
    setSaved(true)
  }

  return (
    <>
      <Heading title={loaded === undefined ? 'Add a trusted token issuer' : loaded.name} back={{ href: to('issuers'), label: 'Trusted token issuers' }} about={loaded?.meta !== undefined && <Changed meta={loaded.meta} />}>
        {loaded !== undefined && (
          <a class="button outline" href={`${to('playground')}?issuer=${encodeURIComponent(loaded.issuer)}`}>
            Try it out
          </a>
        )}
        {loaded !== undefined && !readOnly && (
          <Danger
            label="Delete"
            title={`Delete ${loaded.name}?`}
            question="Its tokens are refused from then on, and what was issued for them counts for nothing. Registered anew, it is another issuer."
            confirm="Delete the issuer"
            act={async () => {
              await call('DELETE', `${ISSUERS}/${loaded.id}`)
              go('issuers')
            }}
          />
        )}
      </Heading>
      <BackToPlayground />
      {readOnly && (
        <Notice kind="info" title="Read-only">
          <p>This issuer stands in the configuration document. Change it there.</p>
        </Notice>
      )}
      {loaded === undefined && <FromPreset onTake={(change) => set(change)} />}
      <Form submit={loaded === undefined ? 'Create the issuer' : 'Save'} onSubmit={() => save()} disabled={readOnly} more={saved && <Notice kind="good">Saved. Every server that shares the store knows within five seconds.</Notice>}>
        <Group title="Who it is">
          <div class="grid-2">
            <Text label="Name" name="name" value={form.name} onInput={(name) => set({ name })} required placeholder="GitHub Actions" />
            <Text label="Description" name="description" value={form.description} onInput={(description) => set({ description })} />
          </div>
          <Text label="Issuer" name="issuer" value={form.issuer} onInput={(issuer) => set({ issuer })} required type="url" placeholder="https://idp.example.com" hint="Exactly the iss of its tokens, a trailing slash included." />
          <Text label="Alias" name="alias" value={form.alias} onInput={(alias) => set({ alias })} hint="An aud in its tokens that means this server. Leave it empty if they name this server’s issuer or token endpoint." />
          <Tick label="Enabled" name="isEnabled" toggle checked={form.isEnabled} onChange={(isEnabled) => set({ isEnabled })} hint="Switched off, its tokens are refused, and so is what was issued for them." />
        </Group>
        <Keys form={form.keys} onChange={(keys) => set({ keys })} subject={() => bodyOf(form)} />
        <Conditions items={form.conditions} onChange={(conditions) => set({ conditions })} />
        <Group title="Claim mapping" name="claims" hint="Nothing but the subject is taken from a token, unless it is named here and among the application’s attributes.">
          <Rows
            items={form.claims}
            blank={{ from: '', to: '' }}
            add="Add a claim"
            onChange={(claims) => set({ claims })}
            remove={(item, index) => `Remove claim ${item.from || index + 1}`}
            row={(item, change, index) => (
              <div class="grid-2">
                <Text label="Claim of the token" name={`claims[${index}].from`} value={item.from} onInput={(from) => change({ ...item, from })} placeholder="email" />
                <Text label="Name here" name={`claims[${index}].to`} value={item.to} onInput={(value) => change({ ...item, to: value })} placeholder="email" />
              </div>
            )}
          />
        </Group>
        <Group title="Implicit account linking" name="implicitAssociation">
          <Tick label="Link local accounts on first sight" toggle checked={form.implicit} onChange={(implicit) => set({ implicit })} hint="The one account that has the same value of the attribute is linked. Several accounts with it are never guessed between." />
          {form.implicit && (
            <div class="grid-2">
              <Choice label="Primary lookup attribute" name="implicitAssociation.lookupAttribute" value={form.primary} onInput={(primary) => set({ primary })} options={LOOKUP.map(({ name, label }) => ({ value: name, label }))} />
              <Choice label="Secondary lookup attribute" name="implicitAssociation.lookupAttribute[1]" value={form.secondary} onInput={(secondary) => set({ secondary })} options={[{ value: '', label: 'none' }, ...LOOKUP.map(({ name, label }) => ({ value: name, label }))]} hint="Tried when nobody has the primary one." />
            </div>
          )}
        </Group>
        <Fold title="Algorithms, times and replay" open={route.value.query.has('field')}>
          <Group title="Algorithms" name="algorithms" hint="None ticked: every one that its keys can be used with.">
            <div class="ticks">
              {ALGORITHMS.map((alg) => (
                <Tick key={alg} label={alg} checked={form.algorithms.includes(alg)} onChange={(on) => set({ algorithms: ALGORITHMS.filter((one) => (one === alg ? on : form.algorithms.includes(one))) })} />
              ))}
            </div>
          </Group>
          <div class="grid-3">
            <Text label="Clock skew, seconds" name="clockSkewSeconds" inputMode="numeric" value={form.clockSkewSeconds} onInput={(clockSkewSeconds) => set({ clockSkewSeconds })} placeholder="default" />
            <Text label="Oldest token, seconds" name="maxTokenAgeSeconds" inputMode="numeric" value={form.maxTokenAgeSeconds} onInput={(maxTokenAgeSeconds) => set({ maxTokenAgeSeconds })} placeholder="default" />
            <Text label="Time to fetch keys, ms" name="readTimeoutMs" inputMode="numeric" value={form.readTimeoutMs} onInput={(readTimeoutMs) => set({ readTimeoutMs })} placeholder="1000" />
          </div>
          <Tick label="Each token counts once" name="replayProtection" toggle checked={form.replay} onChange={(replay) => set({ replay })} hint="By its jti; a token without one is refused." />
          <Tick label="Allow plain HTTP (dangerous)" name="dangerAllowHttp" toggle checked={form.dangerAllowHttp} onChange={(dangerAllowHttp) => set({ dangerAllowHttp })} hint="Whoever is on the way can replace the keys. Loopback addresses need no leave." />
        </Fold>
      </Form>
      {conflict !== undefined && (
        <ConflictDialog
          conflict={conflict}
          mine={bodyOf(form)}
          onMine={() => save(conflict.now)}
          onTheirs={() => (setConflict(undefined), reload?.())}
          onClose={() => setConflict(undefined)}
        />
      )}
    </>
  )
}

export function Changed({ meta }: { meta: { lastModified: number; modifiedBy?: string } }) {
  return (
    <>
      Changed <When at={meta.lastModified} />
      {meta.modifiedBy != null && <> by {meta.modifiedBy}</>}
    </>
  )
}

/** Fills the form with what is known of a well-known issuer. */
function FromPreset({ onTake }: { onTake: (form: Partial<IssuerForm>) => void }) {
  const [id, setId] = useState('')
  const [values, setValues] = useState<Record<string, string>>({})
  const [taken, setTaken] = useState(false)
  const preset = PRESETS.find((one) => one.id === id)
  const take = () => {
    if (preset === undefined) return
    const known = Object.fromEntries(preset.asks.map(({ name, example }) => [name, values[name]?.trim() || example]))
    const { issuer, certificate, conditions } = filled({ issuer: preset.issuer, certificate: preset.certificate, conditions: preset.conditions }, known)
    onTake({
      name: preset.label,
      issuer,
      keys: keyForm(certificate),
      alias: known['audience'] ?? known['client'] ?? '',
      conditions: conditions.map(conditionForm),
      claims: preset.claims ?? [],
      algorithms: preset.algorithms === undefined ? [] : algorithmsOf(preset),
      maxTokenAgeSeconds: number(preset.maxTokenAgeSeconds),
    })
    setTaken(true)
  }
  return (
    <section class="preset" aria-label="Preset">
      <Choice label="Begin with" value={id} onInput={(next) => (setId(next), setTaken(false))} options={[{ value: '', label: 'an empty form' }, ...PRESETS.map((one) => ({ value: one.id, label: one.label }))]} />
      {preset !== undefined && (
        <>
          <div class="grid-2">
            {preset.asks.map(({ name, label, example }) => (
              <Text key={name} label={label} value={values[name] ?? ''} placeholder={example} onInput={(value) => setValues({ ...values, [name]: value })} />
            ))}
          </div>
          <button type="button" class="outline" onClick={take}>
            Fill in the form
          </button>
          {taken && <p role="status">Filled in. Look it over below.</p>}
          <h2>What goes wrong with {preset.label}</h2>
          <ul class="traps">
            {preset.traps.map((trap) => (
              <li key={trap}>
                <Ticked text={trap} />
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}
