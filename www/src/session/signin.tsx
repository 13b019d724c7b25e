/** How somebody signs in: at a trusted token issuer where that is configured, or with a token. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'

import { t } from '../texts/index.ts'
import { Fold } from '../ui/groups.tsx'
import { ErrorNotice } from '../ui/words.tsx'
import { failure, isSigningIn, signInAt } from './flow.ts'
import { type Place, usePlace } from './place.ts'

/** `children`: the form that takes a token. */
export function SignInWays({ children }: { children: ComponentChildren }) {
  const words = t().signIn
  const { data, error, reload } = usePlace()
  if (isSigningIn.value) return <p aria-busy="true">{words.underWay}</p>
  const place = data?.place
  return (
    <>
      <ErrorNotice error={failure.value} />
      {data === undefined && error === undefined && <p aria-busy="true">{t().loading}</p>}
      <ErrorNotice error={error} onRetry={reload} />
      {place !== undefined && (
        <>
          <SignInButton place={place} />
          <Fold title={words.withToken}>{children}</Fold>
        </>
      )}
      {place === undefined && (data !== undefined || error !== undefined) && children}
    </>
  )
}

function SignInButton({ place }: { place: Place }) {
  const [busy, setBusy] = useState(false)
  const go = async () => {
    setBusy(true)
    failure.value = undefined
    try {
      await signInAt(place)
    } catch (error) {
      failure.value = error
      setBusy(false)
    }
  }
  return (
    <p class="actions">
      <button type="button" aria-busy={busy} onClick={() => void go()}>
        {t().signIn.at(place.name)}
      </button>
    </p>
  )
}
