/** Language, theme and time zone: chosen by the browser or by hand, and kept. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { ADMIN, EXCHANGE, close, flaws, open, signedIn, start, visit } from './support/console.mjs'
import { issuer } from './support/keys.mjs'

let sts, browser, api, stop, builds, made
before(async () => {
  builds = await issuer()
  ;({ sts, browser, api, stop } = await start(() => ({ roles: [{ name: 'deployer', scopes: ['deploy:write'] }] })))
  const { id: trusted } = await api('POST', 'api/server/v1/trusted-token-issuers', { name: 'Builds', issuer: 'https://builds.example.com', certificate: { jwks: builds.jwks }, conditions: [{ claim: 'ref', like: 'refs/*' }], implicitAssociation: { isEnabled: true, lookupAttribute: ['email'] } })
  const { id: application } = await api('POST', 'api/server/v1/applications', { name: 'Bot', clientId: 'bot', grantTypes: [EXCHANGE], trustedTokenIssuers: ['Builds'] })
  const { id: user } = await api('POST', 'scim2/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ada' })
  made = { trusted, application, user }
})
after(async () => {
  await stop()
  builds.stop()
})

const display = async (page, name = 'Display') => {
  await page.getByRole('button', { name, exact: true }).click()
  return page.getByRole('dialog', { name })
}
const theme = (page) => page.evaluate(() => [document.documentElement.dataset.theme, getComputedStyle(document.body).colorScheme, getComputedStyle(document.documentElement).colorScheme])

test('the language is that of the browser, can be changed, and is kept', async () => {
  const page = await open(browser, `${sts.url}/console/`, { locale: 'de-AT' })
  await page.getByRole('heading', { level: 1, name: 'Anmelden' }).waitFor()
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'de')
  // Nothing is written before somebody chooses.
  assert.equal(await page.evaluate(() => localStorage.length), 0)
  const dialog = await display(page, 'Anzeige')
  await dialog.getByLabel('Sprache').selectOption('en')
  await page.getByRole('dialog', { name: 'Display' }).getByRole('button', { name: 'Done' }).click()
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en')
  await close(page)
  const french = await open(browser, `${sts.url}/console/`, { locale: 'fr-FR' })
  await french.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
  await close(french)
})

test('a change of the language keeps what was typed', async () => {
  const page = await signedIn(browser, sts)
  await visit(page, '#/applications/new')
  await page.getByLabel('Name required').fill('Half done')
  const dialog = await display(page)
  await dialog.getByLabel('Language').selectOption('de')
  await page.getByRole('button', { name: 'Fertig' }).click()
  await page.getByRole('heading', { level: 1, name: 'Anwendung hinzufügen' }).waitFor()
  assert.equal(await page.getByLabel('Name erforderlich').inputValue(), 'Half done')
  await close(page)
})

test('a theme can be chosen against the system, and is kept', async () => {
  const page = await open(browser, `${sts.url}/console/`, { colorScheme: 'light' })
  await page.getByLabel('Admin token').waitFor()
  assert.equal((await theme(page))[0], 'light')
  const dialog = await display(page)
  await dialog.getByText('Dark', { exact: true }).click()
  assert.deepEqual([(await theme(page))[0], (await theme(page))[2]], ['dark', 'dark'])
  assert.deepEqual(await flaws(page, 'display'), [])
  await dialog.getByRole('button', { name: 'Done' }).click()
  await page.reload()
  await page.getByLabel('Admin token').waitFor()
  assert.equal((await theme(page))[0], 'dark')
  const again = await display(page)
  await again.getByText('System', { exact: true }).click()
  assert.equal((await theme(page))[0], 'light')
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark')
  await close(page)
})

test('times have a zone, which can be chosen, and say how long ago they were', async () => {
  const page = await signedIn(browser, sts, { timezoneId: 'America/New_York' })
  await visit(page, `#/applications/${made.application}`)
  const changed = page.locator('.heading .about')
  await changed.getByText(/E[DS]T/).waitFor()
  await changed.getByText(/\((now|this minute|\d+ minutes? ago)\)/).waitFor()
  const dialog = await display(page)
  await dialog.getByRole('option', { name: 'System (America/New York)' }).or(dialog.getByRole('option', { name: 'System (America/New_York)' })).waitFor({ state: 'attached' })
  await dialog.getByLabel('Time zone').selectOption('UTC')
  await dialog.getByRole('button', { name: 'Done' }).click()
  await changed.getByText('UTC').waitFor()
  await page.clock.setFixedTime(Date.now() + 3 * 86_400_000)
  await page.reload()
  await page.getByLabel('Admin token').fill(ADMIN)
  await page.keyboard.press('Enter')
  await changed.getByText('(3 days ago)').waitFor()
  await changed.getByText('UTC').waitFor()
  await close(page)
})
