/** The self-service page: users look at their own linked accounts. */
import { linksOf, userToken } from '../api.ts'
import { TokenForm } from '../ui/signin.tsx'
import { Heading } from '../ui/words.tsx'
import { LinkedAccounts } from './links.tsx'

const MINE = linksOf('me')

export function Me() {
  return (
    <>
      <Heading title="My account" about="The accounts at other issuers that are linked to yours.">
        {userToken.value !== undefined && (
          <button type="button" class="outline secondary" onClick={() => (userToken.value = undefined)}>
            Another account
          </button>
        )}
      </Heading>
      {userToken.value === undefined ? <SignIn /> : <LinkedAccounts path={MINE} as="user" about={<About />} />}
    </>
  )
}

function SignIn() {
  const hint = (
    <>
      An access token that this server issued about your local account. It stays in the memory of this page. <Needs />
    </>
  )
  return (
    <section class="sign-in">
      <TokenForm label="Access token" hint={hint} submit="Show my linked accounts" path={MINE} keep={userToken} />
    </section>
  )
}

function About() {
  return (
    <>
      After you remove a link, tokens of that account no longer mean you. A new link is made when you first use a token of an issuer that links automatically, or by an administrator. <Needs />
    </>
  )
}

const Needs = () => (
  <>
    To remove links, the token needs the scope <code>exchequer:links</code> if its application has scopes.
  </>
)
