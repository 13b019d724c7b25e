/** Fills in the form for an issuer that there is a preset for. */
import { useState } from 'preact/hooks'

import { algorithmsOf, filled, type Preset, PRESETS } from '../../presets.ts'
import { Choice, Text } from '../../ui/fields.tsx'
import { Ticked } from '../../ui/words.tsx'
import { conditionForm } from '../conditions.tsx'
import { number } from '../editing.ts'
import type { IssuerForm } from './form.ts'
import { keyForm } from './keys.tsx'

const BEGINNINGS = [{ value: '', label: 'an empty form' }, ...PRESETS.map((one) => ({ value: one.id, label: one.label }))]

/** The members of a preset. An empty answer means its example. */
function formFrom(preset: Preset, values: Record<string, string>): Partial<IssuerForm> {
  const known = Object.fromEntries(preset.asks.map(({ name, example }) => [name, values[name]?.trim() || example]))
  const { issuer, certificate, conditions, alias } = filled({ issuer: preset.issuer, certificate: preset.certificate, conditions: preset.conditions, alias: preset.alias }, known)
  return {
    name: preset.label,
    issuer,
    keys: keyForm(certificate),
    alias: alias ?? known['audience'] ?? known['client'] ?? '',
    conditions: conditions.map(conditionForm),
    claims: preset.claims ?? [],
    algorithms: preset.algorithms === undefined ? [] : algorithmsOf(preset),
    maxTokenAgeSeconds: number(preset.maxTokenAgeSeconds),
  }
}

export function FromPreset({ onTake }: { onTake: (form: Partial<IssuerForm>) => void }) {
  const [id, setId] = useState('')
  const [values, setValues] = useState<Record<string, string>>({})
  const [taken, setTaken] = useState(false)
  const preset = PRESETS.find((one) => one.id === id)
  return (
    <section class="preset" aria-label="Preset">
      <Choice label="Begin with" value={id} onInput={(next) => (setId(next), setTaken(false))} options={BEGINNINGS} />
      {preset !== undefined && (
        <>
          <div class="grid-2">
            {preset.asks.map(({ name, label, example }) => (
              <Text key={name} label={label} value={values[name] ?? ''} placeholder={example} onInput={(value) => setValues({ ...values, [name]: value })} />
            ))}
          </div>
          <button type="button" class="outline" onClick={() => (onTake(formFrom(preset, values)), setTaken(true))}>
            Fill in the form
          </button>
          {taken && <p role="status">Filled in. Check the form below.</p>}
          <h2>Common mistakes with {preset.label}</h2>
          <Traps preset={preset} />
        </>
      )}
    </section>
  )
}

/** Common mistakes with this issuer. */
export function Traps({ preset }: { preset: Preset }) {
  return (
    <ul class="traps">
      {preset.traps.map((trap) => (
        <li key={trap}>
          <Ticked text={trap} />
        </li>
      ))}
    </ul>
  )
}
