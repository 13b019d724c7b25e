/** The page that is shown. It is named after `#` in the address, so that any server can serve the console. */
import { computed, signal } from '@preact/signals'

const hash = signal(location.hash)
addEventListener('hashchange', () => {
  hash.value = location.hash
})

/** Segments of the path, and what follows its question mark. */
export const route = computed(() => {
  const [path = '', query = ''] = hash.value.replace(/^#\/?/, '').split('?')
  return { path: path.split('/').map(decodeURIComponent), query: new URLSearchParams(query) }
})

export const to = (...segments: string[]) => `#/${segments.map(encodeURIComponent).join('/')}`

export function go(...segments: string[]): void {
  location.hash = to(...segments)
}
