/** The linked accounts of a user, for an administrator and for the user. */
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'

import { call, Refused } from '../api.ts'
import type { Link } from '../model.ts'
import { may, Needs } from '../session/rights.tsx'
import { t } from '../texts/index.ts'
import { Danger } from '../ui/dialog.tsx'
import { useLoaded } from '../ui/loaded.ts'
import { When } from '../ui/times.tsx'
import { clearToasts, toast } from '../ui/toasts.tsx'
import { LoadState, Notice } from '../ui/words.tsx'
import { By } from './author.tsx'

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
  const words = t().links
  const unlink = async (id?: string) => {
    clearToasts()
    await call('DELETE', id === undefined ? path : `${path}/${encodeURIComponent(id)}`, undefined, as)
    setRemoved(true)
    toast(words.removed)
    reload()
  }
  // An access token stops working with the link that it was issued because of.
  const ended = removed && as === 'user' && error instanceof Refused && error.status === 401
  return (
    <section aria-label={words.title}>
      <h2>{words.title}</h2>
      <p class="quiet">{about}</p>
      {ended ? (
        <Notice kind="info" title={words.endedTitle}>
          <p>{words.ended}</p>
        </Notice>
      ) : (
        <>
          <LoadState of={loaded} loading={words.loading} />
          {data !== undefined && <Links links={data} {...((as === 'user' || may('users')) && { unlink })} />}
        </>
      )}
      {children !== undefined && <Needs right="users">{children(reload)}</Needs>}
    </section>
  )
}

function Links({ links, unlink }: { links: Link[]; unlink?: (id?: string) => Promise<unknown> }) {
  const here = useRef<HTMLDivElement>(null)
  const words = t().links
  const before = useRef(links.length)
  useLayoutEffect(() => {
    // The button that was pressed is gone, and the focus with it.
    if (links.length < before.current) here.current?.focus()
    before.current = links.length
  }, [links.length])
  return (
    <div ref={here} tabIndex={-1}>
      {links.length === 0 && <p>{words.none}</p>}
      <ul class="cards">
        {links.map((link) => (
          <li key={link.id}>
            <div>
              <span class="name">{link.idp.name}</span>
              <span class="mono quiet">{link.federatedUserId}</span>
              {link.created !== undefined && (
                <small class="quiet">
                  {words.linked} <When at={link.created} /> {link.origin === 'implicit' ? words.automatically : link.createdBy === undefined ? '' : <By by={link.createdBy} />}
                </small>
              )}
            </div>
            {unlink !== undefined && (
              <Danger
                small
                label={t().remove}
                describe={words.removeOf(link.federatedUserId, link.idp.name)}
                title={words.removeTitle}
                question={
                  <p>
                    {words.removeAbout} <strong>{link.idp.name}</strong>: <span class="mono">{link.federatedUserId}</span>
                  </p>
                }
                confirm={words.removeConfirm}
                act={() => unlink(link.id)}
              />
            )}
          </li>
        ))}
      </ul>
      {unlink !== undefined && links.length > 1 && <Danger small label={words.removeAll} title={words.removeAllTitle} question={<p>{words.removeAllAbout}</p>} confirm={words.removeAllConfirm} act={() => unlink()} />}
    </div>
  )
}
