/** The frame of every page: navigation, and signing in. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

import { adminToken, expired, ISSUERS, userToken } from './api.ts'
import { forgetDrafts } from './drafts.ts'
import { ApplicationPage } from './pages/application/page.tsx'
import { Applications } from './pages/applications.tsx'
import { IssuerPage } from './pages/issuer/page.tsx'
import { Issuers } from './pages/issuers.tsx'
import { Me } from './pages/me.tsx'
import { Server } from './pages/server.tsx'
import { UserPage } from './pages/user/page.tsx'
import { Users } from './pages/users.tsx'
import { leaving, route, to, unsaved } from './route.ts'
import { end, person } from './session/session.ts'
import { SignInWays } from './session/signin.tsx'
import { t } from './texts/index.ts'
import { Dialog } from './ui/dialog.tsx'
import { later } from './ui/later.tsx'
import { SettingsButton } from './ui/settings.tsx'
import { TokenForm } from './ui/signin.tsx'
import { Toasts } from './ui/toasts.tsx'
import { Heading, Notice, Ticked } from './ui/words.tsx'

// The catalogue of reasons and the tools of the playground are not wanted on every page.
const Health = later(async () => (await import('./pages/health.tsx')).Health)
const Activity = later(async () => (await import('./pages/activity/page.tsx')).Activity)
const Changes = later(async () => (await import('./pages/changes.tsx')).Changes)
const Configuration = later(async () => (await import('./pages/configuration/page.tsx')).Configuration)
const Playground = later(async () => (await import('./playground/page.tsx')).Playground)

const PLACES = ['issuers', 'applications', 'users', 'health', 'activity', 'changes', 'configuration', 'server', 'playground', 'me'] as const
/** What a person who administers nothing has a use for. */
const OF_USERS: readonly string[] = ['me']

export function Shell() {
  const { path } = route.value
  const here = path[0] === '' ? (isUser() ? 'me' : 'issuers') : path[0]!
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
  const words = t().shell
  return (
    <>
      <header class="top">
        <a class="skip" href={location.hash || '#/'} onClick={(event) => (event.preventDefault(), main.current?.focus())}>
          {words.skip}
        </a>
        <a class="brand" href="#/">
          <Mark /> Exchequer
        </a>
        <button type="button" class="menu outline secondary" aria-expanded={menu} aria-controls="places" onClick={() => setMenu(!menu)}>
          {words.menu}
        </button>
        <nav id="places" class={menu ? 'open' : ''} aria-label={words.console}>
          <Places here={here} />
          <Who />
        </nav>
      </header>
      <main ref={main} tabIndex={-1}>
        <Current here={here} path={path} />
      </main>
      <Toasts />
      {expired.value && (
        <Dialog title={t().signIn.again}>
          <p>{t().signIn.againAbout}</p>
          <SignInForm onDone={() => (expired.value = false)} />
        </Dialog>
      )}
      {leaving.value !== undefined && <Leave leave={leaving.value.leave} />}
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

/** Somebody is signed in, and administers nothing. */
const isUser = () => userToken.value !== undefined && adminToken.value === undefined

function Places({ here }: { here: string }) {
  return (
    <ul>
      {PLACES.filter((place) => !isUser() || OF_USERS.includes(place)).map((place) => (
        <li key={place}>
          <a href={to(place)} aria-current={place === here ? 'page' : undefined}>
            {t().shell.places[place]}
          </a>
        </li>
      ))}
    </ul>
  )
}

/** Asks before something that was typed is lost. */
function Leave({ leave }: { leave: () => void }) {
  const words = t().leave
  const stay = () => (leaving.value = undefined)
  return (
    <Dialog title={words.title} onClose={stay}>
      <p>{words.about}</p>
      <div class="actions">
        <button type="button" class="danger" data-leave="" onClick={leave}>
          {words.discard}
        </button>
        <button type="button" class="outline secondary" autofocus onClick={stay}>
          {words.stay}
        </button>
      </div>
    </Dialog>
  )
}

function signOut(): void {
  leaving.value = undefined
  unsaved.value = false
  end()
  forgetDrafts()
}

function Who() {
  const words = t().signIn
  const name = person()
  const signedIn = adminToken.value !== undefined || userToken.value !== undefined
  return (
    <div class="who">
      {signedIn && <span class="quiet">{adminToken.value === undefined ? (name === undefined ? words.signedIn : words.signedInAs(name)) : name === undefined ? words.asAdministrator : words.administrator(name)}</span>}
      <div class="actions">
        <SettingsButton />
        {signedIn && (
          <button type="button" class="small outline secondary" onClick={() => (unsaved.value ? (leaving.value = { leave: signOut }) : signOut())}>
            {words.signOut}
          </button>
        )}
      </div>
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
    case 'server':
      return <Server />
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
    case 'activity':
      return (
        <Administrators>
          <Activity />
        </Administrators>
      )
    case 'configuration':
      return (
        <Administrators>
          <Configuration />
        </Administrators>
      )
    case 'changes':
      return (
        <Administrators>
          <Changes />
        </Administrators>
      )
    default:
      return <Heading title={t().shell.noPage} about={<a href="#/">{t().shell.toIssuers}</a>} />
  }
}

/** A page for administrators. Anybody else is asked to sign in. */
function Administrators({ children }: { children: ComponentChildren }) {
  if (adminToken.value !== undefined) return <>{children}</>
  if (isUser()) return <NoAdministrator />
  const words = t().signIn
  return (
    <section class="sign-in">
      <Heading title={words.title} about={words.about} />
      <SignInForm />
      <Notice kind="info">
        <p>
          <Ticked text={words.withoutToken} to={[to('playground'), to('me')]} />
        </p>
      </Notice>
    </section>
  )
}

/** Somebody who is signed in comes to a page that is not for them. */
function NoAdministrator() {
  const words = t().signIn
  return (
    <section class="sign-in">
      <Heading title={words.noAdministrator} />
      <p>
        <Ticked text={words.noAdministratorAbout} to={[to('me')]} />
      </p>
    </section>
  )
}

function SignInForm({ onDone }: { onDone?: () => void }) {
  const words = t().signIn
  return (
    <SignInWays>
      <TokenForm label={words.token} hint={<Ticked text={words.tokenHint} />} submit={words.title} path={`${ISSUERS}?limit=1`} keep={adminToken} {...(onDone && { onDone })} />
    </SignInWays>
  )
}
