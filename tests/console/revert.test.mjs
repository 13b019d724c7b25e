/** A change is reverted, and what somebody changed since is never overwritten. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { ADMIN, EXCHANGE, close, flaws, signedIn, start, visit } from './support/console.mjs'

const SCIM = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

let sts, browser, api, stop
before(async () => {
  ;({ sts, browser, api, stop } = await start(() => ({ roles: [{ name: 'reader', scopes: ['read'] }] })))
})
after(() => stop())

const issuers = 'api/server/v1/trusted-token-issuers'
const applications = 'api/server/v1/applications'

/** Opens the newest change of an object. */
async function newest(page, id, nth = 0) {
  // The page is drawn anew, with everything folded.
  await visit(page, '#/server')
  await visit(page, `#/changes?object=${encodeURIComponent(id)}`)
  const one = page.locator('.changes > li').nth(nth)
  await one.getByText('What changed').click()
  return one
}

test('a change of an application is reverted, and later changes of other members stay', async () => {
  const { id } = await api('POST', applications, { name: 'Bot', clientId: 'bot', grantTypes: [EXCHANGE], scopes: ['read'], accessToken: { lifetimeSeconds: 60 } })
  await api('PATCH', `${applications}/${id}`, { scopes: ['read', 'write'], accessToken: { lifetimeSeconds: 120, outliveSubject: true }, delegation: { allowWithoutActor: true } })
  await api('PATCH', `${applications}/${id}`, { description: 'later' })
  const page = await signedIn(browser, sts)
  const one = await newest(page, id, 1)
  await one.getByRole('button', { name: 'Revert this change of Bot' }).click()
  const dialog = page.getByRole('dialog', { name: 'Revert the change of Bot?' })
  await dialog.getByText('read, write').waitFor()
  assert.deepEqual(await flaws(page, 'revert'), [])
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  assert.deepEqual((await api('GET', `${applications}/${id}`)).scopes, ['read', 'write'])
  await one.getByRole('button', { name: 'Revert this change of Bot' }).click()
  await dialog.getByRole('button', { name: 'Revert the change' }).click()
  await page.getByText('The change is reverted.').waitFor()
  const now = await api('GET', `${applications}/${id}`)
  assert.deepEqual(now.scopes, ['read'])
  assert.deepEqual(now.accessToken, { lifetimeSeconds: 60 })
  assert.equal(now.delegation, undefined)
  assert.equal(now.description, 'later')
  // It is a change of its own, which the list has now.
  await page.waitForFunction(() => document.querySelectorAll('.changes > li').length === 4)
  await close(page)
})

test('what somebody changed since is shown and not overwritten', async () => {
  const { id } = await api('POST', issuers, { name: 'Builds', issuer: 'https://builds.example', certificate: { discovery: true } })
  const replace = (path, value) => api('PATCH', `${issuers}/${id}`, [{ operation: 'REPLACE', path, value }])
  await replace('/alias', 'mine')
  await replace('/alias', 'of somebody else')
  const page = await signedIn(browser, sts)
  await (await newest(page, id, 1)).getByRole('button', { name: /^Revert/ }).click()
  await page.getByText('Changed since').waitFor()
  assert.match(await page.getByRole('dialog').innerText(), /is now of somebody else/)
  assert.equal(await page.getByRole('button', { name: 'Revert the change' }).count(), 0)
  assert.deepEqual(await flaws(page, 'revert-conflict'), [])
  await page.getByRole('button', { name: 'Close' }).click()
  assert.equal((await api('GET', `${issuers}/${id}`)).alias, 'of somebody else')

  // Somebody is faster, between the question and the answer.
  await (await newest(page, id)).getByRole('button', { name: /^Revert/ }).click()
  await page.getByRole('button', { name: 'Revert the change' }).waitFor()
  await replace('/alias', 'faster')
  await page.getByRole('button', { name: 'Revert the change' }).click()
  await page.getByText('Changed since').waitFor()
  assert.equal((await api('GET', `${issuers}/${id}`)).alias, 'faster')
  await page.getByRole('button', { name: 'Close' }).click()

  await (await newest(page, id)).getByRole('button', { name: /^Revert/ }).click()
  await page.getByRole('button', { name: 'Revert the change' }).click()
  await page.getByText('The change is reverted.').waitFor()
  assert.equal((await api('GET', `${issuers}/${id}`)).alias, 'of somebody else')
  await close(page)
})

test('a change of a user is reverted, roles and locks included', async () => {
  const user = await api('POST', 'scim2/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ada', emails: [{ value: 'ada@example.com' }] })
  const Operations = [
    { op: 'replace', path: 'roles', value: [{ value: 'reader' }] },
    { op: 'replace', path: 'urn:scim:wso2:schema:accountLocked', value: true },
    { op: 'remove', path: 'emails' },
  ]
  await api('PATCH', `scim2/Users/${user.id}`, { schemas: [SCIM], Operations })
  const page = await signedIn(browser, sts)
  await (await newest(page, user.id)).getByRole('button', { name: /^Revert/ }).click()
  await page.getByRole('button', { name: 'Revert the change' }).click()
  await page.getByText('The change is reverted.').waitFor()
  const now = await api('GET', `scim2/Users/${user.id}`)
  assert.deepEqual(now.emails, [{ value: 'ada@example.com' }])
  assert.equal(now.roles, undefined)
  assert.notEqual(now['urn:scim:wso2:schema']?.accountLocked, true)
  await close(page)
})

