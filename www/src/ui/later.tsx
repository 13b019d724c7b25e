/** Pages that are loaded when they are first shown. */
import type { ComponentType } from 'preact'
import { useEffect } from 'preact/hooks'

import { t } from '../texts/index.ts'
import { useLoaded } from './loaded.ts'
import { LoadState } from './words.tsx'

export function later(load: () => Promise<ComponentType>): ComponentType {
  let known: ComponentType | undefined
  return function Later() {
    const loaded = useLoaded(async () => (known ??= await load()), [])
    const Page = known
    useEffect(() => {
      // Screen readers announce the page, which was not there when it was gone to.
      if (document.activeElement === document.body) document.querySelector<HTMLElement>('main h1')?.focus()
    }, [Page])
    return Page === undefined ? <LoadState of={loaded} loading={t().loading} /> : <Page />
  }
}
