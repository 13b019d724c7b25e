/** An import that stopped on its way: what was made before stays. */
import { useEffect, useRef } from 'preact/hooks'

import { t } from '../../texts/index.ts'
import { ErrorNotice, OfServer, sentence } from '../../ui/words.tsx'
import type { Step } from './data.ts'
import { Done } from './planned.tsx'

export interface Stop {
  error: unknown
  applied: Step[]
}

export function Stopped({ error, applied }: Stop) {
  const words = t().configuration
  const box = useRef<HTMLDivElement>(null)
  // What was pressed is gone.
  useEffect(() => box.current?.querySelector<HTMLElement>('.notice')?.focus(), [])
  return (
    <div ref={box}>
      <ErrorNotice error={error}>
        <p>{words.stopped(applied.length)}</p>
        <p>
          <OfServer text={sentence(error instanceof Error ? error.message : String(error))} />
        </p>
      </ErrorNotice>
      <ul class="cards changes" aria-label={words.applied}>
        {applied.map((step) => (
          <li key={step.path}>
            <div>
              <Done step={step} />
            </div>
          </li>
        ))}
      </ul>
    </div>
  )
}
