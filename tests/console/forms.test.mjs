/** Forms say what misleads before it is saved, and nothing that is not true any more. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'

import { EXCHANGE, close, flaws, signedIn, start, visit } from './support/console.mjs'
import { issuer } from './support/keys.mjs'

const certificate = (name) => fileURLToPath(new URL(`../certificates/${name}`, import.meta.url))
const pem = (name) => readFileSync(certificate(name), 'utf8')
const ISSUERS = 'api/server/v1/trusted-token-issuers'
const APPLICATIONS = 'api/server/v1/applications'
/** What the page has sent. */
const posted = (page, path) => {
  const bodies = []
  page.on('request', (request) => request.method() === 'POST' && request.url().endsWith(path) && bodies.push(request.postDataJSON()))
  return bodies
}

let sts, browser, api, stop, builds
before(async () => {
  builds = await issuer()
  ;({ sts, browser, api, stop } = await start(() => ({})))
})
after(async () => {
  await stop()
  builds.stop()
})

test('a preset that is left empty trusts nothing: its questions are asked, at the button and when the issuer is created', async () => {
  const page = await signedIn(browser, sts)
  const sent = posted(page, ISSUERS)
  await visit(page, '#/issuers/new')
  await page.getByLabel('Preset').selectOption('entra')
  const question = page.locator('[data-field="preset.tenant"]')
  await page.getByRole('button', { name: 'Fill in the form' }).click()
  await question.getByText('Fill in “Tenant id”.').waitFor()
  assert.equal(await page.getByLabel('Issuer required').inputValue(), '')
  assert.equal(await page.getByText('The form is filled in.').count(), 0)
  await page.getByLabel('Application id URI or client id').fill('api://mine')
  await page.getByRole('button', { name: 'Create the issuer' }).click()
  await page.getByRole('alert').getByRole('button', { name: 'Tenant id' }).waitFor()
  assert.equal(await page.getByRole('alert').getByRole('button').count(), 1)
  assert.deepEqual(await flaws(page, 'preset-asks'), [])
  // With an answer, whoever creates the issuer at once sees first what it trusts.
  const tenant = '99999999-8888-7777-6666-555555555555'
  await page.getByLabel('Tenant id').fill(tenant)
  await page.getByRole('button', { name: 'Create the issuer' }).click()
  await page.getByText('The form is filled in. Check it before you create the issuer.').waitFor()
  assert.equal(await page.getByLabel('Value', { exact: true }).inputValue(), tenant)
  assert.equal(await page.getByLabel('Alias').inputValue(), 'api://mine')
  assert.equal(sent.length, 0)
  await page.getByRole('button', { name: 'Create the issuer' }).click()
  await page.getByRole('heading', { level: 1, name: 'Microsoft Entra ID' }).waitFor()
  assert.deepEqual(sent[0].conditions, [{ claim: 'tid', equals: tenant }])
  // Nothing of the examples is in it.
  assert.doesNotMatch(JSON.stringify(sent), /11111111-2222|api:\/\/exchequer/)
  await close(page)
})

test('a condition on a text that begins with a digit has no quotes, and one on digits keeps them', async () => {
  const conditions = [{ claim: 'a', equals: '9-lives' }, { claim: 'b', equals: '4711' }, { claim: 'c', equals: 4711 }, { claim: 'd', equals: 'true' }]
  const { id } = await api('POST', ISSUERS, { name: 'Digits', issuer: 'https://digits.example', certificate: { discovery: true }, conditions })
  const page = await signedIn(browser, sts)
  await visit(page, `#/issuers/${id}`)
  await page.getByLabel('Value', { exact: true }).first().waitFor()
  const shown = await page.getByLabel('Value', { exact: true }).evaluateAll((fields) => fields.map(({ value }) => value))
  assert.deepEqual(shown, ['9-lives', '"4711"', '4711', '"true"'])
  await page.getByLabel('Description').fill('saved as they were')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  assert.deepEqual((await api('GET', `${ISSUERS}/${id}`)).conditions, conditions)
  await close(page)
})

