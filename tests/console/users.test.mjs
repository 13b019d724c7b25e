/** Users: made, found, locked, given roles, linked. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { close, flaws, signedIn, start, visit } from './support/console.mjs'
import { issuer } from './support/keys.mjs'

let sts, browser, api, stop, builds
before(async () => {
  builds = await issuer()
  ;({ sts, browser, api, stop } = await start(() => ({
    roles: [{ name: 'deployer', scopes: ['deploy:write'] }, { name: 'reader', scopes: ['read'] }],
    trustedTokenIssuers: [{ name: 'Of the document', issuer: 'https://document.example', certificate: { jwks: builds.jwks } }],
  })))
})
after(async () => {
  await stop()
  builds.stop()
})

test('a user is made, found, locked, linked and unlinked', async () => {
  const page = await signedIn(browser, sts)
  await visit(page, '#/users/new')
  await page.getByLabel('Username').fill('ada')
  await page.getByLabel('E-mail address').fill('ada@example.com')
  await page.getByText('grants deploy:write').waitFor()
  await page.getByLabel('deployer').check()
  await page.getByRole('button', { name: 'Create the user' }).click()
  await page.getByRole('heading', { level: 1, name: 'ada' }).waitFor()
  await page.getByLabel('Locked').check()
  await page.getByLabel('Display name').fill('Ada Lovelace')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()

  const { id, roles } = (await api('GET', 'scim2/Users?filter=userName%20eq%20%22ada%22')).Resources[0]
  assert.deepEqual(roles.map(({ value }) => value), ['deployer'])
  await page.getByLabel('Trusted token issuer').selectOption('Of the document')
  await page.getByLabel('Subject').fill('f-4711')
  await page.getByRole('button', { name: 'Link', exact: true }).click()
  await page.getByText('f-4711').waitFor()
  assert.deepEqual(await flaws(page, 'user'), [])
  await page.getByRole('button', { name: 'Remove the link to f-4711 of Of the document' }).click()
  await page.getByRole('button', { name: 'Remove the link', exact: true }).click()
  await page.getByText('There is no linked account.').waitFor()

  await visit(page, '#/users')
  await page.getByLabel('Search by name or e-mail').fill('example.com')
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: /Ada Lovelace/ }).waitFor()
  await page.getByText('locked').waitFor()
  assert.deepEqual(await flaws(page, 'users'), [])
  await close(page)
})

test('a role that is not in the configuration any more can only be taken away', async () => {
  const { id } = await api('POST', 'scim2/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'old-hand', roles: [{ value: 'deployer' }] })
  const page = await signedIn(browser, sts)
  const archivist = { id: 'archivist', displayName: 'archivist', permissions: [] }
  await page.route('**/scim2/Roles?*', (route) => route.fulfill({ json: { totalResults: 1, Resources: [archivist] } }))
  await visit(page, `#/users/${id}`)
  await page.getByText('not in the configuration').waitFor()
  assert.deepEqual(await flaws(page, 'user-roles'), [])
  await page.getByText('grants nothing').first().waitFor()
  await page.getByLabel(/deployer/).click()
  assert.equal(await page.getByLabel(/deployer/).count(), 0)
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  assert.equal((await api('GET', `scim2/Users/${id}`)).roles, undefined)
  await close(page)
})

test('more than a page has pages', async () => {
  const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User']
  for (let number = 10; number < 40; number++) await api('POST', 'scim2/Users', { schemas, userName: `page-${number}` })
  const page = await signedIn(browser, sts)
  await visit(page, '#/users')
  await page.getByLabel('Search by name or e-mail').fill('page-')
  await page.keyboard.press('Enter')
  await page.getByText('1 to 20 of 30').waitFor()
  const names = () => page.locator('.cards .name').allInnerTexts()
  const first = await names()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByText('21 to 30 of 30').waitFor()
  await page.waitForFunction((name) => document.querySelector('.cards .name').innerText !== name, first[0])
  assert.equal(new Set([...first, ...(await names())]).size, 30)
  assert.deepEqual(await flaws(page, 'users-page-2'), [])
  await page.getByRole('button', { name: 'Previous' }).click()
  await page.getByText('1 to 20 of 30').waitFor()
  await close(page)
})

