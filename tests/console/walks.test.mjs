/**
 * Four people, each from an empty server to done, and an administrator who signs in
 * at the company. By keyboard alone, in Chromium and in Firefox, with axe in both
 * themes at 390 and 1440 px on the way.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { serve } from '../node/support/serve.mjs'
import { ADMIN, EXCHANGE } from './support/console.mjs'
import { chromium, firefox, noFirefox } from './support/browsers.mjs'
import { Person } from './support/hands.mjs'
import { issuer } from './support/keys.mjs'
import { CLIENT, login } from './support/login.mjs'

const JWT = 'urn:ietf:params:oauth:token-type:jwt'

/** What was started. It ends after the tests, whatever fails: a server keeps this file from ending. */
const stops = []

/** A server with nothing but what `more` says. */
async function server(more = () => ({})) {
  const sts = await serve((own) => ({ issuer: own, ...more(own) }), { store: 'memory:', adminToken: ADMIN })
  stops.push(() => sts.stop())
  const api = async (method, path, body) => {
    const headers = { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' }
    const response = await fetch(`${sts.url}/${path}`, { method, headers, body: body && JSON.stringify(body) })
    const text = await response.text()
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }
  const exchange = async (form, credentials) => {
    const headers = credentials === undefined ? {} : { authorization: `Basic ${Buffer.from(credentials.join(':')).toString('base64')}` }
    const body = new URLSearchParams({ grant_type: EXCHANGE, subject_token_type: JWT, ...form })
    return (await fetch(`${sts.url}/oauth2/token`, { method: 'POST', headers, body })).json()
  }
  return { sts, api, exchange }
}

async function signsIn(person, url) {
  await person.page.goto(`${url}/console/`)
  await person.sees('Admin token')
  await person.fill('Admin token', ADMIN)
  await person.press('Enter')
  await person.arrives('Trusted token issuers')
}

/** A server at which people sign in at a login of their company. */
async function withLogin() {
  const company = await login()
  stops.push(() => company.stop())
  const started = await server((own) => ({
    trustedTokenIssuers: [{ name: 'Company login', issuer: company.issuer, alias: CLIENT, certificate: { discovery: true }, readTimeoutMs: 30_000 }],
    applications: [{ name: 'Console', clientId: 'console', type: 'mobile', grantTypes: [EXCHANGE], trustedTokenIssuers: ['Company login'], audiences: [own], scopes: ['exchequer:links'], subject: { useMappedLocalSubject: true, mappedLocalSubjectMandatory: true } }],
    roles: [{ name: 'operator', scopes: ['exchequer:admin'] }],
    audit: { activity: { enabled: true } },
    console: { signIn: { issuer: 'Company login', clientId: CLIENT, application: 'console' } },
  }))
  company.serves(`${started.sts.url}/console/`)
  const add = async (userName, subjects, roles = []) => {
    const user = await started.api('POST', 'scim2/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName, roles: roles.map((value) => ({ value })) })
    for (const federatedUserId of subjects) await started.api('POST', `api/users/v1/${user.id}/federated-associations`, { idp: 'Company login', federatedUserId })
    return user
  }
  return { ...started, add }
}

async function signsInAtTheCompany(person, who) {
  await person.choose('Sign in at Company login')
  await person.sees('Sign-in')
  await person.lands('Enter any login')
  await person.fill('Enter any login', who)
  await person.fill('and password', 'any')
  await person.press('Enter')
}

const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'))

for (const [name, start, skip] of [['Chromium', chromium, false], ['Firefox', firefox, noFirefox]]) {
  describe(`by keyboard in ${name}`, { skip }, () => {
    let browser, builds
    before(async () => {
      builds = await issuer()
      browser = await start()
    })
    after(async () => {
      await browser?.stop()
      builds?.stop()
      for (const stop of stops) await stop()
    })
    const someone = async (who) => new Person(await browser.page(), `${name}-${who}`)

    it('an operator who comes from WSO2 registers an issuer, an application and a linked account, and exchanges a token', async () => {
      const { sts, api, exchange } = await server()
      const person = await someone('operator')
      await signsIn(person, sts.url)
      await person.looks('empty')
      await person.choose('Add an issuer')
      await person.arrives('Add a trusted token issuer')
      await person.fill('Name', 'Partner login')
      await person.fill('Issuer', builds.origin)
      await person.fill('Alias', 'partner-client')
      await person.reach('JWKS URL')
      await person.press('Tab')
      await person.page.type(builds.jwksUri)
      await person.choose('Test these keys')
      await person.sees('build-1')
      await person.looks('issuer')
      await person.choose('Create the issuer')
      await person.arrives('Partner login')
      await person.choose('Create an application for it')
      await person.arrives('Add an application')
      await person.fill('Name', 'Shop')
      await person.fill('Client id', 'shop')
      await person.choose('Create the application')
      await person.sees('Copy the client secret now')
      const secret = await person.look(() => [...document.querySelectorAll('dialog pre')].at(-1).innerText.trim())
      await person.choose('I have saved the secret')
      await person.arrives('Shop')
      await person.looks('application')
      await person.goes('Users')
      await person.arrives('Users')
      await person.choose('Add a user')
      await person.arrives('Add a user')
      await person.fill('Username', 'ada')
      await person.choose('Create the user')
      await person.arrives('ada')
      await person.fill('Subject', 'ada-there')
      await person.choose('Link')
      await person.sees('The subject is linked.')
      await person.looks('user')
      const [user] = (await api('GET', 'scim2/Users')).Resources
      const subject_token = await builds.sign({ sub: 'ada-there', aud: 'partner-client' }, builds.origin)
      const { access_token, error_description } = await exchange({ subject_token }, ['shop', secret])
      assert.ok(access_token, error_description)
      assert.equal(claimsOf(access_token).sub, user.id)
      await person.leaves()
    })

    it('a platform engineer trusts GitHub Actions, sees why a token is refused, and mends it', async () => {
      const { sts } = await server()
      const person = await someone('engineer')
      await signsIn(person, sts.url)
      await person.choose('Add an issuer')
      await person.arrives('Add a trusted token issuer')
      await person.reach('Preset')
      await person.press('ArrowDown')
      await person.sees('Common mistakes with GitHub Actions')
      await person.fill('Organisation or user', 'octo-org')
      await person.fill('Owner’s id', '123456')
      await person.fill('Repository’s id', '456789')
      await person.choose('Fill in the form')
      await person.sees('The form is filled in.')
      await person.looks('preset')
      // GitHub cannot be reached from a test.
      await person.reach('JWKS URL')
      await person.press('ArrowUp')
      await person.fill('Key set (JWKS)', JSON.stringify(builds.jwks))
      await person.choose('Create the issuer')
      // The stand-in does not sign as GitHub does, and the form says so at its field.
      await person.sees('can be used with RS256')
      await person.lands('Algorithms')
      await person.tick('RS256')
      await person.tick('ES256')
      await person.choose('Create the issuer')
      await person.arrives('GitHub Actions')
      await person.choose('Create an application for it')
      await person.arrives('Add an application')
      await person.reach('Web application')
      await person.press('ArrowDown')
      await person.press('ArrowDown')
      await person.fill('Name', 'Deploy bot')
      await person.choose('Create the application')
      await person.sees('Copy the client secret now')
      await person.choose('I have saved the secret')
      await person.arrives('Deploy bot')
      await person.sees('id-token: write')
      await person.choose('Try it out')
      await person.arrives('Playground')
      const claims = { sub: 'repo:octo-org@123456/app@456789:pull_request', aud: sts.url, repository_owner_id: '123456', repository_id: '456789', ref: 'refs/pull/7/merge' }
      await person.fill('Token', await builds.sign(claims, 'https://token.actions.githubusercontent.com'))
      await person.choose('Try it out')
      await person.sees('Refused: invalid_request')
      await person.looks('refused')
      await person.choose('Change it: GitHub Actions')
      await person.arrives('GitHub Actions')
      for (let row = 0; row < 3; row++) {
        await person.reach(/^Value/)
        if (row < 2) await person.press('Tab')
      }
      await person.press('Control+A')
      await person.page.type('refs/*')
      await person.choose('Save')
      await person.sees('Saved.')
      await person.look(() => document.querySelector('h1').focus())
      await person.choose('Back to the playground, and try again')
      await person.arrives('Playground')
      await person.choose('Try it out')
      await person.sees('A token would be issued.')
      await person.leaves()
    })

    it('a security officer finds a refusal with its values, reverts a change, revokes a token, and sees the keys', async () => {
      const { sts, api, exchange } = await server(() => ({ audit: { activity: { enabled: true }, privateClaims: ['email'] } }))
      const person = await someone('officer')
      await signsIn(person, sts.url)
      await person.goes('Activity')
      await person.arrives('Activity')
      await person.sees('No stored decision')
      const { id } = await api('POST', 'api/server/v1/trusted-token-issuers', { name: 'Builds', issuer: builds.origin, certificate: { jwks: builds.jwks }, conditions: [{ claim: 'ref', equals: 'main' }] })
      const shop = await api('POST', 'api/server/v1/applications', { name: 'Shop', clientId: 'shop', type: 'mobile', grantTypes: [EXCHANGE, 'refresh_token'], trustedTokenIssuers: ['Builds'], scopes: ['read'] })
      await api('PATCH', `api/server/v1/applications/${shop.id}`, { scopes: ['read', 'admin:everything'] })
      const token = (ref) => builds.sign({ sub: 'job-7', aud: sts.url, ref, email: 'private@example.com' }, builds.origin)
      assert.ok((await exchange({ client_id: 'shop', subject_token: await token('main') })).refresh_token)
      assert.equal((await exchange({ client_id: 'shop', subject_token: await token('feature') })).error, 'invalid_request')
      await person.choose('Refresh')
      await person.sees('1 granted, 1 refused')
      await person.reach('Outcome')
      await person.press('ArrowDown')
      await person.press('ArrowDown')
      await person.sees('subject_token.condition.not_met')
      await person.looks('activity')
      await person.choose('A condition on the token')
      await person.arrives('Stored decision')
      await person.sees('ref is "feature"; wanted: equals "main"')
      const seen = await person.look(() => document.body.innerText)
      assert.ok(!seen.includes('private@example.com'))
      await person.looks('decision')

      await person.goes('Changes')
      await person.arrives('Changes')
      await person.choose('What changed')
      await person.sees('admin:everything')
      await person.choose('Revert this change of Shop')
      await person.sees('was before the change')
      await person.looks('revert')
      await person.choose('Revert the change')
      await person.sees('The change is reverted.')
      assert.deepEqual((await api('GET', `api/server/v1/applications/${shop.id}`)).scopes, ['read'])

      await person.goes('Applications')
      await person.arrives('Applications')
      await person.choose('Shop')
      await person.arrives('Shop')
      await person.sees('refresh token')
      await person.choose('Revoke the token of')
      await person.sees('Revoke this token?')
      await person.choose(/^Revoke the token$/)
      await person.sees('The token is revoked.')
      assert.equal((await api('GET', `api/server/v1/grants?applicationId=${shop.id}`)).count, 0)

      await person.goes('Health')
      await person.arrives('Health')
      await person.sees('Keys of the issuers')
      await person.looks('health')
      await person.goes('Server')
      await person.arrives('Server')
      await person.sees('known since')
      await person.looks('server')
      assert.ok(id)
      await person.leaves()
    })

    it('an end user signs in at the company, sees the own account after a reload, and removes a link', async () => {
      const { sts, api, add } = await withLogin()
      const ada = await add('ada', ['ada', 'ada-of-old'])
      const person = await someone('user')
      await person.page.goto(`${sts.url}/console/#/me`)
      await person.sees('Sign in at Company login')
      await person.looks('signed-out')
      await signsInAtTheCompany(person, 'ada')
      await person.arrives('My account')
      await person.sees('Signed in as Ada of the company')
      await person.looks('account')
      await person.page.goto(`${sts.url}/console/?again#/me`)
      await person.arrives('My account')
      await person.sees('ada-of-old')
      await person.choose('Remove the link to ada-of-old')
      await person.sees('Remove this link?')
      await person.reach(/^Remove the link$/)
      await person.press('Enter')
      await person.sees('The link is removed.')
      // The page moves the focus when the list is there again.
      await person.lands('Company login')
      const links = await api('GET', `api/users/v1/${ada.id}/federated-associations`)
      assert.deepEqual(links.map((link) => link.federatedUserId), ['ada'])
      await person.choose('Sign out')
      await person.sees('Sign in at Company login')
      await person.leaves()
    })

    it('an administrator signs in at the company, looks at every place, and stays signed in after a reload', async () => {
      const { sts, add } = await withLogin()
      await add('olga', ['olga'], ['operator'])
      const person = await someone('administrator')
      await person.page.goto(`${sts.url}/console/#/applications`)
      await person.sees('Sign in at Company login')
      await signsInAtTheCompany(person, 'olga')
      await person.arrives('Applications')
      await person.sees('Olga of the company, administrator')
      await person.page.goto(`${sts.url}/console/?again#/applications`)
      await person.arrives('Applications')
      await person.sees('Olga of the company, administrator')
      for (const place of ['Trusted token issuers', 'Applications', 'Users', 'Changes', 'Configuration', 'Server', 'Playground']) {
        await person.goes(place)
        await person.arrives(place)
        await person.looks(place)
      }
      await person.leaves()
    })
  })
}