test('a condition lost the spaces around one of its values when another condition was changed', async () => {
  const conditions = [{ claim: 'a', oneOf: [' led', 'plain', 'trailed '] }, { claim: 'b', equals: ' spaced ' }, { claim: 'c', equals: 'x' }]
  const { id } = await api('POST', ISSUERS, { name: 'Spaces', issuer: 'https://spaces.example', certificate: { discovery: true }, conditions })
  const page = await signedIn(browser, sts)
  await visit(page, `#/issuers/${id}`)
  assert.equal(await page.getByLabel('Values', { exact: true }).inputValue(), '" led", plain, "trailed "')
  await page.getByLabel('Value', { exact: true }).last().fill('y')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  assert.deepEqual((await api('GET', `${ISSUERS}/${id}`)).conditions, [...conditions.slice(0, 2), { claim: 'c', equals: 'y' }])
  await close(page)
})

test('what is missing is said before anything is sent, in the words of the form', async () => {
  const page = await signedIn(browser, sts)
  const sent = posted(page, ISSUERS)
  await visit(page, '#/issuers/new')
  await page.getByRole('button', { name: 'Create the issuer' }).click()
  for (const [field, text] of [['name', 'Enter a name.'], ['issuer', 'Enter the issuer.'], ['certificate.jwksUri', 'Enter the JWKS URL.']]) {
    await page.locator(`[data-field="${field}"] > .wrong`).getByText(text).waitFor()
  }
  assert.equal(sent.length, 0)
  // Each complaint goes with the mending of its field, and the summary with the last.
  await page.getByLabel('Name required').fill('Mended')
  await page.locator('[data-field="name"] > .wrong').waitFor({ state: 'detached' })
  assert.equal(await page.getByLabel('Name required').getAttribute('aria-invalid'), null)
  assert.equal(await page.locator('[data-field="issuer"] > .wrong').count(), 1)
  await page.getByRole('alert').getByRole('button').nth(2).waitFor({ state: 'detached' })
  assert.equal(await page.getByRole('alert').getByRole('button').count(), 2)
  await page.getByLabel('Issuer required').fill('https://mended.example')
  await page.getByRole('radio', { name: /Discovery/ }).check()
  await page.getByRole('alert').waitFor({ state: 'detached' })
  assert.equal(await page.locator('.wrong').count(), 0)
  await close(page)
})

test('the template that is preselected is the one that is applied', async () => {
  const page = await signedIn(browser, sts)
  await visit(page, '#/applications/new')
  assert.ok(await page.getByRole('radio', { name: /Web application/ }).isChecked())
  assert.ok(await page.getByLabel('Use the linked local account').isChecked())
  assert.ok(await page.getByLabel('Refresh token', { exact: true }).isChecked())
  await page.getByText('There is no template for a single-page application').waitFor()
  await page.getByLabel('Name required').fill('From the web template')
  await page.getByRole('button', { name: 'Create the application' }).click()
  await page.getByRole('button', { name: 'I have saved the secret' }).click()
  await page.getByRole('heading', { level: 1, name: 'From the web template' }).waitFor()
  const kept = await api('GET', `${APPLICATIONS}/${page.url().split('/').at(-1)}`)
  assert.deepEqual([kept.type, kept.subject.useMappedLocalSubject, kept.grantTypes], ['web', true, [EXCHANGE, 'refresh_token']])
  // Its type and its client id are still to be seen.
  await page.locator('.heading .badge').getByText('web').waitFor()
  await page.getByRole('button', { name: 'Copy: Client id' }).first().waitFor()
  await close(page)
})

test('an application without an allowed issuer is warned of in the form', async () => {
  await api('POST', ISSUERS, { name: 'To be ticked', issuer: 'https://ticked.example', certificate: { jwks: builds.jwks } })
  const page = await signedIn(browser, sts)
  await visit(page, '#/applications/new')
  const warning = page.getByText('Without one, every exchange of this application is refused.')
  await warning.waitFor()
  assert.deepEqual(await flaws(page, 'application-no-issuer'), [])
  await page.getByLabel('To be ticked').check()
  await warning.waitFor({ state: 'detached' })
  await close(page)
})

