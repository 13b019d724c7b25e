/** What users see and do about their own account. */
import { useState } from 'preact/hooks'

import { call, linksOf, send, userToken } from '../api.ts'
import type { Link } from '../model.ts'
import { Text } from '../ui/fields.tsx'
import { Form } from '../ui/form.tsx'
import { useLoaded } from '../ui/loaded.ts'
import { ErrorNotice, Heading, Loading } from '../ui/words.tsx'
import { Links } from './links.tsx'

const MINE = linksOf('me')

export function Me() {
  return (
    <>
      <Heading title="My account" about="The accounts elsewhere that you can come in with.">
        {userToken.value !== undefined && (
          <button type="button" class="outline secondary" onClick={() => (userToken.value = undefined)}>
            Another account
          </button>
        )}
      </Heading>
      {userToken.value === undefined ? <WhoAmI /> : <Mine />}
    </>
  )
}

function WhoAmI() {
  const [token, setToken] = useState('')
  const signIn = async () => {
    await send('GET', MINE, undefined, token.trim())
    userToken.value = token.trim()
  }
  return (
    <section class="sign-in">
      <Form submit="Show my linked accounts" onSubmit={signIn}>
        <Text label="Access token" type="password" value={token} onInput={setToken} hint="One that this server issued about your local account. To remove links it needs the scope exchequer:links. It stays in the memory of this page." />
      </Form>
    </section>
  )
}

function Mine() {
  const { data, error, reload } = useLoaded(() => call<Link[]>('GET', MINE, undefined, 'user'), [])
  const unlink = async (id?: string) => {
    await call('DELETE', id === undefined ? MINE : `${MINE}/${encodeURIComponent(id)}`, undefined, 'user')
    reload()
  }
  return (
    <section aria-label="Linked accounts">
      <h2>Linked accounts</h2>
      <p class="quiet">Remove one, and whoever signs in there is not you here any more. New links come when you first bring a token of an issuer that links by itself, or from an administrator.</p>
      <ErrorNotice error={error} onRetry={reload} />
      {data === undefined && error === undefined && <Loading what="your links" />}
      {data !== undefined && <Links links={data} unlink={unlink} />}
    </section>
  )
}
