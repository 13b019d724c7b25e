/** The page of a list: searched, sorted and in pages, all of which the address keeps. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

import { list, upTo } from '../api.ts'
import { link, query, route, to } from '../route.ts'
import { Needs, rightOf } from '../session/rights.tsx'
import { language, t } from '../texts/index.ts'
import { useLoaded } from '../ui/loaded.ts'
import { Badge, Empty, Heading, LoadState } from '../ui/words.tsx'

/** A longer list is searched and paged by the server, in its order. */
const MANY = 500
/** Rows of a page. */
const LIMIT = 20

/** One page of a list that is paged by the server. */
export interface Listed<T> {
  items: T[]
  more: boolean
  /** How many there are, if the server counts. */
  total?: number
}

/** Where the objects come from. */
export interface Source<T> {
  /** All of them, unless there are too many. */
  whole: (most: number) => Promise<T[] | undefined>
  /** A page, counted from 1. */
  page: (search: string, page: number) => Promise<Listed<T>>
}

export interface Words {
  title: string
  about: string
  add: string
  search: string
  loading: string
  nothingFound: (search: string) => string
  emptyTitle: string
  emptyAbout: string
}

export interface Sort<T> {
  value: string
  label: string
  /** What is compared. */
  by: (item: T) => string
}

interface ListProps<T> {
  words: Words
  /** The list in addresses: `issuers`. */
  place: string
  source: Source<T>
  /** The first is the order without a choice. */
  sorts: Sort<T>[]
  /** What is searched. */
  text: (item: T) => string
  row: (item: T) => { name: string; detail: ComponentChildren; badges: ComponentChildren }
  /** Is told which items are in sight. */
  onShown?: (items: T[]) => void
  /** A filter that the address keeps, besides the search. The source applies it. */
  filter?: ListFilter
}

export interface ListFilter {
  /** Its name and value in the address; empty: it is not used. */
  name: string
  value: string
  label: string
  options: { value: string; label: string }[]
  /** Said when nothing passes it. */
  nothing: string
}

/** The search, order and page of each list as it was last seen: the way back from an object leads there. */
const last = new Map<string, string>()
export const listHref = (place: string) => last.get(place) ?? to(place)

/** What the address says of the list. */
function useAsked() {
  const { query } = route.value
  const page = Number(query.get('page') ?? 1)
  return { q: query.get('q') ?? '', sort: query.get('sort') ?? '', page: Number.isInteger(page) && page > 0 ? page : 1 }
}

/** The part of a list that is shown. */
interface Shown<T> {
  items: T[]
  more: boolean
  total?: number | undefined
}

function partOf<T>(whole: T[], { q, page }: { q: string; page: number }, order: Sort<T>, text: (item: T) => string): Shown<T> {
  const words = q.toLowerCase().split(/\s+/)
  const found = whole.filter((item) => words.every((word) => text(item).toLowerCase().includes(word)))
  const collator = new Intl.Collator(language.value, { numeric: true })
  found.sort((one, other) => collator.compare(order.by(one), order.by(other)))
  const start = (page - 1) * LIMIT
  return { items: found.slice(start, start + LIMIT), more: start + LIMIT < found.length, total: found.length }
}

/** The objects that the address asks for. */
function useItems<T>({ source, sorts, text }: ListProps<T>) {
  const asked = useAsked()
  const order = sorts.find(({ value }) => value === asked.sort) ?? sorts[0]!
  const whole = useLoaded(async () => ({ items: await source.whole(MANY) }), [])
  const all = whole.data?.items
  const isLong = whole.data !== undefined && all === undefined
  const paged = useLoaded(async () => (isLong ? await source.page(asked.q, asked.page) : undefined), [isLong, asked.q, asked.page])
  const shown: Shown<T> | undefined = all === undefined ? paged.data : partOf(all, asked, order, text)
  return { asked, order, isLong, shown, state: isLong ? { ...paged, data: paged.data } : whole }
}