test('what a change created is deleted after a question, and what one deleted is created again by the form', async () => {
  const { id } = await api('POST', applications, { name: 'Gone', clientId: 'gone', type: 'mobile', grantTypes: [EXCHANGE], scopes: ['read'] })
  const page = await signedIn(browser, sts)
  await (await newest(page, id)).getByRole('button', { name: /^Revert/ }).click()
  await page.getByText('Creating it again later does not restore them.').waitFor()
  await page.getByRole('button', { name: 'Delete it' }).click()
  await page.getByText('The change is reverted.').waitFor()
  await visit(page, `#/changes?resource=application`)
  await (await newest(page, id)).getByRole('button', { name: 'Create Gone again' }).click()
  await page.getByRole('heading', { level: 1, name: 'Add an application' }).waitFor()
  assert.equal(await page.getByLabel('Client id', { exact: false }).first().inputValue(), 'gone')
  await page.getByRole('button', { name: 'Create the application' }).click()
  await page.getByRole('heading', { level: 1, name: 'Gone' }).waitFor()
  const { applications: all } = await api('GET', `${applications}?limit=100`)
  const again = await api('GET', `${applications}/${all.find(({ clientId }) => clientId === 'gone').id}`)
  assert.deepEqual(again.scopes, ['read'])
  assert.notEqual(again.id, id)
  await close(page)
})

test('a link is reverted, and made again', async () => {
  const { id: trusted } = await api('POST', issuers, { name: 'Partner', issuer: 'https://partner.example', certificate: { discovery: true } })
  const user = await api('POST', 'scim2/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'grace' })
  const links = `api/users/v1/${user.id}/federated-associations`
  await api('POST', links, { idp: 'Partner', federatedUserId: 'grace-there' })
  const page = await signedIn(browser, sts)
  const newestLink = async () => {
    await visit(page, '#/server')
    await visit(page, '#/changes?resource=federated-association')
    const one = page.locator('.changes > li').first()
    await one.getByText('What changed').click()
    return one
  }
  await (await newestLink()).getByRole('button', { name: 'Revert this change of grace-there' }).click()
  await page.getByRole('button', { name: 'Delete it' }).click()
  await page.getByText('The change is reverted.').waitFor()
  assert.deepEqual(await api('GET', links), [])
  // The name of the issuer may be another one by now.
  await api('PATCH', `${issuers}/${trusted}`, [{ operation: 'REPLACE', path: '/name', value: 'Partner login' }])
  await (await newestLink()).getByRole('button', { name: 'Create grace-there again' }).click()
  await page.getByRole('dialog', { name: 'Link grace-there again?' }).getByRole('button', { name: 'Link again' }).click()
  await page.getByText('The change is reverted.').waitFor()
  assert.deepEqual((await api('GET', links)).map(({ federatedUserId, idp }) => [federatedUserId, idp.name]), [['grace-there', 'Partner login']])

  await api('POST', links, { idp: 'Partner login', federatedUserId: 'grace-of-old' })
  await api('DELETE', links)
  const both = await newestLink()
  await both.getByText('it removed several objects').waitFor()
  assert.match(await both.innerText(), /grace-there[^]*grace-of-old|grace-of-old[^]*grace-there/)
  assert.equal(await both.getByRole('button').count(), 0)
  assert.deepEqual(await flaws(page, 'changes-several'), [])
  await close(page)
})

test('what an import changed is reverted object by object', async () => {
  const { id } = await api('POST', applications, { name: 'Imported', clientId: 'imported', type: 'mobile', grantTypes: [EXCHANGE], scopes: ['read'] })
  const document = { issuer: sts.url, applications: [{ name: 'Imported', clientId: 'imported', type: 'mobile', grantTypes: [EXCHANGE], scopes: ['read', 'write'] }], trustedTokenIssuers: [{ name: 'New', issuer: 'https://new.example', certificate: { discovery: true } }] }
  const response = await fetch(`${sts.url}/api/server/v1/configuration/import`, { method: 'POST', headers: { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json', 'if-match': '*' }, body: JSON.stringify(document) })
  assert.equal(response.status, 200, await response.text())
  const page = await signedIn(browser, sts)
  await (await newest(page, id)).getByRole('button', { name: /^Revert/ }).click()
  await page.getByRole('button', { name: 'Revert the change' }).click()
  await page.getByText('The change is reverted.').waitFor()
  assert.deepEqual((await api('GET', `${applications}/${id}`)).scopes, ['read'])
  await visit(page, '#/changes?resource=trusted-token-issuer')
  const made = page.locator('.changes > li').filter({ hasText: 'New' }).first()
  await made.getByText('What changed').click()
  await made.getByRole('button', { name: 'Revert this change of New' }).click()
  await page.getByRole('button', { name: 'Delete it' }).click()
  await page.getByText('The change is reverted.').waitFor()
  await close(page)
})

test('a change that cannot be reverted says why', async () => {
  const { id } = await api('POST', applications, { name: 'Secretive', clientId: 'secretive', grantTypes: [EXCHANGE] })
  await api('PATCH', `${applications}/${id}`, { clientSecret: 'another-secret-of-at-least-32-characters' })
  await api('POST', 'api/server/v1/keys/rotate', {})
  const page = await signedIn(browser, sts)
  await (await newest(page, id)).getByText('it changed a secret').waitFor()
  await visit(page, '#/changes?resource=signing-key')
  await page.getByText('What changed').first().click()
  await page.getByText('rotate the key on the page “Server”').waitFor()
  await close(page)
})
