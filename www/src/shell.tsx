/** The frame of every page: navigation, and signing in. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

import { adminToken, expired, ISSUERS, userToken } from './api.ts'
import { ApplicationPage } from './pages/application/page.tsx'
import { Applications } from './pages/applications.tsx'
import { Health } from './pages/health.tsx'
import { IssuerPage } from './pages/issuer/page.tsx'
import { Issuers } from './pages/issuers.tsx'
import { Me } from './pages/me.tsx'
import { UserPage } from './pages/user/page.tsx'
import { Users } from './pages/users.tsx'
import { Playground } from './playground/page.tsx'
import { route, to } from './route.ts'
import { Dialog } from './ui/dialog.tsx'
import { TokenForm } from './ui/signin.tsx'
import { Heading, Notice } from './ui/words.tsx'

const PLACES = [
  { path: 'issuers', label: 'Trusted token issuers' },
  { path: 'applications', label: 'Applications' },
  { path: 'users', label: 'Users' },
  { path: 'health', label: 'Health' },
  { path: 'playground', label: 'Playground' },
  { path: 'me', label: 'My account' },
]

export function Shell() {
  const { path } = route.value
  const here = path[0] === '' ? 'issuers' : path[0]!
  const main = useRef<HTMLElement>(null)
  const [menu, setMenu] = useState(false)
  const whole = path.join('/')
  const first = useRef(true)
  useEffect(() => {
    setMenu(false)
    scrollTo(0, 0)
    // Screen readers announce the new page.
    if (!first.current) main.current?.querySelector<HTMLElement>('h1')?.focus()
    first.current = false
  }, [whole])
  return (
    <>
      <a class="skip" href={location.hash || '#/'} onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        Skip to the page
      </a>
      <header class="top">
        <a class="brand" href="#/">
          <Mark /> Exchequer
        </a>
        <button type="button" class="menu outline secondary" aria-expanded={menu} aria-controls="places" onClick={() => setMenu(!menu)}>
          Menu
        </button>
        <nav id="places" class={menu ? 'open' : ''} aria-label="Console">
          <ul>
            {PLACES.map(({ path, label }) => (
              <li key={path}>
                <a href={to(path)} aria-current={path === here ? 'page' : undefined}>
                  {label}
                </a>
              </li>
            ))}
          </ul>
          <Who />
        </nav>
      </header>
      <main ref={main} tabIndex={-1}>
        <Current here={here} path={path} />
      </main>
      {expired.value && (
        <Dialog title="Sign in again">
          <p>The server no longer accepts the token. What you typed is kept.</p>
          <SignInForm onDone={() => (expired.value = false)} />
        </Dialog>
      )}
    </>
  )
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
      <rect width="32" height="32" rx="7" class="mark" />
      <path d="M8 12h13l-3.5-3.5M24 20H11l3.5 3.5" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  )
}

function Who() {
  const leave = () => {
    adminToken.value = undefined
    userToken.value = undefined
  }
  if (adminToken.value === undefined && userToken.value === undefined) return null
  return (
    <div class="who">
      <span class="quiet">Signed in{adminToken.value === undefined ? '' : ' as administrator'}</span>
      <button type="button" class="small outline secondary" onClick={leave}>
        Sign out
      </button>
    </div>
  )
}

function Current({ here, path }: { here: string; path: string[] }) {
  const id = path[1]
  switch (here) {
    case 'playground':
      return <Playground />
    case 'me':
      return <Me />
    case 'issuers':
      return <Administrators>{id === undefined ? <Issuers /> : <IssuerPage key={id} id={id} />}</Administrators>
    case 'applications':
      return <Administrators>{id === undefined ? <Applications /> : <ApplicationPage key={id} id={id} />}</Administrators>
    case 'users':
      return <Administrators>{id === undefined ? <Users /> : <UserPage key={id} id={id} />}</Administrators>
    case 'health':
      return (
        <Administrators>
          <Health />
        </Administrators>
      )
    default:
      return <Heading title="There is no such page" about={<a href="#/">To the trusted token issuers</a>} />
  }
}

/** A page for administrators. Anybody else is asked to sign in. */
function Administrators({ children }: { children: ComponentChildren }) {
  if (adminToken.value !== undefined) return <>{children}</>
  return (
    <section class="sign-in">
      <Heading title="Sign in" about="The console of this Exchequer server." />
      <SignInForm />
      <Notice kind="info">
        <p>
          The <a href={to('playground')}>playground</a> needs no token. To see <a href={to('me')}>your own linked accounts</a>, use your access token.
        </p>
      </Notice>
    </section>
  )
}

function SignInForm({ onDone }: { onDone?: () => void }) {
  const hint = (
    <>
      The value of <code>EXCHEQUER_ADMIN_TOKEN</code>, or an access token with the scope <code>exchequer:admin</code>. It stays in the memory of this page until you close or reload the page.
    </>
  )
  return <TokenForm label="Admin token" hint={hint} submit="Sign in" path={`${ISSUERS}?limit=1`} keep={adminToken} {...(onDone && { onDone })} />
}
