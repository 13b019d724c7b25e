/** Users and their own links; and the whole console by keyboard alone. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { after, before, test } from 'node:test'

import { ADMIN, EXCHANGE, becomes, close, flaws, open, start } from './support/console.mjs'
import { check } from './support/files.mjs'
import { ISSUER, issuer } from './support/keys.mjs'

let sts, browser, api, stop, builds
before(async () => {
  builds = await issuer()
  ;({ sts, browser, api, stop } = await start((own) => ({
    trustedTokenIssuers: [{ name: 'Builds', issuer: ISSUER, certificate: { jwks: builds.jwks } }],
    applications: [{ clientId: 'app', type: 'mobile', grantTypes: [EXCHANGE], trustedTokenIssuers: ['Builds'], audiences: [own], subject: { useMappedLocalSubject: true } }],
  })))
})
after(async () => {
  await stop()
  builds.stop()
})

test('a user sees linked accounts, and removes one and then all', async () => {
  const user = await api('POST', 'scim2/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ada' })
  for (const federatedUserId of ['ada-1', 'ada-2', 'ada-3']) await api('POST', `api/users/v1/${user.id}/federated-associations`, { idp: 'Builds', federatedUserId })
  const form = { grant_type: EXCHANGE, client_id: 'app', subject_token_type: 'urn:ietf:params:oauth:token-type:jwt', subject_token: await builds.sign({ sub: 'ada-1', aud: sts.url }) }
  const { access_token } = await (await fetch(`${sts.url}/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) })).json()

  const page = await open(browser, `${sts.url}/console/#/me`)
  await page.getByLabel('Access token').fill('no token of yours')
  await page.getByRole('button', { name: 'Show my linked accounts' }).click()
  await page.getByText('Not allowed').waitFor()
  assert.deepEqual(await flaws(page, 'me-sign-in'), [])
  await page.getByLabel('Access token').fill(access_token)
  await page.getByRole('button', { name: 'Show my linked accounts' }).click()
  await page.getByText('ada-3').waitFor()
  await page.getByText('needs the scope exchequer:links if its application has scopes').waitFor()
  assert.deepEqual(await flaws(page, 'me'), [])

  await page.getByRole('button', { name: 'Remove the link to ada-2 of Builds' }).click()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Remove the link to ada-2 of Builds' }).click()
  await page.getByRole('button', { name: 'Remove the link', exact: true }).click()
  await page.getByRole('listitem').filter({ hasText: 'ada-2' }).waitFor({ state: 'detached' })
  // The next Tab goes on from the list, not from the top of the page.
  await page.keyboard.press('Tab')
  await becomes(page, () => document.activeElement.getAttribute('aria-label'), /^Remove the link to/)
  assert.deepEqual((await api('GET', `api/users/v1/${user.id}/federated-associations`)).map((link) => link.federatedUserId).sort(), ['ada-1', 'ada-3'])
  await page.getByRole('button', { name: 'Remove all' }).click()
  await page.getByRole('button', { name: 'Remove all links' }).click()
  // The token was issued because of a link that is gone.
  await page.getByText('it no longer works').waitFor()
  assert.equal(await page.getByRole('alert').count(), 0)
  assert.deepEqual(await flaws(page, 'me-ended'), [])
  assert.deepEqual(await api('GET', `api/users/v1/${user.id}/federated-associations`), [])
  await close(page)
})

/** Tabs to whatever has this name; that it can be reached is what is tested. */
async function reachIn(page, name) {
  for (let presses = 0; presses < 80; presses++) {
    const found = await page.evaluate((name) => {
      const { activeElement } = document
      const label = activeElement.labels?.[0]?.innerText ?? activeElement.getAttribute('aria-label') ?? activeElement.innerText ?? ''
      return label.trim().startsWith(name)
    }, name)
    if (found) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`${name} cannot be reached by Tab`)
}

