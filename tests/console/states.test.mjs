/** Rare states: empty lists, no results, loading, failures, questions before a deletion. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { ADMIN, EXCHANGE, SIZES, close, flaws, open, signedIn, start, visit } from './support/console.mjs'
import { issuer } from './support/keys.mjs'

let sts, browser, api, stop, builds
before(async () => {
  builds = await issuer()
  ;({ sts, browser, api, stop } = await start(() => ({})))
})
after(async () => {
  await stop()
  builds.stop()
})

test('an empty server says on every page what to do next', async () => {
  const page = await signedIn(browser, sts)
  for (const [hash, words] of [['issuers', 'No issuer yet'], ['applications', 'No application yet'], ['users', 'No user yet'], ['health', 'There is no trusted token issuer']]) {
    await visit(page, `#/${hash}`)
    await page.getByText(words).waitFor()
    assert.deepEqual(await flaws(page, `empty-${hash}`), [])
  }
  await visit(page, '#/applications/new')
  await page.getByText('There is no issuer yet.').waitFor()
  assert.deepEqual(await flaws(page, 'empty-application-new'), [])
  await visit(page, '#/nowhere')
  await page.getByText('There is no such page').waitFor()
  assert.deepEqual(await flaws(page, 'no-such-page'), [])
  await close(page)
})

test('an address that is not encoded as addresses are showed a blank page', async () => {
  for (const [locale, title] of [['en-GB', 'There is no such page'], ['de-DE', 'Diese Seite gibt es nicht']]) {
    for (const hash of ['#/%', '#/issuers/%E0%A4%A', '#/%ff?q=%']) {
      const page = await open(browser, `${sts.url}/console/${hash}`, { locale })
      await page.getByRole('heading', { level: 1, name: title }).waitFor()
      assert.deepEqual(await flaws(page, 'not-encoded'), [])
      await visit(page, '#/%')
      await page.getByRole('heading', { level: 1, name: title }).waitFor()
      await visit(page, '#/server')
      await page.getByRole('heading', { level: 1, name: 'Server' }).waitFor()
      await close(page)
    }
  }
})

test('the menu of a small window opens, leads somewhere and closes', async () => {
  const page = await signedIn(browser, sts, { viewport: SIZES.narrow })
  await page.getByRole('button', { name: 'Menu' }).click()
  await page.getByRole('button', { name: 'Menu', expanded: true }).waitFor()
  await page.getByRole('link', { name: 'Health' }).waitFor()
  assert.deepEqual(await flaws(page, 'menu'), [])
  await page.setViewportSize(SIZES.narrow)
  await page.getByRole('link', { name: 'Health' }).click()
  await page.getByRole('heading', { level: 1, name: 'Health' }).waitFor()
  await page.getByRole('button', { name: 'Menu', expanded: false }).waitFor()
  await close(page)
})

test('what loads says so, and what cannot be loaded can be tried again', async () => {
  const page = await signedIn(browser, sts)
  let answer
  await page.route('**/api/server/v1/applications?*', (route) => (answer = route))
  await visit(page, '#/applications')
  await page.getByText('Loading applications').waitFor()
  assert.deepEqual(await flaws(page, 'loading'), [])
  await answer.fulfill({ status: 503, contentType: 'application/json', body: '{"code":"EXQ-50300","description":"the store does not answer","traceId":"t-1"}' })
  await page.getByRole('alert').getByText('The store does not answer.').waitFor()
  assert.deepEqual(await flaws(page, 'loading-failed'), [])
  await page.unroute('**/api/server/v1/applications?*')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('No application yet').waitFor()

  await visit(page, '#/issuers/nobody')
  await page.getByRole('alert').getByText(/There is no trusted token issuer with this id/).waitFor()
  assert.deepEqual(await flaws(page, 'no-such-issuer'), [])
  await page.locator('main').getByRole('link', { name: 'Trusted token issuers' }).click()
  await page.getByText('No issuer yet').waitFor()
  await close(page)
})