test('implicit linking is warned of: the attribute has to be verified, and an application has to use linked accounts', async () => {
  const { id } = await api('POST', ISSUERS, { name: 'Links', issuer: 'https://links.example', certificate: { jwks: builds.jwks } })
  const page = await signedIn(browser, sts)
  const verified = page.getByText('Accounts are linked only if the token says')
  const effect = page.getByText('No application uses linked accounts of this issuer yet')
  await visit(page, `#/issuers/${id}`)
  await page.getByLabel('Link local accounts automatically').check()
  await verified.getByText('"email_verified": true').waitFor()
  await effect.waitFor()
  assert.deepEqual(await flaws(page, 'issuer-linking'), [])
  await page.getByLabel('Primary lookup attribute').selectOption('username')
  await verified.waitFor({ state: 'detached' })
  await api('POST', APPLICATIONS, { name: 'Uses links', clientId: 'uses-links', type: 'mobile', grantTypes: [EXCHANGE], trustedTokenIssuers: ['Links'], subject: { useMappedLocalSubject: true } })
  await visit(page, '#/issuers')
  await visit(page, `#/issuers/${id}`)
  await page.getByLabel('Link local accounts automatically').check()
  await verified.waitFor()
  await page.getByRole('region', { name: /^Quick start for/ }).waitFor()
  assert.equal(await effect.count(), 0)
  await close(page)
})

test('an expired certificate is told of: in the form, in the list and on the health page', async () => {
  const { id } = await api('POST', ISSUERS, { name: 'Ended', issuer: 'https://ended.example', certificate: { certificates: [pem('expired.pem')] } })
  await api('POST', ISSUERS, { name: 'Lasting', issuer: 'https://lasting.example', certificate: { certificates: [pem('expired.pem'), pem('p256.pem')] } })
  const page = await signedIn(browser, sts)
  const row = (name) => page.getByRole('listitem').filter({ hasText: `${name}https://` })
  await row('Ended').getByText('certificate expired').waitFor()
  await row('Lasting').getByText('keys entered by hand').waitFor()
  await visit(page, '#/health')
  await row('Ended').getByText('certificate expired').waitFor()
  await row('Ended').getByText('expired.example').waitFor()
  await row('Ended').getByText('Tokens signed with its key are refused.').waitFor()
  // What needs attention comes first.
  assert.equal(await page.getByRole('region', { name: 'Keys of the issuers' }).locator('.name').first().innerText(), 'Ended')
  assert.deepEqual(await flaws(page, 'health-expired'), [])
  await visit(page, `#/issuers/${id}`)
  await page.locator('.about-certificate').getByText('expired.example').waitFor()
  await page.locator('.about-certificate').getByText('Tokens signed with its key are refused.').waitFor()
  assert.deepEqual(await flaws(page, 'issuer-expired'), [])
  await close(page)
})

test('a certificate that expires within thirty days is told of', async () => {
  await api('POST', ISSUERS, { name: 'Ending', issuer: 'https://ending.example', certificate: { certificates: [pem('p256.pem')] } })
  const page = await signedIn(browser, sts)
  const row = page.getByRole('listitem').filter({ hasText: 'Endinghttps://' })
  await row.getByText('keys entered by hand').waitFor()
  await page.clock.setFixedTime(new Date('2043-12-15T00:00:00Z'))
  await page.reload()
  await page.getByLabel('Admin token').fill('an-admin-token-for-the-console-0123456789')
  await page.keyboard.press('Enter')
  await row.getByText('certificate expires soon').waitFor()
  await close(page)
})

test('keys are tested before the issuer has a name, each is counted once, and the answer goes when the keys are changed', async () => {
  const page = await signedIn(browser, sts)
  await visit(page, '#/issuers/new')
  await page.getByRole('radio', { name: /Certificates/ }).check()
  await page.getByLabel('Certificate files').setInputFiles([certificate('rsa.der'), certificate('rsa.pem')])
  await page.getByText('The same certificate is listed twice.').waitFor()
  await page.getByRole('button', { name: 'Test these keys' }).click()
  await page.getByText('One key would be used').waitFor()
  await page.getByText('PS512', { exact: true }).first().waitFor()
  // Six algorithms fit into the narrowest window.
  assert.deepEqual(await flaws(page, 'keys-tested'), [])
  await page.getByRole('radio', { name: /JWKS URL/ }).check()
  await page.getByText('One key would be used').waitFor({ state: 'detached' })
  await page.getByLabel('JWKS URL').last().fill(builds.jwksUri)
  await page.getByRole('button', { name: 'Test these keys' }).click()
  await page.getByText('build-1').waitFor()
  await page.getByLabel('JWKS URL').last().fill('https://elsewhere.example/jwks')
  await page.getByText('build-1').waitFor({ state: 'detached' })
  await close(page)
})

