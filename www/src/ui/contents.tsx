/** The contents of a long page: leads to its parts, and says which is in sight. */
import { useEffect, useRef, useState } from 'preact/hooks'

import { link, query, route } from '../route.ts'
import { t } from '../texts/index.ts'

/** A part of the page; `id` is that of its element. */
export interface Part {
  id: string
  label: string
}

/** How far below the top of the window a part begins to be the one that is read. */
const EDGE_PX = 140

/** What people scroll with. */
const BY_HAND = ['wheel', 'touchmove', 'pointerdown', 'keydown']

function inSight(parts: Part[]): string {
  const isAtEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 2 && scrollY > 0
  if (isAtEnd) return parts.at(-1)!.id
  const begun = parts.filter(({ id }) => (document.getElementById(id)?.getBoundingClientRect().top ?? Infinity) <= EDGE_PX)
  return (begun.at(-1) ?? parts[0]!).id
}

function show(id: string): void {
  const element = document.getElementById(id)
  element?.scrollIntoView()
  element?.querySelector<HTMLElement>('input, select, textarea, button, a')?.focus({ preventScroll: true })
}

export function Contents({ parts }: { parts: Part[] }) {
  const [current, setCurrent] = useState(parts[0]!.id)
  const path = route.value.path
  /** The part that was gone to. It is the current one even where the page is too short to bring it to the top, until somebody scrolls. */
  const chosen = useRef<string | undefined>(undefined)
  useEffect(() => {
    const look = () => setCurrent(chosen.current ?? inSight(parts))
    const scrolls = () => (chosen.current = undefined)
    addEventListener('scroll', look, { passive: true })
    for (const name of BY_HAND) addEventListener(name, scrolls, { passive: true })
    return () => {
      removeEventListener('scroll', look)
      for (const name of BY_HAND) removeEventListener(name, scrolls)
    }
  }, [parts.map(({ id }) => id).join()])
  useEffect(() => {
    const wanted = route.peek().query.get('part')
    if (wanted === null || parts.every(({ id }) => id !== wanted)) return
    chosen.current = wanted
    setCurrent(wanted)
    show(wanted)
  }, [])
  const choose = (event: Event, id: string) => {
    event.preventDefault()
    query({ part: id })
    chosen.current = id
    setCurrent(id)
    show(id)
  }
  return (
    <nav class="contents" aria-label={t().editor.contents}>
      <ul>
        {parts.map(({ id, label }) => (
          <li key={id}>
            <a href={link(path, { part: id })} aria-current={id === current ? 'true' : undefined} onClick={(event) => choose(event, id)}>
              {label}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}