test('an administrator signs in, adds an issuer and signs out by keyboard alone', async () => {
  const page = await open(browser, `${sts.url}/console/`)
  const reach = (name) => reachIn(page, name)
  await page.keyboard.press('Tab')
  await becomes(page, () => document.activeElement.innerText, 'Skip to the page')
  await reach('Admin token')
  await page.keyboard.type(ADMIN)
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'Add an issuer' }).waitFor()
  await reach('Add an issuer')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Add a trusted token issuer' }).waitFor()
  await reach('Name')
  await page.keyboard.type('By keyboard')
  await reach('Issuer required')
  await page.keyboard.type('https://keyboard.example')
  await reach('JWKS URL')
  await page.keyboard.press('ArrowUp')
  assert.equal(await page.getByRole('radio', { name: /Key set/ }).isChecked(), true)
  await reach('Key set (JWKS)')
  await page.keyboard.insertText(JSON.stringify(builds.jwks))
  await reach('Create the issuer')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'By keyboard' }).waitFor()

  // Enter, pressed too soon, deletes nothing.
  await reach('Delete')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  assert.ok((await api('GET', 'api/server/v1/trusted-token-issuers?limit=100')).identityProviders.some(({ name }) => name === 'By keyboard'))

  // A dialog keeps the focus, closes with Escape, and gives it back.
  await reach('Delete')
  await page.keyboard.press('Space')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.evaluate(() => document.querySelector('h1').focus())
  await reach('Sign out')
  await page.keyboard.press('Enter')
  await page.getByLabel('Admin token').waitFor()
  await close(page)
})

test('a token is made, tried and mended by keyboard alone', async () => {
  const page = await open(browser, `${sts.url}/console/#/playground`)
  const reach = (name) => reachIn(page, name)
  await reach('Preset')
  await page.keyboard.press('ArrowDown')
  await page.waitForFunction(() => document.querySelector('#configuration textarea').value.includes('gitlab.com'))
  await reach('Claims')
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText(JSON.stringify({ iss: 'https://gitlab.com', sub: 'job', aud: 'https://sts.example.com', namespace_path: 'others' }))
  await reach('Try it out')
  await page.keyboard.press('Enter')
  await page.getByText('Refused: invalid_request').waitFor()
  await reach('Change it: conditions')
  await page.keyboard.press('Enter')
  await becomes(page, () => document.activeElement.value?.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd), '"conditions"')
  await page.keyboard.insertText('"description"')
  await reach('Try it out')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Configuration document' }).waitFor()
  await becomes(page, () => document.activeElement.getAttribute('aria-invalid'), 'true')
  await close(page)
})

test('files are served with a strict policy, and nothing beside them', async () => {
  const get = (path, init) => fetch(`${sts.url}${path}`, { redirect: 'manual', ...init })
  const index = await get('/console/')
  assert.equal(index.status, 200)
  assert.match(index.headers.get('content-security-policy'), /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self';/)
  assert.match(index.headers.get('content-security-policy'), /frame-ancestors 'none'/)
  assert.equal(index.headers.get('x-content-type-options'), 'nosniff')
  assert.equal(index.headers.get('referrer-policy'), 'no-referrer')
  assert.equal(index.headers.get('cache-control'), 'no-cache')
  assert.equal((await get('/console')).headers.get('location'), 'console/')
  assert.equal((await get('/tenant/console/')).status, 200)
  // Users who are called so are the engine's.
  for (const path of ['/scim2/Users/console', '/api/users/v1/console/federated-associations']) assert.equal((await get(path)).status, 401, path)
  assert.equal((await get('//other.example/console')).headers.get('location'), 'console/')
  assert.equal((await get('/console/', { method: 'POST' })).status, 405)
  await check(sts.url)
  assert.equal((await get('/consoles')).status, 404)

  // Everything but the engine's wasm weighs less than 300 KB compressed.
  const html = await index.text()
  const named = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(([, path]) => path)
  // The page, its style and its icon, and what the page shares with those that are loaded later.
  assert.ok(named.length >= 3)
  const assets = readdirSync(new URL('dist/console/assets/', import.meta.resolve('exchequer/package.json'))).map((name) => `assets/${name}`)
  assert.ok(named.every((path) => assets.includes(path)))
  let weight = 0
  for (const path of assets.filter((path) => !path.endsWith('.wasm'))) {
    const response = await get(`/console/${path}`)
    assert.equal(response.headers.get('content-encoding'), 'gzip')
    assert.match(response.headers.get('cache-control'), /immutable/)
    weight += Number(response.headers.get('content-length'))
  }
  assert.ok(weight < 300_000, `${weight} bytes`)
})
