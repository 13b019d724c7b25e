/** What was typed is not lost: leaving and reloading ask, and a reload brings it back. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { ADMIN, close, flaws, signedIn, start } from './support/console.mjs'
import { issuer } from './support/keys.mjs'

const ISSUERS = 'api/server/v1/trusted-token-issuers'

let sts, browser, api, stop, builds
before(async () => {
  builds = await issuer()
  ;({ sts, browser, api, stop } = await start(() => ({})))
})
after(async () => {
  await stop()
  builds.stop()
})

const issuerCalled = (name) => api('POST', ISSUERS, { name, issuer: `https://${name}.example`, certificate: { jwks: builds.jwks } })
const question = (page) => page.getByRole('dialog', { name: 'Discard your changes?' })
const description = (page) => page.getByLabel('Description').inputValue()
/** Loads the page anew, as its reader does who wants to leave in spite of the browser's question. */
async function reload(page) {
  await page.getByText('There are unsaved changes.').waitFor()
  const asked = new Promise((resolve) => page.once('dialog', async (dialog) => (await dialog.accept(), resolve(dialog.type()))))
  await page.reload()
  return asked
}
const signIn = async (page) => {
  await page.getByLabel('Admin token').fill(ADMIN)
  await page.keyboard.press('Enter')
}

test('leaving by a link, by Back and by Sign out asks, and staying keeps what was typed', async () => {
  const { id } = await issuerCalled('guarded')
  const page = await signedIn(browser, sts)
  await page.getByRole('link', { name: 'guarded' }).click()
  await page.getByLabel('Description').fill('typed')
  const address = page.url()
  await page.getByRole('link', { name: 'Applications' }).click()
  await question(page).waitFor()
  assert.deepEqual(await flaws(page, 'leave'), [])
  // Enter, pressed too soon, loses nothing.
  await page.keyboard.press('Enter')
  await question(page).waitFor({ state: 'detached' })
  assert.deepEqual([page.url(), await description(page)], [address, 'typed'])
  await page.evaluate(() => history.back())
  await question(page).waitFor()
  await page.getByRole('button', { name: 'Stay on this page' }).click()
  assert.deepEqual([page.url(), await description(page)], [address, 'typed'])
  await page.getByRole('button', { name: 'Sign out' }).click()
  await question(page).waitFor()
  await page.keyboard.press('Escape')
  assert.equal(await description(page), 'typed')
  // Discarded, the way is free; and back at the page there is what the server has.
  await page.getByRole('link', { name: 'Applications' }).click()
  await question(page).getByRole('button', { name: 'Discard the changes' }).click()
  await page.getByRole('heading', { level: 1, name: 'Applications' }).waitFor()
  await page.evaluate(() => history.back())
  await page.getByRole('heading', { level: 1, name: 'guarded' }).waitFor()
  assert.equal(await description(page), '')
  assert.equal((await api('GET', `${ISSUERS}/${id}`)).description, '')
  await close(page)
})

test('Back leads to where it should, and asks no more, once it is saved', async () => {
  await issuerCalled('stored')
  const page = await signedIn(browser, sts)
  await page.getByRole('link', { name: 'stored' }).click()
  await page.getByLabel('Description').fill('typed')
  await page.getByText('There are unsaved changes.').waitFor()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  await page.getByText('There are unsaved changes.').waitFor({ state: 'detached' })
  await page.evaluate(() => history.back())
  await page.getByRole('heading', { level: 1, name: 'Trusted token issuers' }).waitFor()
  assert.equal(await question(page).count(), 0)
  await close(page)
})

