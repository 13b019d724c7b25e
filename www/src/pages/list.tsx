/** What lists have in common. */
import { useEffect, useState } from 'preact/hooks'

/** `value` is what is searched for. */
export function Search({ label, value, onSearch }: { label: string; value: string; onSearch: (text: string) => void }) {
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

/** A search that finds nothing has a way out. */
export function NothingFound({ children, onAll }: { children: string; onAll: () => void }) {
  return (
    <div class="empty">
      <p>{children}</p>
      <button type="button" class="outline" onClick={onAll}>
        Show all
      </button>
    </div>
  )
}

export function Pager(props: { total: number; offset: number; limit: number; onOffset: (offset: number) => void }) {
  const { total, offset, limit, onOffset } = props
  if (total <= limit) return null
  return (
    <nav class="pager" aria-label="Pages">
      <button type="button" class="small outline" disabled={offset === 0} onClick={() => onOffset(Math.max(0, offset - limit))}>
        Previous
      </button>
      <span>
        {offset + 1} to {Math.min(offset + limit, total)} of {total}
      </span>
      <button type="button" class="small outline" disabled={offset + limit >= total} onClick={() => onOffset(offset + limit)}>
        Next
      </button>
    </nav>
  )
}
