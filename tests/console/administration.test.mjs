/** Administrators at work: issuers and applications. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'

import { ADMIN, EXCHANGE, becomes, close, flaws, open, signedIn, start, visit } from './support/console.mjs'
import { issuer } from './support/keys.mjs'

const certificate = (name) => fileURLToPath(new URL(`../certificates/${name}`, import.meta.url))

let sts, browser, api, stop, builds
before(async () => {
  builds = await issuer()
  ;({ sts, browser, api, stop } = await start(() => ({
    roles: [{ name: 'deployer', scopes: ['deploy:write'] }],
    trustedTokenIssuers: [{ name: 'Of the document', issuer: 'https://document.example', certificate: { jwks: builds.jwks } }],
  })))
})
after(async () => {
  await stop()
  builds.stop()
})

test('who has no token is asked for one, and a wrong one is refused', async () => {
  const page = await open(browser, `${sts.url}/console/`)
  await page.getByLabel('Admin token').fill('not the token')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('alert').getByText('neither the admin token nor an access token').waitFor()
  assert.deepEqual(await flaws(page, 'sign-in'), [])
  await page.getByLabel('Admin token').fill(ADMIN)
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'Of the document' }).waitFor()
  assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]), [0, 0, ''])
  assert.deepEqual(await flaws(page, 'issuers'), [])
  await close(page)
})

test('an issuer is made by URL, with its keys tried first', async () => {
  const page = await signedIn(browser, sts)
  await page.getByRole('link', { name: 'Add an issuer' }).click()
  await page.getByLabel('Issuer required').fill('https://builds.example.com')
  await page.getByLabel('JWKS URL').last().fill('https://127.0.0.1:1/jwks')
  await page.getByRole('button', { name: 'Test these keys' }).click()
  await page.getByText('No keys').waitFor()
  await page.getByLabel('JWKS URL').last().fill(builds.jwksUri)
  await page.getByRole('button', { name: 'Test these keys' }).click()
  await page.getByText('One key would be used').waitFor()
  await page.getByText('build-1').waitFor()
  // The name is missing: said at the field, and what was typed stays.
  await page.getByRole('button', { name: 'Create the issuer' }).click()
  await page.locator('[data-field="name"] .wrong').waitFor()
  assert.equal(await page.getByLabel('Name required').getAttribute('aria-invalid'), 'true')
  await becomes(page, () => document.activeElement.closest('[data-field]')?.dataset.field, 'name')
  assert.equal(await page.getByLabel('JWKS URL').last().inputValue(), builds.jwksUri)
  assert.deepEqual(await flaws(page, 'issuer-new'), [])

  await page.getByLabel('Name required').fill('Build farm')
  await page.getByRole('button', { name: 'Add a condition' }).click()
  await page.getByLabel('Claim', { exact: true }).fill('project')
  await page.getByLabel('Value', { exact: true }).fill('lighthouse')
  await page.getByRole('button', { name: 'Create the issuer' }).click()
  await page.getByRole('heading', { level: 1, name: 'Build farm' }).waitFor()
  const made = (await api('GET', 'api/server/v1/trusted-token-issuers?filter=name%20eq%20%22Build%20farm%22')).identityProviders[0]
  const kept = await api('GET', `api/server/v1/trusted-token-issuers/${made.id}`)
  assert.deepEqual(kept.certificate, { jwksUri: builds.jwksUri })
  assert.deepEqual(kept.conditions, [{ claim: 'project', equals: 'lighthouse' }])
  assert.deepEqual(await flaws(page, 'issuer'), [])
  await close(page)
})

test('an issuer is made by certificate files, PEM and DER', async () => {
  const page = await signedIn(browser, sts)
  await visit(page, '#/issuers/new')
  await page.getByLabel('Name required').fill('By certificate')
  await page.getByLabel('Issuer required').fill('https://certified.example.com')
  await page.getByRole('radio', { name: /Certificates/ }).check()
  await page.getByLabel('Certificate files').setInputFiles([certificate('p256.pem'), certificate('rsa.der')])
  await page.getByRole('textbox', { name: 'Certificate 2' }).waitFor()
  await page.getByRole('button', { name: 'Test these keys' }).click()
  await page.getByText('2 keys would be used').waitFor()
  await page.getByLabel('Certificate', { exact: true }).fill('no certificate')
  await page.getByRole('button', { name: 'Create the issuer' }).click()
  await page.locator('[data-field="certificate.certificates[0]"] .wrong').waitFor()
  await page.getByRole('button', { name: 'Remove certificate 1' }).click()
  await page.getByRole('button', { name: 'Create the issuer' }).click()
  await page.getByRole('heading', { level: 1, name: 'By certificate' }).waitFor()

  // Links accounts from now on, and is switched off and deleted.
  await page.getByLabel('Link local accounts on first sight').check()
  await page.getByLabel('Secondary lookup attribute').selectOption('username')
  assert.equal(await page.getByLabel('Accept addresses without email_verified').isChecked(), false)
  await page.getByLabel('Accept addresses without email_verified').check()
  await page.getByLabel('Enabled').uncheck()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  const [id] = page.url().split('/').slice(-1)
  const kept = await api('GET', `api/server/v1/trusted-token-issuers/${id}`)
  assert.deepEqual([kept.isEnabled, kept.implicitAssociation], [false, { isEnabled: true, lookupAttribute: ['email', 'username'], trustUnverified: true }])
  await page.getByLabel('Accept addresses without email_verified').uncheck()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  const withdrawn = await api('GET', `api/server/v1/trusted-token-issuers/${id}`)
  assert.deepEqual(withdrawn.implicitAssociation, { isEnabled: true, lookupAttribute: ['email', 'username'] })
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('button', { name: 'Delete the issuer' }).click()
  await page.getByRole('heading', { level: 1, name: 'Trusted token issuers' }).waitFor()
  assert.equal(await page.getByRole('link', { name: 'By certificate' }).count(), 0)
  await close(page)
})

test('keys are found by discovery, and certificates taken under every name they go by', async () => {
  const page = await signedIn(browser, sts)
  await visit(page, '#/issuers/new')
  await page.getByLabel('Name required').fill('Discovered')
  await page.getByLabel('Issuer required').fill(builds.origin)
  await page.getByRole('radio', { name: /Discovery/ }).check()
  await page.getByRole('button', { name: 'Test these keys' }).click()
  await page.getByText('One key would be used').waitFor()
  await page.getByText(builds.jwksUri).waitFor()
  await page.getByRole('button', { name: 'Create the issuer' }).click()
  await page.getByRole('heading', { level: 1, name: 'Discovered' }).waitFor()
  assert.deepEqual((await api('GET', `api/server/v1/trusted-token-issuers/${page.url().split('/').at(-1)}`)).certificate, { discovery: true })

  const [pem, der] = [readFileSync(certificate('p256.pem')), readFileSync(certificate('rsa.der'))]
  for (const [name, buffer] of [['a.pem', pem], ['a.crt', pem], ['a.crt', der], ['a.cer', der], ['a.cert', pem], ['a.der', der]]) {
    await visit(page, '#/issuers')
    await visit(page, '#/issuers/new')
    await page.getByLabel('Issuer required').fill('https://certified.example.com')
    await page.getByRole('radio', { name: /Certificates/ }).check()
    await page.getByLabel('Certificate files').setInputFiles({ name, mimeType: 'application/octet-stream', buffer })
    await page.waitForFunction(() => document.querySelector('[data-field="certificate.certificates[0]"] textarea').value !== '')
    await page.getByRole('button', { name: 'Test these keys' }).click()
    await page.getByText('One key would be used').waitFor()
  }
  await close(page)
})

test('an issuer is switched off and on, and deleted', async () => {
  const { id } = await api('POST', 'api/server/v1/trusted-token-issuers', { name: 'Switched', issuer: 'https://switched.example', certificate: { jwks: builds.jwks } })
  const page = await signedIn(browser, sts)
  const isEnabled = async () => (await api('GET', `api/server/v1/trusted-token-issuers/${id}`)).isEnabled
  await page.getByRole('link', { name: 'Switched' }).click()
  for (const on of [false, true]) {
    await page.getByLabel('Enabled').setChecked(on)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved.').waitFor()
    assert.equal(await isEnabled(), on)
  }
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('button', { name: 'Delete the issuer' }).click()
  await page.getByRole('heading', { level: 1, name: 'Trusted token issuers' }).waitFor()
  await assert.rejects(isEnabled(), /404/)
  await close(page)
})

test('a preset fills in the form and says what goes wrong', async () => {
  const page = await signedIn(browser, sts)
  await visit(page, '#/issuers/new')
  await page.getByLabel('Begin with').selectOption('github')
  await page.getByLabel('Organisation or user').fill('my-org')
  await page.getByRole('button', { name: 'Fill in the form' }).click()
  await page.getByText('Filled in.').waitFor()
  assert.equal(await page.getByLabel('Issuer required').inputValue(), 'https://token.actions.githubusercontent.com')
  assert.equal(await page.getByLabel('Value', { exact: true }).first().inputValue(), 'my-org')
  assert.deepEqual(await flaws(page, 'issuer-preset'), [])
  await close(page)
})

test('a lost connection and an expired sign-in keep what was typed', async () => {
  const page = await signedIn(browser, sts)
  await visit(page, '#/applications/new')
  await page.getByLabel('Name required').fill('Half done')
  await page.context().setOffline(true)
  await page.getByRole('button', { name: 'Create the application' }).click()
  await page.getByText('No connection').waitFor()
  assert.equal(await page.getByLabel('Name required').inputValue(), 'Half done')
  await page.context().setOffline(false)
  await page.route('**/api/server/v1/applications', (route) => route.fulfill({ status: 401, contentType: 'application/json', body: '{"code":"EXQ-40100","description":"no"}' }), { times: 1 })
  await page.getByRole('button', { name: 'Create the application' }).click()
  const dialog = page.getByRole('dialog', { name: 'Sign in again' })
  await dialog.getByLabel('Admin token').fill(ADMIN)
  await dialog.getByRole('button', { name: 'Sign in' }).click()
  await dialog.waitFor({ state: 'detached' })
  assert.equal(await page.getByLabel('Name required').inputValue(), 'Half done')
  await close(page)
})