test('of several certificates of an application in base64 of DER, one text was made that is none', async () => {
  const base64 = (name) => pem(name).replaceAll(/-----[^-]*-----|\s/g, '')
  const wrapped = readFileSync(certificate('rsa.der')).toString('base64').replaceAll(/(.{64})/g, '$1\n')
  const page = await signedIn(browser, sts)
  const sent = []
  page.on('request', (request) => request.method() === 'PATCH' && sent.push(request.postDataJSON()))
  for (const [name, certificates] of Object.entries({
    der: [base64('p256.pem'), wrapped],
    mixed: [pem('p256.pem'), base64('ed25519.pem'), pem('chain.pem')],
  })) {
    const { id } = await api('POST', APPLICATIONS, { name: `By ${name}`, clientId: name, grantTypes: [EXCHANGE], mtls: { certificates } })
    const read = () => api('GET', `${APPLICATIONS}/${id}`)
    await visit(page, `#/applications/${id}`)
    const fields = page.getByRole('textbox', { name: /^Certificate/ })
    await fields.nth(certificates.length - 1).waitFor()
    assert.deepEqual(await Promise.all((await fields.all()).map((one) => one.inputValue())), certificates)
    const save = async () => {
      const before = await page.getByText('Saved.').count()
      assert.equal(before, 0)
      await page.getByRole('button', { name: 'Save', exact: true }).click()
      await page.getByText('Saved.').waitFor()
      await page.getByRole('button', { name: 'Dismiss' }).click()
    }
    await save()
    assert.deepEqual(sent, [], 'nothing was changed')
    // Another member of the same object is changed.
    await page.getByText('Bound tokens (DPoP, mutual TLS)').click()
    await page.getByLabel('Bind tokens to the client certificate').check()
    await save()
    assert.deepEqual((await read()).mtls, { certificates, required: true })
    assert.deepEqual(await flaws(page, `application-certificates-${name}`), [])
    // One goes, and another comes, as a file.
    await page.getByRole('button', { name: 'Remove certificate 1' }).click()
    await page.getByLabel('Certificate files').setInputFiles([certificate('p384.pem')])
    await fields.nth(certificates.length - 1).waitFor()
    await save()
    assert.deepEqual((await read()).mtls.certificates, [...certificates.slice(1), pem('p384.pem')])
    sent.length = 0
  }

  // Problems are shown at the certificate that has them.
  await page.getByRole('textbox', { name: 'Certificate 2' }).fill('no certificate')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.locator('[data-field="mtls.certificates[1]"] .wrong').waitFor()
  for (let left = 3; left > 1; left--) await page.getByRole('button', { name: 'Remove certificate 1' }).click()
  await page.getByRole('textbox', { name: 'Certificate', exact: true }).fill('')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.locator('[data-field="mtls.certificates[0]"]').getByText('Say which certificate it is.').waitFor()
  await close(page)
})

test('what was done is said: created, saved, deleted, and which applications lose a deleted issuer', async () => {
  const page = await signedIn(browser, sts)
  const said = (text) => page.getByRole('status', { name: 'Messages' }).getByText(text)
  await visit(page, '#/issuers/new')
  await page.getByLabel('Name required').fill('Short')
  await page.getByLabel('Issuer required').fill('https://short.example')
  await page.getByRole('radio', { name: /Discovery/ }).check()
  await page.getByRole('button', { name: 'Create the issuer' }).click()
  await said('The issuer Short is created.').waitFor()
  assert.deepEqual(await flaws(page, 'issuer-created'), [])
  await api('POST', APPLICATIONS, { name: 'Needs it', clientId: 'needs-it', type: 'mobile', grantTypes: [EXCHANGE], trustedTokenIssuers: ['Short'] })
  await page.getByLabel('Description').fill('soon gone')
  await page.getByRole('button', { name: 'Save' }).click()
  await said('Saved.').waitFor()
  assert.equal(await said('is created').count(), 0)
  await page.getByRole('button', { name: 'Dismiss' }).click()
  await said('Saved.').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByRole('dialog').getByText('One application can no longer exchange its tokens:').waitFor()
  await page.getByRole('dialog').getByRole('link', { name: 'Needs it' }).waitFor()
  assert.deepEqual(await flaws(page, 'issuer-delete'), [])
  await page.getByRole('button', { name: 'Delete the issuer' }).click()
  await said('The issuer Short is deleted.').waitFor()
  await close(page)
})

