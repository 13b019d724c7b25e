/** Fields. The controls are the browser's own; Pico styles them. */
import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

import { t } from '../texts/index.ts'
import { useComplaints } from './form.tsx'
import { sentence, Ticked } from './words.tsx'

/** The members of a form that have a value of this type. */
type Members<F, V> = { [K in keyof F]: F[K] extends V ? K : never }[keyof F] & string

/** Ties controls to the members of a form. `name` is the member's name in the API, where it differs. */
export function bind<F extends object>(form: F, set: (change: Partial<F>) => void) {
  const change = (member: string) => (value: unknown) => set({ [member]: value } as Partial<F>)
  return {
    text: <K extends Members<F, string>>(member: K, name: string = member) => ({ name, value: form[member] as string, onInput: change(member) }),
    tick: <K extends Members<F, boolean>>(member: K, name: string = member) => ({ name, checked: form[member] as boolean, onChange: change(member) }),
  }
}

interface FieldProps {
  label: string
  /** The member of the object, as the server names it in a problem. */
  name?: string
  hint?: ComponentChildren
  value: string
  onInput: (value: string) => void
  required?: boolean
  /** What is wrong with it, where the page knows without asking anybody. */
  wrong?: string | undefined
}

interface InputAttributes {
  type?: 'text' | 'url' | 'email' | 'tel' | 'password'
  placeholder?: string
  inputMode?: 'numeric'
  readOnly?: boolean
}

/** Attributes that tie a control to its hint and to its problems. */
interface Ties {
  id: string
  'aria-describedby'?: string
  'aria-invalid'?: 'true'
}

interface LabelledProps {
  label: string
  name?: string | undefined
  hint?: ComponentChildren
  required?: boolean | undefined
  wrong?: string | undefined
  control: (ties: Ties) => ComponentChildren
}

/** Label, control, hint and problems, tied together for screen readers. */
function Labelled(props: LabelledProps) {
  const id = useId()
  const found = useComplaints(props.name)
  const wrong = props.wrong === undefined || found.includes(props.wrong) ? found : [props.wrong, ...found]
  const described = [props.hint !== undefined ? `${id}-hint` : '', wrong.length > 0 ? `${id}-wrong` : ''].filter(Boolean).join(' ')
  const ties = { id, ...(described !== '' && { 'aria-describedby': described }), ...(wrong.length > 0 && { 'aria-invalid': 'true' as const }) }
  return (
    <div class="field" data-field={props.name}>
      <label for={id}>
        {props.label}
        {props.required && <span class="quiet"> {t().required}</span>}
      </label>
      {props.control(ties)}
      {wrong.length > 0 && (
        <small id={`${id}-wrong`} class="wrong">
          {wrong.map((line) => (
            <span key={line}>
              <Ticked text={sentence(line)} />
            </span>
          ))}
        </small>
      )}
      {props.hint !== undefined && (
        <small id={`${id}-hint`} class="hint">
          {props.hint}
        </small>
      )}
    </div>
  )
}

export function Text({ label, name, hint, value, onInput, required, wrong, ...rest }: FieldProps & InputAttributes) {
  const attributes = { type: 'text', ...rest } as { type: 'text' }
  const control = (ties: Ties) => (
    <input
      {...ties}
      autocomplete="off"
      spellcheck={false}
      aria-required={required ? 'true' : undefined}
      {...attributes}
      value={value}
      onInput={(event) => onInput(event.currentTarget.value)}
    />
  )
  return <Labelled {...{ label, name, hint, required, wrong, control }} />
}

export function Area({ label, name, hint, value, onInput, required, rows = 6 }: FieldProps & { rows?: number }) {
  const control = (ties: Ties) => (
    <textarea {...ties} class="mono" rows={rows} spellcheck={false} autocomplete="off" value={value} onInput={(event) => onInput(event.currentTarget.value)} />
  )
  return <Labelled {...{ label, name, hint, required, control }} />
}

export function Choice({ label, name, hint, value, onInput, options }: FieldProps & { options: readonly { value: string; label: string }[] }) {
  const control = (ties: Ties) => (
    <select {...ties} value={value} onChange={(event) => onInput(event.currentTarget.value)}>
      {options.map((option) => (
        <option key={option.value} value={option.value} selected={option.value === value}>
          {option.label}
        </option>
      ))}
    </select>
  )
  return <Labelled {...{ label, name, hint, control }} />
}

interface TickProps {
  label: ComponentChildren
  name?: string
  hint?: ComponentChildren
  checked: boolean
  onChange: (checked: boolean) => void
  /** A switch instead of a check box. */
  toggle?: boolean
}

export function Tick({ label, hint, checked, onChange, toggle = false, name }: TickProps) {
  const id = useId()
  const wrong = useComplaints(name)
  return (
    <div class="tick" data-field={name}>
      <label for={id}>
        <input
          id={id}
          type="checkbox"
          role={toggle ? 'switch' : undefined}
          checked={checked}
          aria-invalid={wrong.length > 0 ? 'true' : undefined}
          aria-describedby={hint !== undefined ? `${id}-hint` : undefined}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
        <span>{label}</span>
      </label>
      {wrong.map((line) => (
        <small class="wrong" key={line}>
          <Ticked text={sentence(line)} />
        </small>
      ))}
      {hint !== undefined && (
        <small id={`${id}-hint`} class="hint">
          {hint}
        </small>
      )}
    </div>
  )
}

interface Pick<T extends string> {
  label: string
  value: T
  onInput: (value: T) => void
}

/** One of a few, each with a sentence about it. */
export function Cards<T extends string>({ label, value, onInput, options }: Pick<T> & { options: readonly { value: T; label: string; about: string }[] }) {
  const group = useId()
  return (
    <div class="choices" role="radiogroup" aria-label={label}>
      {options.map((one) => (
        <label key={one.value} class="choice">
          <input type="radio" name={group} value={one.value} checked={one.value === value} onChange={() => onInput(one.value)} />
          <span>
            <strong>{one.label}</strong>
            <small>{one.about}</small>
          </span>
        </label>
      ))}
    </div>
  )
}

/** One of a few that need no explanation. */
export function Segments<T extends string>({ label, value, onInput, options }: Pick<T> & { options: readonly { value: T; label: string }[] }) {
  const group = useId()
  return (
    <div class="segments" role="radiogroup" aria-label={label}>
      {options.map((one) => (
        <label key={one.value}>
          <input type="radio" name={group} value={one.value} checked={one.value === value} onChange={() => onInput(one.value)} />
          {one.label}
        </label>
      ))}
    </div>
  )
}