test('an application is made from a template, and its secret is shown once', async () => {
  const page = await signedIn(browser, sts)
  await visit(page, '#/applications')
  await page.getByRole('link', { name: 'Add an application' }).first().waitFor()
  assert.deepEqual(await flaws(page, 'applications-empty'), [])
  await page.getByRole('link', { name: 'Add an application' }).first().click()
  await page.getByRole('radio', { name: /Machine/ }).check()
  await page.getByLabel('Name required').fill('Deploy bot')
  await page.getByLabel('Client id').fill('deploy-bot')
  await page.getByLabel('Of the document').check()
  await page.getByLabel('Audiences').fill('https://api.example.com')
  await page.getByLabel('Scopes', { exact: true }).fill('deploy:read')
  await page.getByLabel('Lifetime, seconds').fill('soon')
  await page.getByRole('button', { name: 'Create the application' }).click()
  await page.locator('[data-field="accessToken.lifetimeSeconds"] .wrong').waitFor()
  assert.deepEqual(await flaws(page, 'application-new'), [])
  await page.getByLabel('Lifetime, seconds').fill('600')
  await page.getByRole('button', { name: 'Create the application' }).click()
  const dialog = page.getByRole('dialog', { name: 'The client secret, this once' })
  const secret = await dialog.getByRole('region', { name: 'Client secret' }).innerText()
  assert.match(secret, /^[\w-]{43}$/)
  assert.deepEqual(await flaws(page, 'application-secret'), [])
  await dialog.getByRole('button', { name: 'I have put it away' }).click()
  await page.getByRole('heading', { level: 1, name: 'Deploy bot' }).waitFor()
  assert.ok(!(await page.content()).includes(secret))
  const kept = await api('GET', `api/server/v1/applications/${page.url().split('/').at(-1)}`)
  assert.deepEqual([kept.type, kept.grantTypes, kept.trustedTokenIssuers, kept.accessToken.lifetimeSeconds], ['machine', [EXCHANGE], ['Of the document'], 600])
  assert.deepEqual(await flaws(page, 'application'), [])

  await page.getByLabel('JWT bearer').check()
  await page.getByLabel('A linked account is mandatory').check()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  const changed = await api('GET', `api/server/v1/applications/${page.url().split('/').at(-1)}`)
  assert.equal(changed.grantTypes.length, 2)
  assert.deepEqual(changed.subject, { useMappedLocalSubject: true, mappedLocalSubjectMandatory: true })
  await visit(page, '#/applications')
  await page.getByRole('link', { name: 'Deploy bot' }).waitFor()
  assert.deepEqual(await flaws(page, 'applications'), [])
  await close(page)
})

test('what the form of an application does not show stays as it is', async () => {
  const hidden = {
    resources: ['https://hidden.example'],
    refreshToken: { absoluteLifetimeSeconds: 604_800, reuseGraceSeconds: 10 },
    subject: { identifier: 'qualified' },
  }
  const { id } = await api('POST', 'api/server/v1/applications', { name: 'Hidden', type: 'mobile', grantTypes: [EXCHANGE, 'refresh_token'], ...hidden })
  const page = await signedIn(browser, sts)
  await visit(page, `#/applications/${id}`)
  for (const lifetime of ['3600', '']) {
    await page.getByLabel('Lifetime of refresh tokens, seconds').fill(lifetime)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved.').waitFor()
    const { resources, refreshToken, subject } = await api('GET', `api/server/v1/applications/${id}`)
    assert.deepEqual([resources, subject.identifier], [hidden.resources, 'qualified'])
    assert.deepEqual(refreshToken, { ...hidden.refreshToken, ...(lifetime !== '' && { lifetimeSeconds: 3600 }) })
  }
  await close(page)
})
