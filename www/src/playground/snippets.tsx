/** The request for curl, JavaScript and Envoy. */
import { useState } from 'preact/hooks'

import { t } from '../texts/index.ts'
import { Code } from '../ui/code.tsx'
import { Segments } from '../ui/fields.tsx'
import { envoy } from './envoy.ts'
import { curl, javascript, type Sent } from './request.ts'
import type { Document } from './sample.ts'

export interface Wanted extends Sent {
  /** The configuration, for Envoy. */
  config: Document
}

const KINDS = [
  { name: 'curl', make: curl },
  { name: 'JavaScript', make: javascript },
  { name: 'Envoy', make: envoy },
]

export function Snippets(wanted: Wanted) {
  const [chosen, setChosen] = useState('curl')
  const { name, make } = KINDS.find((one) => one.name === chosen) ?? KINDS[0]!
  const words = t().playground
  return (
    <section aria-label={words.snippets}>
      <h2>{words.sendIt}</h2>
      <Segments label={words.snippetKind} value={chosen} onInput={setChosen} options={KINDS.map(({ name }) => ({ value: name, label: name }))} />
      <Code text={make(wanted)} label={words.snippet(name)} />
    </section>
  )
}
