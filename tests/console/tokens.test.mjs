/** The tokens of a user and of an application: seen, and revoked by the page. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { EXCHANGE, close, flaws, signedIn, start, visit } from './support/console.mjs'
import { ISSUER, issuer } from './support/keys.mjs'

let sts, browser, api, stop, builds, application, user
const SECRET = 'a-secret-for-the-bot-of-the-test-0123456789'
before(async () => {
  builds = await issuer()
  const trusted = { name: 'Builds', issuer: ISSUER, certificate: { jwks: builds.jwks }, algorithms: ['ES256'] }
  const bot = { name: 'Bot', clientId: 'bot', clientSecret: SECRET, grantTypes: [EXCHANGE, 'refresh_token'], trustedTokenIssuers: ['Builds'], scopes: ['read'], subject: { useMappedLocalSubject: true } }
  ;({ sts, browser, api, stop } = await start(() => ({ trustedTokenIssuers: [trusted], applications: [bot] })))
  user = await api('POST', 'scim2/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ada' })
  await api('POST', `api/users/v1/${user.id}/federated-associations`, { idp: 'Builds', federatedUserId: 'ada-there' })
  application = (await api('GET', 'api/server/v1/applications')).applications[0]
})
after(async () => {
  await stop()
  builds.stop()
})

async function post(form) {
  const response = await fetch(`${sts.url}/oauth2/token`, { method: 'POST', body: new URLSearchParams({ client_id: 'bot', client_secret: SECRET, ...form }) })
  return { status: response.status, ...(await response.json()) }
}

async function issued() {
  const reply = await post({ grant_type: EXCHANGE, subject_token: await builds.sign({ sub: 'ada-there', aud: sts.url }), subject_token_type: 'urn:ietf:params:oauth:token-type:jwt', scope: 'read' })
  assert.equal(reply.status, 200, JSON.stringify(reply))
  return reply.refresh_token
}

const works = async (refresh_token) => (await post({ grant_type: 'refresh_token', refresh_token })).status === 200

test('a user without tokens is told so', async () => {
  const page = await signedIn(browser, sts)
  await visit(page, `#/users/${user.id}`)
  await page.getByText('There is no token.').waitFor()
  await close(page)
})

test('a token of a user is revoked, and the others go on', async () => {
  const [first, second] = [await issued(), await issued()]
  const page = await signedIn(browser, sts)
  await visit(page, `#/users/${user.id}`)
  const tokens = page.getByRole('region', { name: 'Tokens' })
  await tokens.locator('li').nth(1).waitFor()
  assert.match(await tokens.locator('li').first().innerText(), /Bot\s+refresh token\s+read\s+issued[^]*for a token of Builds[^]*expires/)
  assert.deepEqual(await flaws(page, 'user-tokens'), [])
  await tokens.locator('li').first().getByRole('button', { name: 'Revoke the token of Bot' }).click()
  await page.getByRole('button', { name: 'Revoke the token', exact: true }).click()
  await page.getByText('The token is revoked.').waitFor()
  await page.waitForFunction(() => document.querySelectorAll('.tokens > li').length === 1)
  // Both are of one second, so either may be the one that was shown first.
  const working = [await works(first), await works(second)]
  assert.deepEqual(working.toSorted(), [false, true])
  await close(page)
})

test('all tokens were said to be revoked, though some are revoked by another administrator only', async () => {
  const kept = [await issued(), await issued()]
  const because = 'grants of administrators of this server are revoked by callers with the scope `exchequer:admin` only'
  const next = [{ rel: 'next', href: `/api/server/v1/grants?applicationId=${application.id}&after=further` }]
  const page = await signedIn(browser, sts)
  await page.route('**/api/server/v1/grants?applicationId=*', (route) => {
    if (route.request().method() !== 'DELETE') return route.continue()
    const isFirst = !route.request().url().includes('after=')
    return route.fulfill({ json: isFirst ? { revoked: 3, more: true, links: next, skipped: 2, skippedBecause: because } : { revoked: 1, more: false, links: [] } })
  })
  await visit(page, `#/applications/${application.id}`)
  const tokens = page.getByRole('region', { name: 'Tokens' })
  await tokens.getByRole('button', { name: 'Revoke all' }).click()
  await page.getByRole('button', { name: 'Revoke all tokens' }).click()
  const notice = tokens.getByRole('status').filter({ hasText: '2 tokens are not revoked' })
  await notice.waitFor()
  assert.match(await notice.innerText(), /4 tokens are revoked\. Grants of administrators of this server are revoked by callers with the scope exchequer:admin only\./)
  assert.equal(await page.getByText('All tokens are revoked.').count(), 0)
  assert.deepEqual(await flaws(page, 'tokens-left'), [])

  // It is about that attempt only.
  await page.unroute('**/api/server/v1/grants?applicationId=*')
  await tokens.getByRole('button', { name: 'Revoke all' }).click()
  await page.getByRole('button', { name: 'Revoke all tokens' }).click()
  await page.getByText('All tokens are revoked.').waitFor()
  assert.equal(await notice.count(), 0)
  for (const token of kept) assert.equal(await works(token), false)
  await close(page)
})

test('all tokens of an application are revoked at once', async () => {
  const more = [await issued(), await issued(), await issued()]
  const page = await signedIn(browser, sts)
  await visit(page, `#/applications/${application.id}`)
  const tokens = page.getByRole('region', { name: 'Tokens' })
  await tokens.locator('li').nth(2).waitFor()
  await tokens.getByRole('button', { name: 'Revoke all' }).click()
  await page.getByRole('button', { name: 'Revoke all tokens' }).click()
  await tokens.getByText('There is no token.').waitFor()
  for (const token of more) assert.equal(await works(token), false)
  await close(page)
})
