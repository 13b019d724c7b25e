/** The page of a list: its objects, found by name, one page at a time. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'

import { list } from '../api.ts'
import { to } from '../route.ts'
import { useLoaded } from '../ui/loaded.ts'
import { Badge, Empty, Heading, LoadState } from '../ui/words.tsx'

/** One page of a list. */
export interface Listed<T> {
  items: T[]
  /** The cursor of the next page, if there is one. */
  next?: string | undefined
  /** Which part of the list the page is, if the server counts. */
  range?: string
}

interface ListProps<T> {
  title: string
  about: string
  /** The list in addresses and messages: `issuers`. */
  place: string
  /** The button that begins a new object. */
  add: string
  search: string
  nothingFound: (search: string) => string
  empty: { title: string; about: string }
  /** `cursor` is empty for the first page. */
  load: (search: string, cursor: string) => Promise<Listed<T>>
  row: (item: T) => { name: string; detail: ComponentChildren; badges: ComponentChildren }
}

export function List<T extends { id: string }>({ title, about, place, add, empty, load, row, ...props }: ListProps<T>) {
  const [search, setSearch] = useState('')
  /** The cursors of the pages up to the one that is shown. */
  const [cursors, setCursors] = useState([''])
  const cursor = cursors.at(-1)!
  const loaded = useLoaded(() => load(search, cursor), [search, cursor])
  const { items = [], next, range } = loaded.data ?? {}
  const nothing = loaded.data !== undefined && items.length === 0
  const find = (text: string) => (setSearch(text), setCursors(['']))
  const begin = (
    <a class="button" href={to(place, 'new')}>
      {add}
    </a>
  )
  return (
    <>
      <Heading title={title} about={about}>
        {!(nothing && search === '') && begin}
      </Heading>
      {(search !== '' || items.length > 0) && <Search label={props.search} value={search} onSearch={find} />}
      <LoadState of={loaded} what={place} />
      {nothing && search === '' && (
        <Empty title={empty.title}>
          <p>{empty.about}</p>
          {begin}
        </Empty>
      )}
      {nothing && search !== '' && <NothingFound onAll={() => find('')}>{props.nothingFound(search)}</NothingFound>}
      {items.length > 0 && (
        <ul class="cards">
          {items.map((item) => (
            <Row key={item.id} href={to(place, item.id)} {...row(item)} />
          ))}
        </ul>
      )}
      <Pager cursors={cursors} next={next} range={range} onChange={setCursors} />
    </>
  )
}

function Row({ href, name, detail, badges }: { href: string; name: string; detail: ComponentChildren; badges: ComponentChildren }) {
  return (
    <li>
      <a href={href}>
        <span class="name">{name}</span>
        {detail}
      </a>
      <span class="badges">{badges}</span>
    </li>
  )
}

/** Marks an object that the API cannot change. */
export const InConfiguration = ({ of }: { of: { readOnly: boolean } }) => (of.readOnly ? <Badge kind="plain">in the configuration</Badge> : null)

const LIMIT = 20

/** Pages of a list of the administration API, in which `member` has the items. */
export const byName =
  <T,>(path: string, member: string) =>
  async (search: string, cursor: string): Promise<Listed<T>> => {
    const offset = Number(cursor)
    const filter: Record<string, string> = search === '' ? {} : { filter: `name co ${JSON.stringify(search)}` }
    const { items, totalResults } = await list<T>(path, member, { limit: String(LIMIT), offset: String(offset), ...filter })
    const end = Math.min(offset + LIMIT, totalResults)
    return { items, next: end < totalResults ? String(end) : undefined, range: `${offset + 1} to ${end} of ${totalResults}` }
  }

/** `value` is the text that is searched for. */
function Search({ label, value, onSearch }: { label: string; value: string; onSearch: (text: string) => void }) {
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  const search = (event: Event) => {
    event.preventDefault()
    onSearch(text.trim())
  }
  return (
    <search>
      <form class="search" onSubmit={search}>
        <input type="search" aria-label={label} placeholder={label} value={text} onInput={(event) => setText(event.currentTarget.value)} />
        <button type="submit" class="outline">
          Search
        </button>
      </form>
    </search>
  )
}

/** A search without results offers a way out. */
function NothingFound({ children, onAll }: { children: string; onAll: () => void }) {
  return (
    <div class="empty">
      <p>{children}</p>
      <button type="button" class="outline" onClick={onAll}>
        Show all
      </button>
    </div>
  )
}

interface PagerProps {
  cursors: string[]
  next: string | undefined
  range: string | undefined
  onChange: (cursors: string[]) => void
}

function Pager({ cursors, next, range, onChange }: PagerProps) {
  if (cursors.length === 1 && next === undefined) return null
  return (
    <nav class="pager" aria-label="Pages">
      <button type="button" class="small outline" disabled={cursors.length === 1} onClick={() => onChange(cursors.slice(0, -1))}>
        Previous
      </button>
      <span>{range ?? `Page ${cursors.length}`}</span>
      <button type="button" class="small outline" disabled={next === undefined} onClick={() => onChange([...cursors, next!])}>
        Next
      </button>
    </nav>
  )
}