const SCHEMAS = ['urn:ietf:params:scim:schemas:core:2.0:User']

test('changing one of several e-mail addresses and phone numbers left no other', async () => {
  const [work, third] = [{ value: 'work@several.example', type: 'work', display: 'At work' }, { value: 'third@several.example', type: 'other' }]
  const phones = [{ value: '1', type: 'work' }, { value: '2', type: 'mobile' }, { value: '3', type: 'home', primary: true }]
  const user = await api('POST', 'scim2/Users', { schemas: SCHEMAS, userName: 'several', emails: [{ value: 'home@several.example', type: 'home' }, work, third], phoneNumbers: phones })
  const seen = () => api('GET', `scim2/Users/${user.id}`)
  const page = await signedIn(browser, sts)
  const save = async () => {
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved.').waitFor()
  }
  await visit(page, `#/users/${user.id}`)
  const [email, phone] = [page.getByLabel('E-mail address'), page.getByLabel('Phone number')]
  // They are those by which the engine links accounts.
  assert.deepEqual([await email.inputValue(), await phone.inputValue()], ['work@several.example', '3'])
  await page.getByText('Further ones, which stay: home@several.example, third@several.example.').waitFor()
  await page.getByText('Further ones, which stay: 1, 2.').waitFor()
  assert.deepEqual(await flaws(page, 'user-several'), [])
  await email.fill('new@several.example')
  await phone.fill('4')
  await save()
  const now = await seen()
  assert.deepEqual(now.emails, [{ value: 'home@several.example', type: 'home' }, { ...work, value: 'new@several.example' }, third])
  assert.deepEqual(now.phoneNumbers, [phones[0], phones[1], { value: '4', type: 'home', primary: true }])

  // Without it another takes its place, which is not removed with the next saving.
  await email.fill('')
  await phone.fill('')
  await save()
  assert.deepEqual([await email.inputValue(), await phone.inputValue()], ['home@several.example', '2'])
  await page.getByLabel('Display name').fill('Several')
  await save()
  const left = await seen()
  assert.deepEqual([left.emails, left.phoneNumbers], [[{ value: 'home@several.example', type: 'home' }, third], [phones[0], phones[1]]])
  await close(page)
})

test('the other e-mail addresses of a user were lost when two people changed the user', async () => {
  const emails = [{ value: 'one@shared.example', type: 'work', primary: true }, { value: 'two@shared.example', type: 'home' }]
  const user = await api('POST', 'scim2/Users', { schemas: SCHEMAS, userName: 'shared', emails })
  const page = await signedIn(browser, sts)
  await visit(page, `#/users/${user.id}`)
  await page.getByLabel('E-mail address').fill('mine@shared.example')
  const theirs = { value: 'theirs@shared.example', type: 'other' }
  await api('PATCH', `scim2/Users/${user.id}`, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [{ op: 'add', path: 'emails', value: [theirs] }] })
  await page.getByRole('button', { name: 'Save' }).click()
  const dialog = page.getByRole('dialog', { name: 'Changed by somebody else' })
  assert.match(await dialog.innerText(), /yours mine@shared\.example, two@shared\.example, theirs@shared\.example/)
  await dialog.getByRole('button', { name: 'Overwrite with mine' }).click()
  await page.getByText('Saved.').waitFor()
  const mine = { ...emails[0], value: 'mine@shared.example' }
  assert.deepEqual((await api('GET', `scim2/Users/${user.id}`)).emails, [mine, emails[1], theirs])
  await close(page)
})

test('a role of a user lost what else is said of it when another was ticked', async () => {
  const roles = [{ value: 'deployer', type: 'team', display: 'Deploys' }]
  const user = await api('POST', 'scim2/Users', { schemas: SCHEMAS, userName: 'two-roles', roles })
  const page = await signedIn(browser, sts)
  await visit(page, `#/users/${user.id}`)
  await page.getByLabel('reader').check()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  assert.deepEqual((await api('GET', `scim2/Users/${user.id}`)).roles, [...roles, { value: 'reader' }])
  await close(page)
})
