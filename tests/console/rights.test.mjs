/** An administrator who may do a part: sees everything, is offered that part, and is told what the rest needs. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { EXCHANGE, close, flaws, open, start, visit } from './support/console.mjs'

const SECRET = 'a-secret-for-the-job-of-the-test-0123456789'
const SCOPES = ['exchequer:admin', 'exchequer:admin:read', 'exchequer:admin:users', 'exchequer:admin:trust']

let sts, browser, api, stop, user, issuer, application
before(async () => {
  const job = { clientId: 'job', clientSecret: SECRET, grantTypes: ['client_credentials'], scopes: SCOPES, accessToken: { type: 'opaque' } }
  ;({ sts, browser, api, stop } = await start(() => ({ applications: [job] })))
  user = await api('POST', 'scim2/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ada' })
  issuer = await api('POST', 'api/server/v1/trusted-token-issuers', { name: 'Builds', issuer: 'https://builds.example.com', certificate: { discovery: true } })
  application = await api('POST', 'api/server/v1/applications', { name: 'Bot', clientId: 'bot', grantTypes: [EXCHANGE], trustedTokenIssuers: ['Builds'] })
})
after(() => stop())

async function tokenOf(scope) {
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'job', client_secret: SECRET, scope })
  return (await (await fetch(`${sts.url}/oauth2/token`, { method: 'POST', body })).json()).access_token
}

/** The console with a token that has this scope. */
async function signedInWith(scope) {
  const page = await open(browser, `${sts.url}/console/`)
  await page.getByLabel('Admin token').fill(await tokenOf(scope))
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { level: 1, name: 'Trusted token issuers' }).waitFor()
  return page
}

const needs = (page, scope) => page.getByText(`To change this, you need the scope ${scope}.`)
const notice = (page) => page.getByText('You can see this, and not change it')

test('who may only read is offered nothing to change, and is told why', async () => {
  const page = await signedInWith('exchequer:admin:read')
  await needs(page, 'exchequer:admin:trust').waitFor()
  assert.equal(await page.getByRole('link', { name: 'Add an issuer' }).count(), 0)
  assert.deepEqual(await flaws(page, 'rights-list'), [])
  for (const hash of [`#/issuers/${issuer.id}`, `#/applications/${application.id}`, `#/users/${user.id}`, '#/users/new']) {
    await visit(page, hash)
    await notice(page).waitFor()
    assert.equal(await page.getByRole('button', { name: 'Delete', exact: true }).count(), 0, hash)
    const save = page.getByRole('button', { name: hash.endsWith('new') ? /^Create/ : 'Save', exact: !hash.endsWith('new') })
    for (const button of await save.all()) assert.ok(await button.isDisabled(), hash)
    assert.equal(await page.getByRole('button', { name: 'Test these keys' }).count(), 0)
  }
  await visit(page, `#/users/${user.id}`)
  await notice(page).waitFor()
  assert.deepEqual(await flaws(page, 'rights-user'), [])
  await visit(page, '#/configuration')
  await needs(page, 'exchequer:admin').waitFor()
  await visit(page, '#/server')
  await needs(page, 'exchequer:admin:trust').waitFor()
  await close(page)
})

test('who may change users changes users, and nothing that is trusted', async () => {
  const page = await signedInWith('exchequer:admin:users')
  await needs(page, 'exchequer:admin:trust').waitFor()
  await visit(page, `#/users/${user.id}`)
  await page.getByLabel('Display name').fill('Ada')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'Ada' }).waitFor()
  assert.equal(await notice(page).count(), 0)
  await visit(page, `#/applications/${application.id}`)
  await notice(page).waitFor()
  await close(page)
})

test('who may change what is trusted changes no user', async () => {
  const page = await signedInWith('exchequer:admin:trust')
  await page.getByRole('link', { name: 'Add an issuer' }).waitFor()
  await visit(page, `#/applications/${application.id}`)
  await page.getByRole('button', { name: 'Save', exact: true }).waitFor()
  assert.equal(await notice(page).count(), 0)
  await visit(page, `#/users/${user.id}`)
  await notice(page).waitFor()
  await close(page)
})

test('the reason is in German, too', async () => {
  const page = await open(browser, `${sts.url}/console/`, { locale: 'de-AT' })
  await page.getByLabel('Administrator-Token').fill(await tokenOf('exchequer:admin:read'))
  await page.getByRole('button', { name: 'Anmelden' }).click()
  await page.getByText('Um das zu ändern, brauchen Sie den Scope exchequer:admin:trust.').waitFor()
  await close(page)
})

test('who may change users was told that all tokens are revoked, though those of administrators were left', async () => {
  const page = await signedInWith('exchequer:admin:users')
  const { applications } = await api('GET', 'api/server/v1/applications?filter=clientId+eq+job')
  await visit(page, `#/applications/${applications[0].id}`)
  const tokens = page.getByRole('region', { name: 'Tokens' })
  await tokens.getByRole('button', { name: 'Revoke all' }).click()
  await page.getByRole('button', { name: 'Revoke all tokens' }).click()
  const left = tokens.getByRole('status').filter({ hasText: /tokens? (is|are) not revoked/ })
  await left.waitFor()
  assert.match(await left.innerText(), /Grants of administrators of this server are revoked by callers with the scope exchequer:admin only\./)
  assert.equal(await page.getByText('All tokens are revoked.').count(), 0)
  // The token of this page is one of them.
  await visit(page, '#/users')
  await page.getByRole('heading', { level: 1, name: 'Users' }).waitFor()
  await page.getByRole('link', { name: 'Ada' }).waitFor()
  await close(page)
})
