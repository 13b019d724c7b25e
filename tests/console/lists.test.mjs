/** Lists: searched while one types, sorted, in pages, and all of it kept in the address. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { EXCHANGE, close, flaws, signedIn, start, visit } from './support/console.mjs'
import { issuer } from './support/keys.mjs'

let sts, browser, api, stop, builds
before(async () => {
  builds = await issuer()
  ;({ sts, browser, api, stop } = await start(() => ({})))
  const certificate = { jwks: builds.jwks }
  for (let number = 30; number > 0; number--) {
    await api('POST', 'api/server/v1/trusted-token-issuers', { name: `Farm ${number}`, issuer: `https://${100 - number}.farm.example`, certificate })
  }
  await api('POST', 'api/server/v1/trusted-token-issuers', { name: 'A cloud', issuer: 'https://cloud.example', certificate, isEnabled: false })
  for (const [name, clientId, type] of [['Zebra', 'a-client', 'mobile'], ['Ant', 'z-client', 'web'], ['Mole', 'm-client', 'machine']]) {
    await api('POST', 'api/server/v1/applications', { name, clientId, type, grantTypes: [EXCHANGE] })
  }
})
after(async () => {
  await stop()
  builds.stop()
})

const names = (page) => page.locator('.cards .name').allInnerTexts()
const count = (page, text) => page.locator('.total').getByText(text, { exact: true }).waitFor()

test('a list is sorted by name, counts, and is searched while one types, by name and by issuer', async () => {
  const page = await signedIn(browser, sts)
  await count(page, '31 in total')
  assert.deepEqual((await names(page)).slice(0, 3), ['A cloud', 'Farm 1', 'Farm 2'])
  await page.getByLabel('Search by name or issuer').pressSequentially('99.farm')
  await count(page, '1 in total')
  assert.deepEqual(await names(page), ['Farm 1'])
  assert.match(page.url(), /#\/(issuers)?\?q=99\.farm$/)
  // Loaded anew, the address has the search.
  await page.reload()
  await page.getByLabel('Admin token').fill('an-admin-token-for-the-console-0123456789')
  await page.keyboard.press('Enter')
  await count(page, '1 in total')
  assert.equal(await page.getByLabel('Search by name or issuer').inputValue(), '99.farm')
  assert.deepEqual(await flaws(page, 'issuers-searched'), [])
  await close(page)
})

test('order and page are kept on the way to an object and back', async () => {
  const page = await signedIn(browser, sts)
  await count(page, '31 in total')
  await page.getByLabel('Sort by').selectOption({ label: 'Issuer' })
  await page.waitForFunction(() => document.querySelector('.cards .name').innerText === 'Farm 30')
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByText('21 to 31 of 31').waitFor()
  const shown = await names(page)
  assert.match(page.url(), /sort=issuer&page=2$/)
  await page.getByRole('link', { name: shown[0] }).click()
  await page.getByRole('heading', { level: 1, name: shown[0] }).waitFor()
  await page.evaluate(() => history.back())
  await page.getByText('21 to 31 of 31').waitFor()
  assert.deepEqual(await names(page), shown)
  // The link of the page leads there, too.
  await page.getByRole('link', { name: shown[1] }).click()
  await page.getByRole('heading', { level: 1, name: shown[1] }).waitFor()
  await page.locator('.heading').getByRole('link', { name: 'Trusted token issuers' }).click()
  await page.getByText('21 to 31 of 31').waitFor()
  assert.deepEqual(await names(page), shown)
  // A page is a step of the history.
  await page.getByRole('button', { name: 'Previous' }).click()
  await page.getByText('1 to 20 of 31').waitFor()
  await page.evaluate(() => history.back())
  await page.getByText('21 to 31 of 31').waitFor()
  await close(page)
})

test('a search by Enter is not repeated later, on another page', async () => {
  const page = await signedIn(browser, sts)
  await page.getByLabel('Search by name or issuer').fill('farm')
  await page.keyboard.press('Enter')
  await page.evaluate(() => document.querySelector('.pager button:last-child').click())
  await page.getByText('21 to 30 of 30').waitFor()
  // Longer than the pause after which typing alone would search.
  await page.waitForTimeout(500)
  await page.getByText('21 to 30 of 30').waitFor()
  await close(page)
})

test('applications are sorted by client id and type, issuers by keys that need attention', async () => {
  const page = await signedIn(browser, sts)
  await page.getByLabel('Sort by').selectOption({ label: 'State of the keys' })
  await page.waitForFunction(() => document.querySelector('.cards .name').innerText !== 'A cloud')
  await visit(page, '#/applications')
  await count(page, '3 in total')
  assert.deepEqual(await names(page), ['Ant', 'Mole', 'Zebra'])
  for (const [label, expected] of [['Client id', ['Zebra', 'Mole', 'Ant']], ['Type', ['Mole', 'Zebra', 'Ant']], ['Name', ['Ant', 'Mole', 'Zebra']]]) {
    await page.getByLabel('Sort by').selectOption({ label })
    await page.waitForFunction((first) => document.querySelector('.cards .name').innerText === first, expected[0])
    assert.deepEqual(await names(page), expected)
  }
  await close(page)
})

test('users are counted and sorted', async () => {
  const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User']
  for (const [userName, value] of [['berta', 'a@example.com'], ['anton', 'b@example.com']]) await api('POST', 'scim2/Users', { schemas, userName, emails: [{ value, primary: true }] })
  const page = await signedIn(browser, sts)
  await visit(page, '#/users')
  await count(page, '2 in total')
  assert.deepEqual(await names(page), ['anton', 'berta'])
  await page.getByLabel('Sort by').selectOption({ label: 'E-mail address' })
  await page.waitForFunction(() => document.querySelector('.cards .name').innerText === 'berta')
  await close(page)
})

test('a list that is too long for the page is searched and paged by the server', async () => {
  const page = await signedIn(browser, sts)
  const asked = []
  await page.route('**/api/server/v1/applications?*', async (route) => {
    const query = new URL(route.request().url()).searchParams
    asked.push(Object.fromEntries(query))
    const offset = Number(query.get('offset'))
    const applications = Array.from({ length: Math.min(20, 1000 - offset) }, (_, at) => ({ id: `${offset + at}`, name: `App ${offset + at}`, clientId: `app-${offset + at}`, type: 'web', description: '', readOnly: false }))
    await route.fulfill({ json: { totalResults: 1000, applications } })
  })
  await visit(page, '#/applications?page=3')
  await page.getByText('41 to 60 of 1000').waitFor()
  assert.equal(await page.getByLabel('Sort by').count(), 0)
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByText('61 to 80 of 1000').waitFor()
  const searched = page.waitForRequest((request) => new URL(request.url()).searchParams.has('filter'))
  await page.getByLabel('Search by name or client id').fill('App 7')
  await searched
  await page.getByText('1 to 20 of 1000').waitFor()
  assert.deepEqual(asked.at(-1), { limit: '20', offset: '0', filter: 'name co "App 7"' })
  await close(page)
})

