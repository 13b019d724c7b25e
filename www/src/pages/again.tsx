/** A deleted object is created again: as it was, but for what is changed in the form. */
import { t } from '../texts/index.ts'
import { Notice } from '../ui/words.tsx'
import { isEmpty } from './changed.tsx'
import { differences } from './conflict.tsx'
import { labelOf } from './described.ts'

type Members = Record<string, unknown>

/** The body that creates `former` again. `shown` is what the form shows of it, and `wanted` what the form says by now. */
export function again(former: object, shown: object, wanted: object): Members {
  const changed = differences(shown, wanted).map((name) => [name, (wanted as Members)[name]] as const)
  const kept = Object.entries(former).filter(([name]) => changed.every(([other]) => other !== name))
  return Object.fromEntries([...kept, ...changed.filter(([, value]) => value !== undefined)])
}

/** Says what is created again, and what is not. The form shows the members in `shown`. */
export function Again({ former, shown, onDiscard }: { former: object; shown: object; onDiscard: () => void }) {
  const words = t().editor
  const hidden = differences(former, {}).filter((name) => !(name in shown) && !isEmpty((former as Members)[name]))
  return (
    <Notice kind="info" title={words.again}>
      <p>{words.againAbout}</p>
      {hidden.length > 0 && <p>{words.againHidden(hidden.map(labelOf).join(', '))}</p>}
      <p class="actions">
        <button type="button" class="small outline" onClick={onDiscard}>
          {words.againDiscard}
        </button>
      </p>
    </Notice>
  )
}
