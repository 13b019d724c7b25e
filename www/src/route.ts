/**
 * The page that is shown. It is named after `#` in the address, so that any server
 * can serve the console. A page with something unsaved is not left without a question.
 */
import { computed, signal } from '@preact/signals'

// It puts the page into the address that somebody came from, before that is read here.
import './session/returned.ts'

const hash = signal(location.hash)

const split = (text: string) => {
  const [path = '', query = ''] = text.replace(/^#\/?/, '').split('?')
  return { path, query }
}

/** The segments of a path. A path that was not encoded as addresses are is one segment, which no page has. */
function segments(path: string): string[] {
  try {
    return path.split('/').map(decodeURIComponent)
  } catch {
    return [path]
  }
}

/** Segments of the path, and what follows its question mark. */
export const route = computed(() => {
  const { path, query } = split(hash.value)
  return { path: segments(path), query: new URLSearchParams(query) }
})

export const to = (...segments: string[]) => `#/${segments.map(encodeURIComponent).join('/')}`

/** A link with a query; members that are `undefined` or empty are left out. */
export function link(segments: string[], query: Record<string, string | undefined>): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '')
  return to(...segments) + (given.length > 0 ? `?${new URLSearchParams(given)}` : '')
}

/** Goes to a page, whatever is unsaved: what calls this has saved it. */
export function go(segments: string[], query: Record<string, string | undefined> = {}): void {
  unsaved.value = false
  location.hash = link(segments, query)
}

/** Changes the query of this page. `push`: the Back button returns to the one before. */
export function query(change: Record<string, string | undefined>, push = false): void {
  const { path, query } = route.peek()
  const next = link(path, { ...Object.fromEntries(query), ...change })
  if (next === hash.peek()) return
  if (push) history.pushState({ at: ++at }, '', next)
  else history.replaceState(history.state, '', next)
  hash.value = next
}

/** Whether the page has something that was typed and is not saved. */
export const unsaved = signal(false)

/** Set while the page asks whether to leave it. */
export const leaving = signal<{ leave: () => void } | undefined>(undefined)

/** The place of the shown page in the history of this tab. */
let at = placeOf(history.state) ?? 0
history.replaceState({ at }, '')
/** The history is being put back; what it says of that is no wish of the user. */
let puttingBack = false

function placeOf(state: unknown): number | undefined {
  return typeof state === 'object' && state !== null && 'at' in state && typeof state.at === 'number' ? state.at : undefined
}

addEventListener('hashchange', (event) => {
  if (puttingBack) {
    puttingBack = false
    return
  }
  // By now the address may be another one still.
  const target = new URL(event.newURL).hash
  const place = placeOf(history.state)
  const isSame = split(target).path === split(hash.peek()).path
  if (unsaved.peek() && !isSame) return ask(target, place)
  at = place ?? at + 1
  if (place === undefined) history.replaceState({ at }, '')
  hash.value = target
})

/** Returns to the page that has something unsaved, and asks. */
function ask(target: string, place: number | undefined): void {
  const distance = (place ?? at + 1) - at
  puttingBack = true
  history.go(-distance)
  const leave = () => {
    // Somebody is faster than the history.
    if (puttingBack) return addEventListener('hashchange', leave, { once: true })
    unsaved.value = false
    leaving.value = undefined
    if (place === undefined) location.hash = target
    else history.go(distance)
  }
  leaving.value = { leave }
}

/** The browser asks in its own words before the page is reloaded or closed. */
addEventListener('beforeunload', (event) => {
  if (unsaved.peek()) event.preventDefault()
})
