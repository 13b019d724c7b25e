/** What a page reads from the server. */
import { useEffect, useState } from 'preact/hooks'

/** What is loaded, and loaded anew when `key` changes or when it is asked for. */
export function useLoaded<T>(load: () => Promise<T>, key: unknown[]): { data?: T; error?: unknown; reload: () => void } {
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