test('an issuer was said to be unused whose tokens authenticate an application', async () => {
  const { id } = await api('POST', ISSUERS, { name: 'Cluster', issuer: 'https://cluster.example', certificate: { jwks: builds.jwks } })
  await api('POST', ISSUERS, { name: 'cluster', issuer: 'https://other.example', certificate: { jwks: builds.jwks } })
  const client = (clientId, more) => api('POST', APPLICATIONS, { name: `${clientId} client`, clientId, type: 'machine', grantTypes: [EXCHANGE], ...more })
  await client('workload', { clientAssertion: { issuer: 'Cluster', subject: 'system:serviceaccount:a:b' } })
  await client('exchanger', { trustedTokenIssuers: ['Cluster'] })
  await client('stranger', { trustedTokenIssuers: ['cluster'] })
  const page = await signedIn(browser, sts)
  const dialog = page.getByRole('dialog', { name: 'Delete Cluster?' })
  const asked = async () => {
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await dialog.getByText('One application can no longer exchange its tokens:').waitFor()
    assert.deepEqual(await dialog.getByRole('link').allInnerTexts(), ['exchanger client', 'workload client'])
    assert.match(await dialog.innerText(), /One application can no longer authenticate, because it does so with its tokens:/)
  }
  await visit(page, `#/issuers/${id}`)
  // The quick start asks for the same list; its answer has to be there before the dialog's is counted.
  const quickStart = page.locator('#quickstart pre', { hasText: 'exchanger' }).first()
  await quickStart.waitFor()
  const lists = []
  page.on('request', (request) => /\/applications\?/.test(request.url()) && lists.push(new URL(request.url()).searchParams.get('filter')))
  await asked()
  assert.deepEqual(lists, ['trustedTokenIssuers eq "Cluster"'], 'one list, of those that use it')
  assert.deepEqual(await flaws(page, 'issuer-authenticates'), [])
  await dialog.getByRole('button', { name: 'Cancel' }).click()

  // Who only authenticates is not offered as one that exchanges its tokens.
  await visit(page, '#/server')
  await visit(page, `#/issuers/${id}`)
  await quickStart.waitFor()
  assert.equal(await page.getByText(/workload|stranger/).count(), 0)
  await close(page)
})

test('the parts of a long page are a list that leads to them, and the address keeps which', async () => {
  const { id } = await api('POST', ISSUERS, { name: 'Long', issuer: 'https://long.example', certificate: { jwks: builds.jwks } })
  const page = await signedIn(browser, sts)
  await visit(page, `#/issuers/${id}`)
  const parts = page.getByRole('navigation', { name: 'On this page' })
  assert.deepEqual(await parts.getByRole('link').allInnerTexts(), ['General', 'Keys', 'Conditions', 'Attributes', 'Advanced', 'Quick start'])
  await parts.getByRole('link', { name: 'Conditions' }).click()
  await page.waitForFunction(() => document.activeElement.closest('.section')?.id === 'conditions')
  await parts.locator('[aria-current]', { hasText: 'Conditions' }).waitFor()
  assert.match(page.url(), /part=conditions$/)
  const top = await page.locator('#conditions').evaluate((part) => part.getBoundingClientRect().top)
  assert.ok(top >= 0 && top < 200, `${top}`)
  await visit(page, '#/applications/new')
  assert.deepEqual(await parts.getByRole('link').allInnerTexts(), ['General', 'Protocol', 'User attributes', 'Advanced'])
  await close(page)
})

test('on My account, a token that is none is refused in words of the page', async () => {
  const page = await signedIn(browser, sts)
  await visit(page, '#/me')
  await page.getByLabel('Access token').fill('no.token.of-yours')
  await page.getByRole('button', { name: 'Show my linked accounts' }).click()
  await page.getByRole('alert').getByText('This is not a valid access token of this server about your account.').waitFor()
  await close(page)
})