test('many users are paged by cursor, and an address leads to a page in the middle', async () => {
  const page = await signedIn(browser, sts)
  await page.route('**/scim2/Users?*', async (route) => {
    const query = new URL(route.request().url()).searchParams
    if (!query.has('cursor')) return route.fulfill({ json: { totalResults: 100_000, Resources: [{ id: '0', userName: 'first' }] } })
    const at = Number(query.get('cursor') || 0)
    await route.fulfill({ json: { Resources: [{ id: `${at}`, userName: `on page ${at + 1}` }], ...(at < 4 && { nextCursor: `${at + 1}` }) } })
  })
  await visit(page, '#/users?page=3')
  await page.getByRole('link', { name: 'on page 3' }).waitFor()
  await page.getByRole('button', { name: 'Previous' }).click()
  await page.getByRole('link', { name: 'on page 2' }).waitFor()
  await close(page)
})

test('of many issuers, those that an application may use are searched in a box of their own', async () => {
  const { id } = await api('POST', 'api/server/v1/applications', { name: 'Many', clientId: 'many', type: 'mobile', grantTypes: [EXCHANGE], trustedTokenIssuers: ['Farm 17'] })
  const page = await signedIn(browser, sts)
  await visit(page, `#/applications/${id}`)
  const group = page.locator('[data-field="trustedTokenIssuers"]')
  await group.getByText('1 of 31 ticked').waitFor()
  // What is ticked stands first, and the box does not make the page endless.
  assert.equal((await group.locator('.allowed label').first().innerText()).trim(), 'Farm 17')
  assert.ok((await group.locator('.many').evaluate((box) => box.clientHeight)) < 420)
  assert.deepEqual(await flaws(page, 'application-many-issuers'), [])
  await page.getByLabel('Search the issuers').fill('cloud')
  await page.getByLabel('A cloud').check()
  await group.getByText('2 of 31 ticked').waitFor()
  await page.getByLabel('Search the issuers').fill('nowhere')
  await group.getByText('No issuer matches “nowhere”.').waitFor()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  assert.deepEqual((await api('GET', `api/server/v1/applications/${id}`)).trustedTokenIssuers, ['Farm 17', 'A cloud'])
  await close(page)
})

test('applications are filtered by an issuer that they allow, and the address keeps it', async () => {
  await api('POST', 'api/server/v1/applications', { name: 'Of the cloud', clientId: 'of-the-cloud', grantTypes: [EXCHANGE], trustedTokenIssuers: ['A cloud'] })
  await api('POST', 'api/server/v1/applications', { name: 'Of a farm', clientId: 'of-a-farm', grantTypes: [EXCHANGE], trustedTokenIssuers: [{ name: 'Farm 7' }] })
  const page = await signedIn(browser, sts)
  await visit(page, '#/applications')
  await count(page, '6 in total')
  await page.getByLabel('Used issuer').selectOption('A cloud')
  await count(page, '2 in total')
  assert.deepEqual(await names(page), ['Many', 'Of the cloud'])
  assert.match(page.url(), /#\/applications\?issuer=A(\+|%20)cloud$/)
  assert.deepEqual(await flaws(page, 'applications-of-issuer'), [])
  await page.getByRole('link', { name: 'Of the cloud' }).click()
  await page.locator('.heading').getByRole('link', { name: 'Applications' }).click()
  await count(page, '2 in total')
  await page.getByLabel('Used issuer').selectOption('Farm 9')
  await page.getByText('No application here allows Farm 9.').waitFor()
  await page.getByRole('button', { name: 'Show all' }).click()
  await count(page, '6 in total')
  assert.equal(await page.getByLabel('Used issuer').inputValue(), '')
  await close(page)
})
