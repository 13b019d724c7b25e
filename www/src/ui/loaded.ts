/** What a page reads from the server. */
import { useEffect, useState } from 'preact/hooks'

/** What has been loaded so far, and how to load it again. */
export interface Loaded<T> {
  data?: T
  error?: unknown
  reload: () => void
}

/** Loads once, and again when `key` changes or `reload` is called. */
export function useLoaded<T>(load: () => Promise<T>, key: unknown[]): Loaded<T> {
  const [state, setState] = useState<{ data?: T; error?: unknown }>({})
  const [round, setRound] = useState(0)
  useEffect(() => {
    let current = true
    load().then(
      (data) => current && setState({ data }),
      (error) => current && setState((before) => ({ ...before, error })),
    )
    return () => {
      current = false
    }
  }, [...key, round])
  const reload = () => {
    setState(({ data }) => (data === undefined ? {} : { data }))
    setRound((before) => before + 1)
  }
  return { ...state, reload }
}