export function List<T extends { id: string }>(props: ListProps<T>) {
  const { words, place, sorts, row, onShown, filter } = props
  const { asked, order, isLong, shown, state } = useItems(props)
  const { items = [], more = false, total } = shown ?? {}
  const nothing = shown !== undefined && items.length === 0
  const filtered = filter === undefined ? {} : { [filter.name]: filter.value }
  const isWhole = asked.q === '' && asked.page === 1 && !filter?.value
  useEffect(() => {
    last.set(place, link([place], { ...filtered, q: asked.q, sort: asked.sort, page: asked.page === 1 ? '' : String(asked.page) }))
  }, [filter?.value, asked.q, asked.sort, asked.page])
  const ids = items.map(({ id }) => id).join()
  useEffect(() => onShown?.(items), [ids])
  const begin = (
    <Needs right={rightOf(place)}>
      <a class="button" href={to(place, 'new')}>
        {words.add}
      </a>
    </Needs>
  )
  return (
    <>
      <Heading title={words.title} about={words.about}>
        {!(nothing && isWhole) && begin}
      </Heading>
      {!(nothing && isWhole) && shown !== undefined && (
        <div class="tools">
          <Search label={words.search} value={asked.q} />
          {filter !== undefined && filter.options.length > 1 && (
            <Chosen label={filter.label} value={filter.value} options={filter.options} onInput={(value) => query({ [filter.name]: value === '' ? undefined : value, page: undefined })} />
          )}
          {!isLong && <Order sorts={sorts} value={order.value} />}
          <Count total={total} />
        </div>
      )}
      <LoadState of={state} loading={words.loading} />
      {nothing && isWhole && (
        <Empty title={words.emptyTitle}>
          <p>{words.emptyAbout}</p>
          {begin}
        </Empty>
      )}
      {nothing && !isWhole && <NothingFound filter={filter?.name}>{asked.q === '' && filter?.value ? filter.nothing : words.nothingFound(asked.q)}</NothingFound>}
      {items.length > 0 && (
        <ul class="cards">
          {items.map((item) => (
            <Row key={item.id} href={to(place, item.id)} {...row(item)} />
          ))}
        </ul>
      )}
      <Pager page={asked.page} more={more} total={total} shown={items.length} />
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

/** Marks an object in the place of which the configuration document has another. */
export const Overridden = ({ of }: { of: { overridden?: boolean } }) => (of.overridden === true ? <Badge kind="warn">{t().list.overridden}</Badge> : null)

/** Marks an object that the API cannot change, and one that does not count because of such an object. */
export const InConfiguration = ({ of }: { of: { readOnly: boolean; overridden?: boolean } }) => (of.readOnly ? <Badge kind="plain">{t().list.inConfiguration}</Badge> : <Overridden of={of} />)

/** A list of the administration API, in which `member` has the items; with a filter of the API, only those that pass it. */
export const sourceOf = <T,>(path: string, member: string, only?: string): Source<T> => ({
  whole: (most) => upTo<T>(most, path, member, filters([only])),
  page: async (search, page) => {
    const offset = (page - 1) * LIMIT
    const filter = filters([only, search === '' ? undefined : `name co ${JSON.stringify(search)}`])
    const { items, totalResults } = await list<T>(path, member, { limit: String(LIMIT), offset: String(offset), ...filter })
    return { items, more: offset + items.length < totalResults, total: totalResults }
  },
})

/** All of these as the parameter of a call. */
function filters(wanted: (string | undefined)[]): Record<string, string> {
  const filter = wanted.filter((one) => one !== undefined).join(' and ')
  return filter === '' ? {} : { filter }
}

/** How long to wait for the next letter. */
const PAUSE_MS = 200

/** Searches while somebody types. */
function Search({ label, value }: { label: string; value: string }) {
  const [text, setText] = useState(value)
  const sent = useRef(value)
  const send = () => {
    sent.current = text.trim()
    query({ q: sent.current, page: undefined })
  }
  // Somebody else changed the address: the Back button, or the button that shows all.
  useEffect(() => {
    if (value !== sent.current) setText(value)
    sent.current = value
  }, [value])
  useEffect(() => {
    // Whoever pressed Enter may be at the next page already.
    const timer = setTimeout(() => text.trim() !== sent.current && send(), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <search>
      <form
        class="search"
        onSubmit={(event) => {
          event.preventDefault()
          send()
        }}
      >
        <input type="search" aria-label={label} placeholder={label} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </form>
    </search>
  )
}

function Order<T>({ sorts, value }: { sorts: Sort<T>[]; value: string }) {
  return <Chosen label={t().list.sortBy} value={value} options={sorts} onInput={(sort) => query({ sort: sort === sorts[0]!.value ? undefined : sort, page: undefined })} />
}

/** A choice above the list. */
function Chosen({ label, value, options, onInput }: { label: string; value: string; options: { value: string; label: string }[]; onInput: (value: string) => void }) {
  return (
    <label class="order">
      <span class="quiet">{label}</span>
      <select onChange={(event) => onInput(event.currentTarget.value)}>
        {options.map((one) => (
          <option key={one.value} value={one.value} selected={one.value === value}>
            {one.label}
          </option>
        ))}
      </select>
    </label>
  )
}

function Count({ total }: { total: number | undefined }) {
  return (
    <p class="quiet total" role="status">
      {total !== undefined && t().list.total(total)}
    </p>
  )
}

/** A search without results offers a way out. */
function NothingFound({ filter, children }: { filter: string | undefined; children: string }) {
  return (
    <div class="empty">
      <p>{children}</p>
      <button type="button" class="outline" onClick={() => query({ q: undefined, page: undefined, ...(filter !== undefined && { [filter]: undefined }) })}>
        {t().list.showAll}
      </button>
    </div>
  )
}

function Pager({ page, more, total, shown }: { page: number; more: boolean; total: number | undefined; shown: number }) {
  if (page === 1 && !more) return null
  const turn = (to: number) => query({ page: to === 1 ? undefined : String(to) }, true)
  const { list } = t()
  const start = (page - 1) * LIMIT
  return (
    <nav class="pager" aria-label={list.pages}>
      <button type="button" class="small outline" disabled={page === 1} onClick={() => turn(page - 1)}>
        {list.previous}
      </button>
      <span>{total === undefined ? list.page(page) : list.range(start + 1, start + shown, total)}</span>
      <button type="button" class="small outline" disabled={!more} onClick={() => turn(page + 1)}>
        {list.next}
      </button>
    </nav>
  )
}
