/** Two administrators at one object: the later one hears who changed what, and nothing is lost unseen. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { EXCHANGE, close, flaws, signedIn, start, visit } from './support/console.mjs'
import { issuer } from './support/keys.mjs'

let sts, browser, api, stop, builds
before(async () => {
  builds = await issuer()
  ;({ sts, browser, api, stop } = await start(() => ({ roles: [{ name: 'deployer', scopes: ['deploy:write'] }] })))
})
after(async () => {
  await stop()
  builds.stop()
})

const conflict = (page) => page.getByRole('dialog', { name: 'Changed by somebody else' })
const ISSUERS = 'api/server/v1/trusted-token-issuers'
const APPLICATIONS = 'api/server/v1/applications'
const issuerCalled = (name) => api('POST', ISSUERS, { name, issuer: `https://${name}.example`, certificate: { jwks: builds.jwks } })

test('an issuer: mine is written over theirs, or theirs is taken', async () => {
  const { id } = await issuerCalled('shared')
  const page = await signedIn(browser, sts)
  await visit(page, `#/issuers/${id}`)
  await page.getByLabel('Description').fill('typed here')
  await api('PATCH', `${ISSUERS}/${id}`, [{ operation: 'ADD', path: '/alias', value: 'https://theirs.example' }])
  await page.getByRole('button', { name: 'Save' }).click()
  const dialog = conflict(page)
  await dialog.getByText('admin token').waitFor()
  await dialog.getByText('https://theirs.example').waitFor()
  assert.equal(await dialog.locator('dt').innerText(), 'Alias')
  assert.deepEqual(await flaws(page, 'conflict'), [])
  await dialog.getByRole('button', { name: 'Back to the form' }).click()
  assert.equal(await page.getByLabel('Description').inputValue(), 'typed here')
  // Mine is written over theirs: the alias is gone.
  await page.getByRole('button', { name: 'Save' }).click()
  await dialog.getByRole('button', { name: 'Overwrite with mine' }).click()
  await page.getByText('Saved.').waitFor()
  const kept = await api('GET', `${ISSUERS}/${id}`)
  assert.deepEqual([kept.description, kept.alias], ['typed here', ''])
  // Theirs is taken.
  await api('PATCH', `${ISSUERS}/${id}`, [{ operation: 'ADD', path: '/alias', value: 'https://again.example' }])
  await page.getByLabel('Description').fill('typed in vain')
  await page.getByRole('button', { name: 'Save' }).click()
  await dialog.getByRole('button', { name: 'Take theirs' }).click()
  await page.waitForFunction(() => document.querySelector('[data-field="alias"] input').value === 'https://again.example')
  await close(page)
})

test('a change that comes between looking and saving is not written over', async () => {
  const { id } = await issuerCalled('racing')
  const page = await signedIn(browser, sts)
  await visit(page, `#/issuers/${id}`)
  await page.getByLabel('Description').fill('mine')
  await page.route(`**/${ISSUERS}/${id}`, async (route) => {
    if (route.request().method() !== 'PATCH') return route.continue()
    // The very last moment before the server hears of it.
    await api('PATCH', `${ISSUERS}/${id}`, [{ operation: 'ADD', path: '/description', value: 'theirs' }])
    await route.continue()
  }, { times: 1 })
  await page.getByRole('button', { name: 'Save' }).click()
  await conflict(page).getByText('is now theirs').waitFor()
  await conflict(page).getByText('yours mine').waitFor()
  assert.equal((await api('GET', `${ISSUERS}/${id}`)).description, 'theirs')
  await close(page)
})

test('an application: its changes are told in words', async () => {
  const { id } = await api('POST', APPLICATIONS, { name: 'Shared app', clientId: 'shared', grantTypes: [EXCHANGE] })
  const page = await signedIn(browser, sts)
  await visit(page, `#/applications/${id}`)
  await page.getByLabel('Description').fill('typed here')
  await api('PATCH', `${APPLICATIONS}/${id}`, { scopes: ['deploy:read', 'deploy:write'], accessToken: { type: 'opaque', lifetimeSeconds: 60 } })
  await page.getByRole('button', { name: 'Save' }).click()
  const dialog = conflict(page)
  await dialog.getByText('is now deploy:read, deploy:write').waitFor()
  await dialog.getByText('is now lifetime seconds: 60; type: opaque').waitFor()
  assert.ok(!/[{}[\]]/.test(await dialog.innerText()), await dialog.innerText())
  assert.deepEqual(await flaws(page, 'conflict-application'), [])
  await dialog.getByRole('button', { name: 'Take theirs' }).click()
  await page.waitForFunction(() => document.querySelector('[data-field="scopes"] textarea').value === 'deploy:read\ndeploy:write')
  // A new secret is another version, too, and one's own is no conflict.
  await page.getByRole('button', { name: 'New secret' }).click()
  await page.getByRole('button', { name: 'Make a new secret' }).click()
  await page.getByRole('button', { name: 'I have saved the secret' }).click()
  await page.getByLabel('Description').fill('after the secret')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  await close(page)
})

test('a new secret takes over nothing that somebody else has changed', async () => {
  const { id } = await api('POST', APPLICATIONS, { name: 'Renewed', clientId: 'renewed', grantTypes: [EXCHANGE] })
  const page = await signedIn(browser, sts)
  await visit(page, `#/applications/${id}`)
  await page.getByLabel('Description').fill('typed here')
  await api('PATCH', `${APPLICATIONS}/${id}`, { scopes: ['deploy:read'] })
  await page.getByRole('button', { name: 'New secret' }).click()
  await page.getByRole('button', { name: 'Make a new secret' }).click()
  await page.getByRole('button', { name: 'I have saved the secret' }).click()
  await page.getByRole('button', { name: 'Save' }).click()
  await conflict(page).getByText('is now deploy:read').waitFor()
  assert.deepEqual((await api('GET', `${APPLICATIONS}/${id}`)).scopes, ['deploy:read'])
  await close(page)
})