test('a search that finds nothing has a way out', async () => {
  await api('POST', 'api/server/v1/trusted-token-issuers', { name: 'Builds', issuer: 'https://builds.example.com', certificate: { jwks: builds.jwks } })
  const page = await signedIn(browser, sts)
  await page.getByLabel('Search by name').fill('zzz')
  await page.keyboard.press('Enter')
  await page.getByText('No issuer matches “zzz”.').waitFor()
  assert.deepEqual(await flaws(page, 'nothing-found'), [])
  await page.getByRole('button', { name: 'Show all' }).click()
  await page.getByRole('link', { name: 'Builds' }).waitFor()
  assert.equal(await page.getByLabel('Search by name').inputValue(), '')
  await close(page)
})

test('what cannot be undone asks first, and says what becomes of it', async () => {
  const { id } = await api('POST', 'api/server/v1/applications', { name: 'Short-lived', clientId: 'short', grantTypes: [EXCHANGE] })
  const page = await signedIn(browser, sts)
  await visit(page, `#/applications/${id}`)
  await page.getByRole('button', { name: 'New secret' }).click()
  await page.getByRole('dialog', { name: 'Make a new secret?' }).waitFor()
  assert.deepEqual(await flaws(page, 'new-secret'), [])
  await page.getByRole('button', { name: 'Make a new secret' }).click()
  await page.getByRole('dialog', { name: 'Copy the client secret now' }).waitFor()
  await page.getByRole('button', { name: 'I have saved the secret' }).click()
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByRole('dialog', { name: 'Delete Short-lived?' }).waitFor()
  assert.deepEqual(await flaws(page, 'delete'), [])
  // What goes wrong with it is said in the dialog.
  await page.context().setOffline(true)
  await page.getByRole('button', { name: 'Delete the application' }).click()
  await page.getByRole('dialog').getByText('No connection').waitFor()
  assert.deepEqual(await flaws(page, 'delete-failed'), [])
  await page.context().setOffline(false)
  await page.getByRole('button', { name: 'Delete the application' }).click()
  await page.getByText('No application yet').waitFor()
  await close(page)
})

test('an issuer with conditions, mappings and certificates is readable at every width', async () => {
  const page = await signedIn(browser, sts)
  await visit(page, '#/issuers/new')
  await page.getByRole('radio', { name: /Certificates/ }).check()
  await page.getByRole('button', { name: 'Add a condition' }).click()
  await page.getByLabel('Claim', { exact: true }).fill('repository_owner')
  await page.getByLabel('Test', { exact: true }).selectOption('oneOf')
  await page.getByRole('button', { name: 'Add a claim' }).click()
  await page.getByLabel('Link local accounts automatically').check()
  await page.getByText('Algorithms, times and replay').click()
  await page.getByRole('button', { name: 'Create the issuer' }).click()
  await page.locator('[data-field="name"] .wrong').waitFor()
  assert.deepEqual(await flaws(page, 'issuer-everything'), [])
  await close(page)
})

test('signing in again, and being told that the server is away', async () => {
  const page = await signedIn(browser, sts)
  await visit(page, '#/users/new')
  await page.getByLabel('Username').fill('ada')
  await page.context().setOffline(true)
  await page.getByRole('button', { name: 'Create the user' }).click()
  await page.getByText('No connection').waitFor()
  assert.deepEqual(await flaws(page, 'offline'), [])
  await page.context().setOffline(false)
  await page.route('**/scim2/Users', (route) => route.fulfill({ status: 401, contentType: 'application/json', body: '{"detail":"no"}' }), { times: 1 })
  await page.getByRole('button', { name: 'Create the user' }).click()
  const dialog = page.getByRole('dialog', { name: 'Sign in again' })
  await dialog.waitFor()
  assert.deepEqual(await flaws(page, 'sign-in-again'), [])
  await dialog.getByLabel('Admin token').fill(ADMIN)
  await dialog.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Create the user' }).click()
  await page.getByRole('heading', { level: 1, name: 'ada' }).waitFor()
  await close(page)
})

test('the page is readable for whoever has asked for nothing yet', async () => {
  const page = await open(browser, `${sts.url}/console/`)
  await page.getByLabel('Admin token').waitFor()
  assert.deepEqual(await flaws(page, 'sign-in-first'), [])
  await close(page)
})
