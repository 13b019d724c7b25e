/**
 * What the administrator who is signed in may do. The server decides with every
 * call; here it is asked once, so that the pages offer nothing that it would refuse.
 */
import { effect, signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'

import { adminToken, call } from '../api.ts'
import { t } from '../texts/index.ts'
import { Notice, Ticked } from '../ui/words.tsx'

/** The right to change users, to change what is trusted, or to change everything. */
export type Right = 'users' | 'trust' | 'all'

const SCOPES = { users: 'exchequer:admin:users', trust: 'exchequer:admin:trust', all: 'exchequer:admin' } as const

/** Every scope that lets somebody administer, at least to see. */
export const ADMIN_SCOPES = ['exchequer:admin', 'exchequer:admin:read', 'exchequer:admin:users', 'exchequer:admin:trust']

/** Those of the administrator; `undefined` as long as the server has not told them. */
const scopes = signal<readonly string[] | undefined>(undefined)

effect(() => {
  const token = adminToken.value
  scopes.value = undefined
  if (token === undefined) return
  call<{ scopes: string[] }>('GET', 'api/server/v1/administrator')
    .then((told) => {
      if (adminToken.value === token) scopes.value = told.scopes
    })
    // The server goes on deciding, and says why.
    .catch(() => undefined)
})

/** Whether the administrator may do it, as far as is known. */
export const may = (right: Right): boolean => scopes.value?.includes(SCOPES[right]) ?? true

/** The right to change the objects of a list, by its name in addresses. */
export const rightOf = (place: string): Right => (place === 'users' ? 'users' : 'trust')

/** What needs a right; without the right, why it is not there. */
export function Needs({ right, children }: { right: Right; children: ComponentChildren }) {
  if (may(right)) return <>{children}</>
  return (
    <p class="quiet">
      <Ticked text={t().rights.needs(SCOPES[right])} />
    </p>
  )
}

/** Says above a form that is shown and cannot be changed why that is so. */
export function NotAllowed({ right }: { right: Right }) {
  return (
    <Notice kind="info" title={t().rights.title}>
      <p>
        <Ticked text={t().rights.about(SCOPES[right])} />
      </p>
    </Notice>
  )
}
