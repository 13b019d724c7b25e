/** The self-service page: users look at their own linked accounts. */
import { linksOf, userToken } from '../api.ts'
import { decoded } from '../playground/jwt.ts'
import { t } from '../texts/index.ts'
import { TokenForm } from '../ui/signin.tsx'
import { Heading, Ticked } from '../ui/words.tsx'
import { LinkedAccounts } from './links.tsx'

const MINE = linksOf('me')

/** The person that an access token is about, as far as it says. */
export function personOf(token: string): string | undefined {
  const { payload = {} } = decoded(token)
  return [payload['username'], payload['email'], payload['sub']].find((one): one is string => typeof one === 'string' && one !== '')
}

export function Me() {
  const { me } = t()
  const token = userToken.value
  return (
    <>
      <Heading title={me.title} about={me.about}>
        {token !== undefined && (
          <button type="button" class="outline secondary" onClick={() => (userToken.value = undefined)}>
            {me.another}
          </button>
        )}
      </Heading>
      {token === undefined ? <SignIn /> : <LinkedAccounts path={MINE} as="user" about={<Ticked text={`${me.aboutLinks} ${me.needs}`} />} />}
    </>
  )
}

function SignIn() {
  const { me } = t()
  return (
    <section class="sign-in">
      <TokenForm label={me.token} hint={<Ticked text={`${me.tokenHint} ${me.needs}`} />} submit={me.submit} path={MINE} keep={userToken} refused={me.refused} />
    </section>
  )
}
