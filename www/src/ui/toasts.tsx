/** Short messages about what was done, in the corner of the window. Each goes by itself, but not while somebody reads it. */
import { signal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'

import { t } from '../texts/index.ts'

interface Toast {
  id: number
  text: string
}

const toasts = signal<Toast[]>([])
const SHOWN_MS = 8000
let last = 0

export function toast(text: string): void {
  toasts.value = [...toasts.value.slice(-2), { id: ++last, text }]
}

/** An earlier success must not be read as that of what is being done now. */
export function clearToasts(): void {
  if (toasts.peek().length > 0) toasts.value = []
}

const dismiss = (id: number) => (toasts.value = toasts.value.filter((one) => one.id !== id))

export function Toasts() {
  return (
    <section class="toasts" role="status" aria-label={t().toasts.label}>
      {toasts.value.map((one) => (
        <One key={one.id} {...one} />
      ))}
    </section>
  )
}

function One({ id, text }: Toast) {
  const [held, setHeld] = useState(false)
  useEffect(() => {
    if (held) return
    const timer = setTimeout(() => dismiss(id), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [held])
  const hold = { onMouseEnter: () => setHeld(true), onMouseLeave: () => setHeld(false), onFocusIn: () => setHeld(true), onFocusOut: () => setHeld(false) }
  return (
    <div class="toast" {...hold}>
      <span aria-hidden="true">✓</span>
      <p>{text}</p>
      <button type="button" class="link" aria-label={t().toasts.dismiss} onClick={() => dismiss(id)}>
        ×
      </button>
    </div>
  )
}
