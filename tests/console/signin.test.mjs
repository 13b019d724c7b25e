/** People sign in at a trusted token issuer: a real `oidc-provider`, in Chromium. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { ADMIN, EXCHANGE, becomes, close, flaws, open, signedIn, start, visit } from './support/console.mjs'
import { CLIENT, login, signInAs, visitor } from './support/login.mjs'

let company, sts, browser, api, stop
const ids = {}
before(async () => {
  company = await login()
  ;({ sts, browser, api, stop } = await start((own) => ({
    trustedTokenIssuers: [{ name: 'Company login', issuer: company.issuer, alias: CLIENT, certificate: { discovery: true }, readTimeoutMs: 30_000 }],
    applications: [
      {
        name: 'Console',
        clientId: 'console',
        type: 'mobile',
        grantTypes: [EXCHANGE],
        trustedTokenIssuers: ['Company login'],
        audiences: [own],
        scopes: ['exchequer:links'],
        accessToken: { attributes: ['email'] },
        subject: { useMappedLocalSubject: true, mappedLocalSubjectMandatory: true },
      },
    ],
    roles: [{ name: 'operator', scopes: ['exchequer:admin'] }],
    console: { signIn: { issuer: 'Company login', clientId: CLIENT, application: 'console' } },
  })))
  company.serves(`${sts.url}/console/`)
  // The first day: somebody with the admin token adds the people.
  for (const [userName, roles] of [['olga', ['operator']], ['ada', []]]) {
    const user = await api('POST', 'scim2/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName, roles: roles.map((value) => ({ value })) })
    ids[userName] = user.id
    await api('POST', `api/users/v1/${user.id}/federated-associations`, { idp: 'Company login', federatedUserId: userName })
  }
})
after(async () => {
  await stop()
  await company.stop()
})

const come = (hash = '') => visitor(browser, company, `${sts.url}/console/${hash}`)

test('an administrator signs in, works under a name, and a reload does not end it', async () => {
  const page = await come('#/applications')
  await page.getByRole('button', { name: 'Sign in at Company login' }).waitFor()
  assert.deepEqual(await flaws(page, 'sign-in-issuer'), [])
  await signInAs(page, 'olga')
  // The page that was asked for.
  await page.getByRole('heading', { level: 1, name: 'Applications' }).waitFor()
  await page.getByText('Olga of the company, administrator').waitFor()
  assert.equal(new URL(page.url()).search, '')
  const request = company.tokenRequests.at(-1)
  assert.ok(request.code_verifier.length >= 43)
  assert.equal(request.client_secret, undefined)
  await page.reload()
  await page.getByRole('heading', { level: 1, name: 'Applications' }).waitFor()
  await page.getByText('Olga of the company, administrator').waitFor()
  // Changes bear the name of the person.
  await visit(page, '#/users/new')
  await page.getByLabel('Username').fill('grace')
  await page.getByRole('button', { name: 'Create the user' }).click()
  await page.getByRole('heading', { level: 1, name: 'grace' }).waitFor()
  await visit(page, '#/changes')
  await page.getByText('by olga').first().waitFor()
  // The same token is for the person's own account.
  await visit(page, '#/me')
  await page.getByText('Signed in as Olga of the company').first().waitFor()
  const kept = await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }))
  // Header and payload of a JWT begin so.
  assert.equal(kept.split('eyJ').length, 3, 'one token is kept, and not the ID token')
  const token = JSON.parse(await page.evaluate(() => sessionStorage.getItem('exchequer.session'))).token
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Sign in at Company login' }).waitFor()
  assert.equal(await page.evaluate(() => sessionStorage.length), 0)
  // It does not work any more either.
  for (const late = Date.now() + 30_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const { status } = await fetch(`${sts.url}/api/server/v1/keys`, { headers: { authorization: `Bearer ${token}` } })
    if (status === 401) break
    assert.ok(Date.now() < late, `the token still works: ${status}`)
  }
  await page.reload()
  await page.getByRole('button', { name: 'Sign in at Company login' }).waitFor()
  await close(page)
})

test('a user comes to My account, sees nothing of the administration, and removes a link', async () => {
  const page = await come()
  await signInAs(page, 'ada')
  await page.getByRole('heading', { level: 1, name: 'My account' }).waitFor()
  await page.getByText('Signed in as Ada of the company').first().waitFor()
  assert.deepEqual(await page.locator('#places li').allInnerTexts(), ['My account'])
  assert.deepEqual(await flaws(page, 'me-signed-in'), [])
  await visit(page, '#/issuers')
  await page.getByRole('heading', { level: 1, name: 'Not for your account' }).waitFor()
  assert.deepEqual(await flaws(page, 'no-administrator'), [])
  const session = JSON.parse(await page.evaluate(() => sessionStorage.getItem('exchequer.session')))
  const { status } = await fetch(`${sts.url}/api/server/v1/keys`, { headers: { authorization: `Bearer ${session.token}` } })
  assert.equal(status, 403)
  await visit(page, '#/me')
  await page.getByRole('button', { name: 'Remove the link to ada of Company login' }).click()
  await page.getByRole('button', { name: 'Remove the link', exact: true }).click()
  await page.getByText('it no longer works').waitFor()
  assert.deepEqual(await api('GET', `api/users/v1/${ids.ada}/federated-associations`), [])
  await close(page)
})

test('somebody without an account is told why, and can still use a token', async () => {
  const page = await come()
  await signInAs(page, 'mallory')
  await page.getByRole('alert').waitFor()
  assert.match(await page.getByRole('alert').innerText(), /Ask an administrator to link your account to the subject mallory\.[^]*requires a linked local account/)
  assert.deepEqual(await flaws(page, 'sign-in-refused'), [])
  await page.getByText('Sign in with a token').click()
  await page.getByLabel('Admin token').fill(ADMIN)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'Trusted token issuers' }).waitFor()
  // The admin token is not kept.
  assert.ok(!(await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }))).includes(ADMIN))
  await page.reload()
  await page.getByRole('button', { name: 'Sign in at Company login' }).waitFor()
  await close(page)
})

test('an answer that was not asked for in this tab signs nobody in', async () => {
  const page = await come('?code=stolen&state=guessed#/issuers')
  await page.getByText('This sign-in was not begun in this tab').waitFor()
  assert.equal(new URL(page.url()).search, '')
  assert.equal(await page.evaluate(() => sessionStorage.getItem('exchequer.session')), null)
  await close(page)
})

test('what an issuer refuses is said in words, and a foreign `iss` is not accepted', async () => {
  const page = await come()
  const back = async (query) => {
    await page.evaluate(() => sessionStorage.setItem('exchequer.sign-in', JSON.stringify({ state: 's', nonce: 'n', verifier: 'v'.repeat(43), hash: '#/health' })))
    await page.goto(`${sts.url}/console/?state=s&${query}`)
  }
  await back('error=access_denied')
  await page.getByText('Company login did not sign you in').waitFor()
  await back('code=c&iss=https%3A%2F%2Fother.example')
  await page.getByText('The answer is not one of Company login.').waitFor()
  await back('code=not-a-code')
  await page.getByText('did not accept the sign-in').waitFor()
  await becomes(page, () => location.hash, '#/health')
  await close(page)
})

test('unsaved changes are there again after signing in again', async () => {
  const page = await come()
  await signInAs(page, 'olga')
  await page.getByRole('heading', { level: 1, name: 'Trusted token issuers' }).waitFor()
  await visit(page, '#/users/new')
  await page.getByLabel('Username').fill('typed')
  // The session ends at the server.
  const { token, application } = JSON.parse(await page.evaluate(() => sessionStorage.getItem('exchequer.session')))
  await fetch(`${sts.url}/oauth2/revoke`, { method: 'POST', body: new URLSearchParams({ token, client_id: application }) })
  await page.getByRole('button', { name: 'Create the user' }).click()
  const dialog = page.getByRole('dialog', { name: 'Sign in again' })
  await dialog.getByRole('button', { name: 'Sign in at Company login' }).click()
  // The login knows the person still.
  await page.getByText('Unsaved changes restored').waitFor()
  assert.equal(await page.getByLabel('Username').inputValue(), 'typed')
  await page.getByRole('button', { name: 'Create the user' }).click()
  await page.getByRole('heading', { level: 1, name: 'typed' }).waitFor()
  await close(page)
})

test('a role that is taken away ends administration at once', async () => {
  const page = await come()
  await signInAs(page, 'olga')
  await page.getByRole('heading', { level: 1, name: 'Trusted token issuers' }).waitFor()
  const SCIM = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
  await api('PATCH', `scim2/Users/${ids.olga}`, { schemas: [SCIM], Operations: [{ op: 'remove', path: 'roles' }] })
  await visit(page, '#/changes')
  await page.getByRole('alert').first().waitFor()
  await api('PATCH', `scim2/Users/${ids.olga}`, { schemas: [SCIM], Operations: [{ op: 'add', path: 'roles', value: [{ value: 'operator' }] }] })
  await close(page)
})

test('without `console.signIn` there is only the token', async () => {
  const other = await start(() => ({}))
  const page = await signedIn(other.browser, other.sts)
  assert.equal((await fetch(`${other.sts.url}/api/server/v1/sign-in`)).status, 204)
  await close(page)
  await other.stop()
})

test('while the issuer cannot be reached, the token is the way in', async () => {
  const other = await start(() => ({
    trustedTokenIssuers: [{ name: 'Gone', issuer: 'http://127.0.0.1:9', alias: CLIENT, certificate: { discovery: true } }],
    applications: [{ clientId: CLIENT, type: 'mobile', grantTypes: [EXCHANGE], trustedTokenIssuers: ['Gone'], subject: { useMappedLocalSubject: true } }],
    console: { signIn: { issuer: 'Gone', clientId: CLIENT } },
  }))
  const page = await open(other.browser, `${other.sts.url}/console/`)
  await page.getByText('nobody can sign in at Gone now', { exact: false }).waitFor()
  await page.getByLabel('Admin token').fill(ADMIN)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'Trusted token issuers' }).waitFor()
  await close(page)
  await other.stop()
})
