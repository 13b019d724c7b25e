/** The self-service page: users look at their own linked accounts. */
import { linksOf, userToken } from '../api.ts'
import { end, person, session } from '../session/session.ts'
import { SignInWays } from '../session/signin.tsx'
import { t } from '../texts/index.ts'
import { TokenForm } from '../ui/signin.tsx'
import { Heading, Ticked } from '../ui/words.tsx'
import { LinkedAccounts } from './links.tsx'

const MINE = linksOf('me')

export function Me() {
  const { me } = t()
  const token = userToken.value
  return (
    <>
      <Heading title={me.title} about={me.about}>
        {token !== undefined && (
          <button type="button" class="outline secondary" onClick={end}>
            {me.another}
          </button>
        )}
      </Heading>
      {token === undefined ? <SignIn /> : <Mine />}
    </>
  )
}

function Mine() {
  const { me, signIn } = t()
  const name = person()
  return (
    <>
      {name !== undefined && <p>{signIn.signedInAs(name)}</p>}
      <LinkedAccounts path={MINE} as="user" about={<Ticked text={session.value === undefined ? `${me.aboutLinks} ${me.needs}` : me.aboutLinks} />} />
    </>
  )
}

function SignIn() {
  const { me } = t()
  return (
    <section class="sign-in">
      <SignInWays>
        <TokenForm label={me.token} hint={<Ticked text={`${me.tokenHint} ${me.needs}`} />} submit={me.submit} path={MINE} keep={userToken} refused={me.refused} />
      </SignInWays>
    </section>
  )
}
