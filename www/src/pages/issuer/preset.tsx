/** Fills in the form for an issuer that there is a preset for. Nothing is taken from an example: every question has to be answered. */
import { algorithmsOf, filled, type Preset, PRESETS } from '../../presets.ts'
import { t } from '../../texts/index.ts'
import { Choice, Text } from '../../ui/fields.tsx'
import { demand } from '../../ui/form.tsx'
import { Ticked } from '../../ui/words.tsx'
import { conditionForm } from '../conditions.tsx'
import { number } from '../editing.ts'
import type { IssuerForm } from './form.ts'
import { keyForm } from './keys.tsx'

/** The preset that is chosen, what its questions were answered with, and whether it is in the form. */
export interface PresetState {
  id: string
  values: Record<string, string>
  isTaken: boolean
  /** Complaints about the questions are shown. */
  isAsked: boolean
}

export const NO_PRESET: PresetState = { id: '', values: {}, isTaken: false, isAsked: false }

const presetOf = ({ id }: PresetState) => PRESETS.find((one) => one.id === id)
const fieldOf = (name: string) => `preset.${name}`
/** The questions and common mistakes of a preset, in the language of the console. */
const asksOf = ({ id, asks }: Preset) => asks.map((ask) => ({ ...ask, label: t().presets[id]?.asks[ask.name] ?? ask.label }))
const trapsOf = ({ id, traps }: Preset) => t().presets[id]?.traps ?? traps

/** The members of the form that a preset sets, from answers to all of its questions. */
function formFrom(preset: Preset, answers: Record<string, string>): Partial<IssuerForm> {
  const known = Object.fromEntries(preset.asks.map(({ name }) => [name, answers[name]!.trim()]))
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

/** Complains about questions without an answer. */
function demands(preset: Preset, { values }: PresetState): void {
  demand(asksOf(preset).map(({ name, label }) => ({ path: fieldOf(name), value: values[name] ?? '', text: t().preset.answer(label) })))
}

type Change = (state: PresetState) => void
type Take = (form: Partial<IssuerForm>) => void

function take(preset: Preset, state: PresetState, onChange: Change, onTake: Take): void {
  onTake(formFrom(preset, state.values))
  onChange({ ...state, isTaken: true, isAsked: false })
}

/** Whether a chosen preset was not in the form yet and is now: whoever wants to create the issuer sees first what it filled in. */
export function takeFirst(state: PresetState, onChange: Change, onTake: Take): boolean {
  const preset = presetOf(state)
  if (preset === undefined || state.isTaken) return false
  demands(preset, state)
  take(preset, state, onChange, onTake)
  document.querySelector('.preset')?.scrollIntoView({ block: 'center' })
  return true
}

export function FromPreset({ state, onChange, onTake }: { state: PresetState; onChange: Change; onTake: Take }) {
  const preset = presetOf(state)
  const words = t().preset
  const options = [{ value: '', label: words.none }, ...PRESETS.map(({ id, label }) => ({ value: id, label }))]
  const isMissing = (name: string) => state.isAsked && (state.values[name] ?? '').trim() === ''
  const fill = () => {
    if (preset!.asks.some(({ name }) => (state.values[name] ?? '').trim() === '')) return onChange({ ...state, isAsked: true })
    take(preset!, state, onChange, onTake)
  }
  return (
    <div class="preset">
      <Choice label={words.label} value={state.id} onInput={(id) => onChange({ ...NO_PRESET, id })} options={options} />
      {preset !== undefined && (
        <>
          <div class="grid-2">
            {asksOf(preset).map(({ name, label, example }) => (
              <Text
                key={name}
                label={label}
                name={fieldOf(name)}
                required
                value={state.values[name] ?? ''}
                wrong={isMissing(name) ? words.answer(label) : undefined}
                onInput={(value) => onChange({ ...state, values: { ...state.values, [name]: value }, isTaken: false })}
                hint={<Ticked text={words.example(example)} />}
              />
            ))}
          </div>
          <button type="button" onClick={fill}>
            {words.fill}
          </button>
          {state.isTaken && <p role="status">{words.taken}</p>}
          <h2>{words.mistakes(preset.label)}</h2>
          <Traps preset={preset} />
        </>
      )}
    </div>
  )
}

/** Common mistakes with this issuer. */
export function Traps({ preset }: { preset: Preset }) {
  return (
    <ul class="traps">
      {trapsOf(preset).map((trap) => (
        <li key={trap}>
          <Ticked text={trap} />
        </li>
      ))}
    </ul>
  )
}
