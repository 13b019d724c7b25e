/** A page that is opened to mend one field shows which. */
import { useEffect } from 'preact/hooks'

import { route } from '../route.ts'

export function useMarked(): void {
  const field = route.value.query.get('field')
  useEffect(() => {
    if (field === null) return
    const found = document.querySelector<HTMLElement>(`[data-field="${CSS.escape(field)}"]`)
    if (found === null) return
    const fold = found.closest('details')
    if (fold !== null) fold.open = true
    found.classList.add('marked')
    found.scrollIntoView({ block: 'center' })
    found.querySelector<HTMLElement>('input, select, textarea, button')?.focus({ preventScroll: true })
  }, [field])
}
