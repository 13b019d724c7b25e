/** Fields that belong together: groups, folds and lists of rows. */
import type { ComponentChildren } from 'preact'

import { t } from '../texts/index.ts'
import { useGroupComplaints } from './form.tsx'
import { sentence, Ticked } from './words.tsx'

/** A group of fields, with the problems of the group as a whole. */
export function Group(props: { title: string; hint?: ComponentChildren; name?: string; children: ComponentChildren }) {
  const wrong = useGroupComplaints(props.name)
  return (
    <fieldset class="group" data-field={props.name} data-wrong={wrong.length > 0 ? '' : undefined} tabIndex={wrong.length > 0 ? -1 : undefined}>
      <legend>{props.title}</legend>
      {props.hint !== undefined && <p class="hint">{props.hint}</p>}
      {wrong.map((line) => (
        <p class="wrong" key={line}>
          <Ticked text={sentence(line)} />
        </p>
      ))}
      {props.children}
    </fieldset>
  )
}

export function Fold(props: { title: string; open?: boolean; children: ComponentChildren }) {
  return (
    <details class="fold" open={props.open}>
      <summary>{props.title}</summary>
      <div>{props.children}</div>
    </details>
  )
}

interface RowsProps<T> {
  items: T[]
  /** The label of the button that adds a row. */
  add: string
  blank: T
  onChange: (items: T[]) => void
  row: (item: T, set: (item: T) => void, index: number) => ComponentChildren
  /** The name of the button that removes one. */
  remove: (item: T, index: number) => string
}

/** A part of a long form, which the list of its contents leads to. */
export function Section({ id, children }: { id: string; children: ComponentChildren }) {
  return (
    <div class="section" id={id}>
      {children}
    </div>
  )
}

/** A list of objects, to which the user adds. */
export function Rows<T>({ items, add, blank, onChange, row, remove }: RowsProps<T>) {
  const set = (index: number) => (item: T) => onChange(items.map((old, at) => (at === index ? item : old)))
  const drop = (index: number, button: HTMLElement) => {
    // The form hears of it as of anything that is typed.
    button.dispatchEvent(new Event('change', { bubbles: true }))
    onChange(items.filter((_, at) => at !== index))
  }
  return (
    <div class="rows">
      {items.map((item, index) => (
        <div class="item" key={index}>
          {row(item, set(index), index)}
          <button type="button" class="small outline secondary" aria-label={remove(item, index)} onClick={(event) => drop(index, event.currentTarget)}>
            {t().remove}
          </button>
        </div>
      ))}
      <button type="button" class="small outline" onClick={() => onChange([...items, blank])}>
        {add}
      </button>
    </div>
  )
}

/** Several short texts, one per line. */
export const lines = (text: string) =>
  text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
