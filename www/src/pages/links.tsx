/** A user's linked accounts. */
import { useLayoutEffect, useRef } from 'preact/hooks'

import type { Link } from '../model.ts'
import { Danger } from '../ui/dialog.tsx'
import { When } from '../ui/words.tsx'

export function Links({ links, unlink }: { links: Link[]; unlink: (id?: string) => Promise<unknown> }) {
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
                  {link.origin === 'implicit' ? ' on first sight' : link.createdBy === undefined ? '' : ` by ${link.createdBy}`}
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
                  What was granted by it counts for nothing from then on. <strong>{link.idp.name}</strong>: <span class="mono">{link.federatedUserId}</span>
                </>
              }
              confirm="Remove the link"
              act={() => unlink(link.id)}
            />
          </li>
        ))}
      </ul>
      {links.length > 1 && <Danger small label="Remove all" title="Remove every link?" question="What was granted by them counts for nothing from then on." confirm="Remove them all" act={() => unlink()} />}
    </div>
  )
}
