/** What the decisions are filtered by. The address keeps it. */
import { useEffect, useState } from 'preact/hooks'

import type { Known } from '../../known.ts'
import { query } from '../../route.ts'
import { t } from '../../texts/index.ts'
import { Choice, Text } from '../../ui/fields.tsx'
import { When } from '../../ui/times.tsx'
import { Ticked } from '../../ui/words.tsx'
import { type Asked, FILTERS, TIME_NAMES } from './data.ts'

/** How long to wait for the next letter. */
const PAUSE_MS = 300

/** The value that stands for a part of the chart. */
const PART = 'part'

export const isFiltered = (filter: Asked) => filter.part !== undefined || FILTERS.some((name) => filter[name] !== '')

export function Filter({ of, known }: { of: Asked; known: Known }) {
  const words = t().activity
  const any = { value: '', label: words.any }
  const named = (value: string, options: { value: string; label: string }[]) => (value === '' || options.some((one) => one.value === value) ? options : [...options, { value, label: value }])
  const times = [...(of.part === undefined ? [] : [{ value: PART, label: words.chosen }]), ...TIME_NAMES.map((value) => ({ value: value as string, label: words.times[value] }))]
  const clear = () => query({ ...Object.fromEntries(FILTERS.map((name) => [name, undefined])), from: undefined, to: undefined, time: undefined })
  return (
    <search class="filter" aria-label={words.filter}>
      <div class="grid-3">
        <Choice
          label={words.time}
          value={of.part === undefined ? of.time : PART}
          onInput={(time) => query({ time: time === 'day' ? undefined : time, from: undefined, to: undefined })}
          options={times}
          hint={
            of.part !== undefined && (
              <>
                <When at={of.part.from} alone /> – <When at={of.part.to + 1} alone />
              </>
            )
          }
        />
        <Choice
          label={words.outcome}
          value={of.outcome}
          onInput={(outcome) => query({ outcome })}
          options={(['', 'granted', 'refused'] as const).map((value) => ({ value, label: words.outcomes[value] }))}
        />
        <Reason value={of.reason} />
        <Choice
          label={words.application}
          value={of.clientId}
          onInput={(clientId) => query({ clientId })}
          options={[any, ...named(of.clientId, known.applications.map(({ clientId, name }) => ({ value: clientId, label: name })))]}
        />
        <Choice label={words.issuer} value={of.issuer} onInput={(issuer) => query({ issuer })} options={[any, ...named(of.issuer, known.issuers.map(({ name }) => ({ value: name, label: name })))]} />
        {isFiltered(of) && (
          <div class="reset">
            <button type="button" class="outline secondary" onClick={clear}>
              {words.reset}
            </button>
          </div>
        )}
      </div>
    </search>
  )
}

/** Filters while somebody types. */
function Reason({ value }: { value: string }) {
  const words = t().activity
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  useEffect(() => {
    const timer = setTimeout(() => text.trim() !== value && query({ reason: text.trim() }), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text])
  return <Text label={words.reason} value={text} onInput={setText} hint={<Ticked text={words.reasonHint} />} />
}
