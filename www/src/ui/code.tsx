/** Text that can be copied. */
import { useState } from 'preact/hooks'

import { t } from '../texts/index.ts'

/** `what` names the text for screen readers, where several can be copied. */
export function Copy({ text, what }: { text: string; what?: string }) {
  const [done, setDone] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    setDone(true)
    setTimeout(() => setDone(false), 2000)
  }
  return (
    <button type="button" class="small outline secondary copy" aria-label={what === undefined || done ? undefined : t().copy.what(what)} onClick={() => void copy()}>
      <span aria-live="polite">{done ? t().copy.done : t().copy.label}</span>
    </button>
  )
}

export function Code({ text, label }: { text: string; label: string }) {
  return (
    <div class="code">
      <Copy text={text} />
      <pre tabIndex={0} role="region" aria-label={label}>
        <code>{text}</code>
      </pre>
    </div>
  )
}

/** A short value with its name, to be copied. */
export function Value({ label, text }: { label: string; text: string }) {
  return (
    <span class="value">
      <span class="quiet">{label}</span> <code>{text}</code> <Copy text={text} what={label} />
    </span>
  )
}
