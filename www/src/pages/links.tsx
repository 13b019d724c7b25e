/** The linked accounts of a user, for an administrator and for the user. */
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'

import { call, Refused } from '../api.ts'
import type { Link } from '../model.ts'
import { Danger } from '../ui/dialog.tsx'
import { useLoaded } from '../ui/loaded.ts'
import { LoadState, Notice, When } from '../ui/words.tsx'

interface LinkedAccountsProps {
  /** The list in the API. */
  path: string
  as?: 'admin' | 'user'
  about: ComponentChildren
  /** Stands below the list. */
  children?: (reload: () => void) => ComponentChildren
}

export function LinkedAccounts({ path, as = 'admin', about, children }: LinkedAccountsProps) {
  const loaded = useLoaded(() => call<Link[]>('GET', path, undefined, as), [path])
  const { data, error, reload } = loaded
  const [removed, setRemoved] = useState(false)
  const unlink = async (id?: string) => {
    await call('DELETE', id === undefined ? path : `${path}/${encodeURIComponent(id)}`, undefined, as)
    setRemoved(true)
    reload()
  }
  // An access token stops working with the link that it was issued because of.
  const ended = removed && as === 'user' && error instanceof Refused && error.status === 401
  return (
    <section aria-label="Linked accounts">
      <h2>Linked accounts</h2>
      <p class="quiet">{about}</p>
      {ended ? (
        <Notice kind="info" title="Removed">
          <p>Your access token was issued because of the link that you removed, so it no longer works. Sign in with another one.</p>
        </Notice>
      ) : (
        <>
          <LoadState of={loaded} what="the links" />
          {data !== undefined && <Links links={data} unlink={unlink} />}
        </>
      )}
      {children?.(reload)}
    </section>
  )
}

function Links({ links, unlink }: { links: Link[]; unlink: (id?: string) => Promise<unknown> }) {
  const here = useRef<HTMLDivElement>(null)
  const before = useRef(links.length)
  useLayoutEffect(() => {
    // The button that was pressed is gone, and the focus with it.
    if (links.length < before.current) here.current?.focus()
    before.current = links.length
  }, [links.length])
  return (
    <div ref={here} tabIndex={-1}>
      {links.length === 0 && <p>There is no linked account.</p>}
      <ul class="cards">
        {links.map((link) => (
          <li key={link.id}>
            <div>
              <span class="name">{link.idp.name}</span>
              <span class="mono quiet">{link.federatedUserId}</span>
              {link.created !== undefined && (
                <small class="quiet">
                  linked <When at={link.created} />
                  {link.origin === 'implicit' ? ' automatically' : link.createdBy === undefined ? '' : ` by ${link.createdBy}`}
                </small>
              )}
            </div>
            <Danger
              small
              label="Remove"
              describe={`Remove the link to ${link.federatedUserId} of ${link.idp.name}`}
              title="Remove this link?"
              question={
                <>
                  Tokens issued because of it stop working. <strong>{link.idp.name}</strong>: <span class="mono">{link.federatedUserId}</span>
                </>
              }
              confirm="Remove the link"
              act={() => unlink(link.id)}
            />
          </li>
        ))}
      </ul>
      {links.length > 1 && <Danger small label="Remove all" title="Remove every link?" question="Tokens issued because of them stop working." confirm="Remove all links" act={() => unlink()} />}
    </div>
  )
}
