/** Bad input: each problem that the server reports is shown at its field, and what was typed is kept. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { becomes, signedIn, start, visit } from './support/console.mjs'

let sts, browser, api, stop
before(async () => {
  ;({ sts, browser, api, stop } = await start(() => ({})))
  await api('POST', 'api/server/v1/trusted-token-issuers', { name: 'Taken', issuer: 'https://taken.example', certificate: { discovery: true } })
  await api('POST', 'scim2/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'taken' })
})
after(() => stop())

/** Fills a new form with what is right but for one thing; it has to be said at this field, and nowhere else. */
async function refused(page, { list, begin, wrong, field, says }) {
  await visit(page, `#/${list}`)
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await visit(page, `#/${list}/new`)
  await page.getByRole('heading', { level: 1, name: /^Add/ }).waitFor()
  await begin(page)
  await wrong(page)
  await page.getByRole('button', { name: /^Create/ }).click()
  const [first, ...others] = await (await page.waitForFunction(() => {
    const fields = [...document.querySelectorAll('[data-field]:has(> .wrong)')]
    return fields.length > 0 && fields.map((one) => [one.dataset.field, one.querySelector('.wrong').innerText])
  })).jsonValue()
  assert.deepEqual([first[0], others], [field, []])
  assert.match(first[1], says)
  await becomes(page, () => document.activeElement.closest('[data-field]')?.dataset.field, field)
}

const fill = (label, text) => (page) => page.getByLabel(label, { exact: typeof label === 'string' }).last().fill(text)

test('issuers', async () => {
  const page = await signedIn(browser, sts)
  const begin = async () => {
    await page.getByLabel('Name required').fill('New')
    await page.getByLabel('Issuer required').fill('https://new.example')
    await page.getByLabel('JWKS URL').last().fill('https://new.example/jwks')
  }
  const keySet = (text) => async () => {
    await page.getByRole('radio', { name: /Key set/ }).check()
    await page.getByLabel('Key set (JWKS)').fill(text)
  }
  const twice = async () => {
    await page.getByLabel('Link local accounts automatically').check()
    await page.getByLabel('Secondary lookup attribute').selectOption('email')
  }
  const late = async () => {
    await page.getByText('Algorithms, times and replay').click()
    await page.getByLabel('Maximum token age').fill('an hour')
  }
  for (const [wrong, field, says] of [
    [fill('Name required', 'Taken'), 'name', /choose another name\.$/],
    [fill('Issuer required', 'https://taken.example'), 'issuer', /is registered already/],
    [fill(/JWKS URL/, 'http://new.example/jwks'), 'certificate.jwksUri', /^The URL is plain http/],
    [keySet('no JSON'), 'certificate.jwks', /give a JWK set/],
    [twice, 'implicitAssociation.lookupAttribute[1]', /^email is in this list twice/],
    [late, 'maxTokenAgeSeconds', /^Found a string, expected a whole number/],
  ]) {
    await refused(page, { list: 'issuers', begin, wrong, field, says })
  }
  await page.context().close()
})

test('applications', async () => {
  const page = await signedIn(browser, sts)
  const begin = fill('Name required', 'New')
  const none = async () => {
    await page.getByLabel('Token exchange').uncheck()
    await page.getByLabel('Refresh token', { exact: true }).uncheck()
  }
  const key = async () => {
    await page.getByLabel('Client authentication').selectOption('jwks')
    await page.getByLabel('Public key set (JWKS)').fill('no JSON')
  }
  for (const [wrong, field, says] of [
    [none, 'grantTypes', /^Is empty/],
    [fill('Scopes', 'fine\na"b'), 'scopes', /^Item 2: a"b is no scope/],
    [fill('Default scopes', 'other'), 'defaultScopes', /^Item 1: other is not among/],
    [key, 'jwks', /give a JWK set/],
    [fill('Attributes', 'sub'), 'accessToken.attributes', /cannot be set from outside/],
  ]) {
    await refused(page, { list: 'applications', begin, wrong, field, says })
  }
  await page.context().close()
})

test('users', async () => {
  const page = await signedIn(browser, sts)
  for (const [wrong, says] of [
    [() => undefined, /^Enter a username\.$/],
    [fill(/Username/, 'taken'), /^Another user of this user store has this userName/],
  ]) {
    await refused(page, { list: 'users', begin: fill('Display name', 'New'), wrong, field: 'userName', says })
    assert.equal(await page.getByLabel('Display name').inputValue(), 'New')
  }
  await page.context().close()
})
