/** Changes: who changed what, before and after, filtered by kind, and page by page. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { EXCHANGE, close, flaws, signedIn, start, visit } from './support/console.mjs'

let sts, browser, api, stop
before(async () => {
  ;({ sts, browser, api, stop } = await start(() => ({})))
})
after(() => stop())

const changes = (page) => page.locator('.changes > li')

test('before the first change the page says so', async () => {
  const page = await signedIn(browser, sts)
  await page.getByRole('link', { name: 'Changes' }).click()
  await page.getByText('No change yet').waitFor()
  await close(page)
})

test('a change is told with who, what, before and after, and leads to the object', async () => {
  const { id } = await api('POST', 'api/server/v1/applications', { name: 'Bot', clientId: 'bot', grantTypes: [EXCHANGE], scopes: ['read'] })
  await api('PATCH', `api/server/v1/applications/${id}`, { scopes: ['read', 'write'] })
  await api('POST', 'scim2/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ada' })
  const page = await signedIn(browser, sts)
  await visit(page, '#/changes')
  await changes(page).nth(2).waitFor()
  assert.match(await changes(page).first().innerText(), /created\s+User\s+ada/)
  const changed = changes(page).nth(1)
  assert.match(await changed.innerText(), /changed\s+Application\s+Bot[^]*admin token/)
  await changed.getByText('What changed').click()
  await changed.getByText('read, write').waitFor()
  assert.match(await changed.locator('.differences').innerText(), /Scopes\s+before\s+read\s+after\s+read, write/i)
  assert.deepEqual(await flaws(page, 'changes'), [])

  await page.getByLabel('Kind of object').selectOption('user')
  await page.waitForFunction(() => document.querySelectorAll('.changes > li').length === 1)
  assert.match(page.url(), /resource=user/)
  await page.getByLabel('Kind of object').selectOption('application')
  await changes(page).nth(1).waitFor()
  await changes(page).first().getByRole('link', { name: 'Bot' }).click()
  await page.getByRole('heading', { level: 1, name: 'Bot' }).waitFor()
  await close(page)
})

test('what was deleted leads nowhere, and holds what it was', async () => {
  const { id } = await api('POST', 'api/server/v1/applications', { name: 'Gone', clientId: 'gone', grantTypes: [EXCHANGE] })
  await api('DELETE', `api/server/v1/applications/${id}`)
  const page = await signedIn(browser, sts)
  await visit(page, `#/changes?resource=application&object=${id}`)
  await changes(page).nth(1).waitFor()
  const deleted = changes(page).first()
  assert.match(await deleted.innerText(), /deleted\s+Application\s+Gone/)
  assert.equal(await deleted.getByRole('link', { name: 'Gone' }).count(), 0)
  await deleted.getByText('What changed').click()
  await deleted.locator('.differences').getByText('token-exchange').waitFor()
  assert.match(await deleted.locator('.differences').innerText(), /before\s+gone/)
  await close(page)
})

test('older changes are shown on demand', async () => {
  for (let i = 0; i < 60; i++) await api('POST', 'scim2/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: `user-${i}` })
  const page = await signedIn(browser, sts)
  await visit(page, '#/changes?resource=user')
  await changes(page).nth(49).waitFor()
  assert.equal(await changes(page).count(), 50)
  await page.getByRole('button', { name: 'Show older changes' }).click()
  await changes(page).nth(60).waitFor()
  assert.match(await changes(page).last().innerText(), /ada/)
  assert.equal(await page.getByRole('button', { name: 'Show older changes' }).count(), 0)
  await close(page)
})