test('a user: it says who and what', async () => {
  const { id } = await api('POST', 'scim2/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ada', emails: [{ value: 'ada@example.com', primary: true }] })
  const patch = (Operations) => api('PATCH', `scim2/Users/${id}`, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations })
  const page = await signedIn(browser, sts)
  await visit(page, `#/users/${id}`)
  await page.getByText(/Changed .* by admin token/).waitFor()
  await page.getByLabel('Display name').fill('Ada')
  await patch([{ op: 'replace', path: 'urn:scim:wso2:schema:accountLocked', value: true }, { op: 'replace', path: 'roles', value: [{ value: 'deployer' }] }])
  await page.getByRole('button', { name: 'Save' }).click()
  const dialog = conflict(page)
  await dialog.getByText('admin token').waitFor()
  await dialog.getByText('account locked: yes').waitFor()
  await dialog.getByText('is now deployer').waitFor()
  assert.deepEqual(await flaws(page, 'conflict-user'), [])
  await dialog.getByRole('button', { name: 'Back to the form' }).click()
  assert.equal(await page.getByLabel('Display name').inputValue(), 'Ada')
  await page.getByRole('button', { name: 'Save' }).click()
  await dialog.getByRole('button', { name: 'Overwrite with mine' }).click()
  await page.getByText('Saved.').waitFor()
  const kept = await api('GET', `scim2/Users/${id}`)
  assert.deepEqual([kept.displayName, kept.roles, kept['urn:scim:wso2:schema'].accountLocked], ['Ada', undefined, false])
  await close(page)
})

test('a person who changed something is named, and not by an id', async () => {
  const { id } = await issuerCalled('authored')
  const { id: author } = await api('POST', 'scim2/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'grace', displayName: 'Grace Hopper' })
  const gone = 'usr_AAAAAAAAAAAAAAAAAAAAAA'
  const page = await signedIn(browser, sts)
  // The page may read it more than once.
  let modifiedBy = author
  await page.route(`**/${ISSUERS}/${id}`, async (route) => {
    const response = await route.fetch()
    const json = await response.json()
    await route.fulfill({ response, json: { ...json, meta: { ...json.meta, modifiedBy } } })
  })
  await visit(page, `#/issuers/${id}`)
  await page.getByText(/Changed .* by Grace Hopper/).first().waitFor()
  assert.ok(!(await page.locator('.heading').innerText()).includes(author))
  // Somebody who is not there any more keeps the id.
  await visit(page, '#/issuers')
  modifiedBy = gone
  await visit(page, `#/issuers/${id}`)
  await page.getByText(`by ${gone}`).first().waitFor()
  await close(page)
})

test('what somebody else has changed is not deleted unseen', async () => {
  const { id } = await issuerCalled('doomed')
  const page = await signedIn(browser, sts)
  await visit(page, `#/issuers/${id}`)
  await page.getByRole('heading', { level: 1, name: 'doomed' }).waitFor()
  await api('PATCH', `${ISSUERS}/${id}`, [{ operation: 'ADD', path: '/description', value: 'needed after all' }])
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('button', { name: 'Delete the issuer' }).click()
  const dialog = conflict(page)
  await dialog.getByText('needed after all').waitFor()
  assert.equal(await page.getByRole('dialog').count(), 1)
  assert.deepEqual(await flaws(page, 'conflict-delete'), [])
  await dialog.getByRole('button', { name: 'Look at theirs' }).click()
  await page.waitForFunction(() => document.querySelector('[data-field="description"] input').value === 'needed after all')
  await api('PATCH', `${ISSUERS}/${id}`, [{ operation: 'ADD', path: '/description', value: 'and again' }])
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('button', { name: 'Delete the issuer' }).click()
  await dialog.getByRole('button', { name: 'Delete it anyway' }).click()
  await page.getByText('No issuer').or(page.getByRole('link', { name: 'shared' })).first().waitFor()
  await assert.rejects(api('GET', `${ISSUERS}/${id}`), /404/)
  await close(page)
})

test('a save and a deletion whose answers are lost are no conflicts when they are repeated', async () => {
  const { id } = await issuerCalled('lost')
  const page = await signedIn(browser, sts)
  await visit(page, `#/issuers/${id}`)
  await page.getByLabel('Description').fill('mine')
  /** The server does it, and nobody hears of that. */
  const loseNext = (method) =>
    page.route(`**/${ISSUERS}/${id}`, async (route) => {
      if (route.request().method() !== method) return route.continue()
      await route.fetch()
      await route.abort('connectionreset')
    }, { times: 1 })
  await loseNext('PATCH')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('No connection').waitFor()
  assert.equal((await api('GET', `${ISSUERS}/${id}`)).description, 'mine')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  assert.equal(await conflict(page).count(), 0)

  await loseNext('DELETE')
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('button', { name: 'Delete the issuer' }).click()
  await page.getByRole('dialog').getByText('No connection').waitFor()
  await page.getByRole('button', { name: 'Delete the issuer' }).click()
  await page.getByRole('heading', { level: 1, name: 'Trusted token issuers' }).waitFor()
  await page.context().close()
})