test('a reload asks, and after signing in again what was typed is there, also for a new object', async () => {
  const { id } = await issuerCalled('reloaded')
  const page = await signedIn(browser, sts)
  await page.getByRole('link', { name: 'reloaded' }).click()
  await page.getByLabel('Description').fill('typed before the reload')
  assert.equal(await reload(page), 'beforeunload')
  await signIn(page)
  await page.getByText('Unsaved changes restored').waitFor()
  assert.equal(await description(page), 'typed before the reload')
  assert.deepEqual(await flaws(page, 'restored'), [])
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  assert.equal((await api('GET', `${ISSUERS}/${id}`)).description, 'typed before the reload')
  assert.equal(await page.getByText('Unsaved changes restored').count(), 0)

  await page.getByRole('link', { name: 'Applications' }).click()
  await page.getByRole('link', { name: 'Add an application' }).first().click()
  await page.getByLabel('Name required').fill('Half done')
  await reload(page)
  await signIn(page)
  await page.getByText('Unsaved changes restored').waitFor()
  assert.equal(await page.getByLabel('Name required').inputValue(), 'Half done')
  await page.getByRole('button', { name: 'Discard the changes' }).click()
  await page.getByText('Unsaved changes restored').waitFor({ state: 'detached' })
  assert.equal(await page.getByLabel('Name required').inputValue(), '')
  await close(page)
})

test('what somebody else saved between typing and reloading is a conflict, and not overwritten', async () => {
  const { id } = await issuerCalled('contested')
  const page = await signedIn(browser, sts)
  await page.getByRole('link', { name: 'contested' }).click()
  await page.getByLabel('Description').fill('mine')
  await api('PATCH', `${ISSUERS}/${id}`, [{ operation: 'ADD', path: '/description', value: 'theirs' }])
  await reload(page)
  await signIn(page)
  await page.getByText('Unsaved changes restored').waitFor()
  await page.getByRole('button', { name: 'Save' }).click()
  const dialog = page.getByRole('dialog', { name: 'Changed by somebody else' })
  await dialog.getByText('is now theirs').waitFor()
  assert.equal((await api('GET', `${ISSUERS}/${id}`)).description, 'theirs')
  await dialog.getByRole('button', { name: 'Take theirs' }).click()
  await page.waitForFunction(() => document.querySelector('[data-field="description"] input').value === 'theirs')
  await close(page)
})

test('what is kept for a reload is gone after saving, discarding and signing out, and never has a private key or the admin token', async () => {
  const page = await signedIn(browser, sts)
  const kept = () => page.evaluate(() => JSON.stringify(sessionStorage) + JSON.stringify(localStorage))
  await page.getByRole('link', { name: 'Applications' }).click()
  await page.getByRole('link', { name: 'Add an application' }).first().click()
  await page.getByLabel('Name required').fill('Secretive')
  await page.getByLabel('Client authentication').selectOption('jwks')
  await page.getByLabel('Public key set (JWKS)').fill('{"keys":[{"kty":"EC","crv":"P-256","x":"x","y":"y","d":"very private"}]}')
  assert.match(await kept(), /Secretive/)
  assert.doesNotMatch(await kept(), /very private/)
  await page.getByLabel('Public key set (JWKS)').fill('-----BEGIN PRIVATE KEY-----\nvery private')
  assert.doesNotMatch(await kept(), /very private/)
  assert.ok(!(await kept()).includes(ADMIN))
  await page.getByRole('button', { name: 'Sign out' }).click()
  await question(page).getByRole('button', { name: 'Discard the changes' }).click()
  await page.getByLabel('Admin token').waitFor()
  assert.equal(await kept(), '{}{}')
  await close(page)
})

test('an application is created once: its draft is gone before its secret is shown', async () => {
  const page = await signedIn(browser, sts)
  await page.getByRole('link', { name: 'Applications' }).click()
  await page.getByRole('link', { name: 'Add an application' }).first().click()
  await page.getByLabel('Name required').fill('Once')
  await page.getByRole('button', { name: 'Create the application' }).click()
  await page.getByRole('dialog', { name: 'Copy the client secret now' }).waitFor()
  assert.equal(await page.evaluate(() => sessionStorage.length), 0)
  await page.reload()
  await signIn(page)
  await page.getByRole('heading', { level: 1, name: 'Add an application' }).waitFor()
  assert.equal(await page.getByLabel('Name required').inputValue(), '')
  const { applications } = await api('GET', 'api/server/v1/applications')
  assert.deepEqual(applications.filter(({ name }) => name === 'Once').length, 1)
  await close(page)
})
