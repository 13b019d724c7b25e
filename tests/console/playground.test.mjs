/** "Try it out": a token refused, its cause found and mended from the page; in the page alone, and with the server. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { generateKey } from 'exchequer/node'
import { parse } from 'yaml'

import { Proxy } from '../envoy/support/proxy.mjs'
import { EXCHANGE, allowSlowKeys, becomes, close, flaws, open, signedIn, start, visit } from './support/console.mjs'
import { ISSUER, issuer } from './support/keys.mjs'

let sts, browser, api, stop, builds
before(async () => {
  builds = await issuer()
  ;({ sts, browser, api, stop } = await start(() => ({ roles: [{ name: 'reader', scopes: ['read:all'] }] })))
})
after(async () => {
  await stop()
  builds.stop()
})

const decide = (page) => page.getByRole('button', { name: 'Try it out' }).click()
const decision = (page) => page.getByRole('region', { name: 'Decision' })

test('a token is made and decided in the page, which asks nobody', async () => {
  const page = await open(browser, `${sts.url}/console/#/playground`)
  const asked = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  await decide(page)
  await decision(page).getByText('Granted').waitFor()
  await decision(page).getByText('subject_token.claim.aud').waitFor()
  const issued = await page.getByRole('region', { name: 'Issued token, decoded' }).innerText()
  assert.match(issued, /"sub": "repo:octo-org/)
  assert.match(issued, /"exq": \{/)
  assert.match(issued, /"jti": "\(not minted\)"/)
  assert.ok(asked.every((path) => path.startsWith('/console/assets/')), asked.join(' '))
  assert.deepEqual(await flaws(page, 'playground-granted'), [])

  // Somebody else's repository: the condition refuses, and the page points at it.
  const claims = page.getByLabel('Claims')
  await claims.fill((await claims.inputValue()).replace('"repository_owner_id": "123456"', '"repository_owner_id": "654321"'))
  await decide(page)
  await decision(page).getByText('Refused: invalid_request (400)').waitFor()
  await decision(page).getByText('subject_token.condition.not_met').first().waitFor()
  await decision(page).getByText('wanted: equals').waitFor()
  assert.deepEqual(await flaws(page, 'playground-refused'), [])
  await page.getByRole('button', { name: 'Change it: conditions in the configuration' }).click()
  const selected = () => page.getByLabel('Configuration document').evaluate((area) => area.value.slice(area.selectionStart, area.selectionEnd))
  assert.equal(await selected(), '"conditions"')
  const config = page.getByLabel('Configuration document')
  await config.fill((await config.inputValue()).replace('"equals": "123456"', '"equals": "654321"'))
  await decide(page)
  await decision(page).getByText('Granted').waitFor()
  await close(page)
})

test('every preset makes a token that is granted', async () => {
  const page = await open(browser, `${sts.url}/console/#/playground`)
  const select = page.getByLabel('Preset')
  await select.waitFor()
  const presets = await select.locator('option').evaluateAll((options) => options.map((option) => option.value).filter(Boolean))
  assert.equal(presets.length, 18)
  for (const preset of presets) {
    await select.selectOption(preset)
    await decide(page)
    await decision(page).getByText(/Granted|Refused/).first().waitFor()
    assert.equal(await decision(page).getByText('Granted').count(), 1, `${preset}: ${await decision(page).innerText()}`)
  }
  await close(page)
})

test('the Envoy snippet of every preset is one that the filter takes', async () => {
  const module = await WebAssembly.compile(readFileSync(fileURLToPath(import.meta.resolve('exchequer/envoy.wasm'))))
  const page = await open(browser, `${sts.url}/console/#/playground`)
  const given = { EXCHEQUER_KEY: JSON.stringify({ ...generateKey(), kid: 'k' }), SAMPLE_APP_SECRET: 'a-secret-for-the-sample-app-0123456789' }
  const select = page.getByLabel('Preset')
  await select.waitFor()
  const presets = await select.locator('option').evaluateAll((options) => options.map((option) => option.value).filter(Boolean))
  for (const preset of presets) {
    await select.selectOption(preset)
    if (preset === 'kubernetes') {
      // Whose keys are pasted there.
      const config = page.getByLabel('Configuration document')
      await config.fill((await config.inputValue()).replace('"keys": []', `"keys": ${JSON.stringify(builds.jwks.keys)}`))
    }
    await decide(page)
    await page.getByText('Envoy', { exact: true }).click()
    const snippet = parse(await page.getByRole('region', { name: 'Envoy snippet' }).innerText())
    const { vm_config: vm, configuration } = snippet.http_filters[0].typed_config.config
    assert.deepEqual(vm.environment_variables.host_env_keys, Object.keys(given))
    const text = configuration.value.replaceAll(/\{\s*"env": "(\w+)"\s*\}/g, (_, name) => (name === 'EXCHEQUER_KEY' ? given[name] : JSON.stringify(given[name])))
    const { clusters, gateway } = JSON.parse(text)
    assert.equal(Object.keys(clusters).length, preset === 'kubernetes' ? 0 : 1, preset)
    assert.equal(gateway.clientId, 'sample-app')
    // Throws what the filter says when it refuses its configuration.
    assert.ok(new Proxy(module, text, 1_795_000_000), preset)
  }
  await close(page)
})

test('what needs a store is left out of the Envoy snippet, and named', async () => {
  const page = await open(browser, `${sts.url}/console/#/playground`)
  const config = page.getByLabel('Configuration document')
  const document = JSON.parse(await config.inputValue())
  document.trustedTokenIssuers[0].replayProtection = 'jti'
  Object.assign(document.applications[0], { grantTypes: [EXCHANGE, 'refresh_token'], accessToken: { type: 'opaque' } })
  await config.fill(JSON.stringify(document))
  await decide(page)
  await page.getByText('Envoy', { exact: true }).click()
  const snippet = await page.getByRole('region', { name: 'Envoy snippet' }).innerText()
  assert.match(snippet, /lacks replayProtection, refresh_token, opaque tokens\./)
  assert.ok(!/"jti"|"opaque"|"refresh_token"/.test(snippet), snippet)
  await close(page)
})

test('a token is signed with whatever the issuer may use, and with what it may not', async () => {
  const page = await open(browser, `${sts.url}/console/#/playground`)
  await page.getByLabel('Preset').selectOption('keycloak')
  await page.getByLabel('Claims').fill(JSON.stringify({ iss: 'https://sso.example.com/realms/staff', sub: 'ada', aud: 'https://sts.example.com' }))
  const select = page.getByLabel('Signed with')
  const algorithms = await select.locator('option').evaluateAll((options) => options.map((option) => option.value).filter(Boolean))
  assert.deepEqual(algorithms, ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'])
  for (const alg of algorithms) {
    await select.selectOption(alg)
    await decide(page)
    await decision(page).getByText(`"alg": "${alg}"`).waitFor()
    assert.equal(await decision(page).getByText('Granted').count(), 1, `${alg}: ${await decision(page).innerText()}`)
    await decision(page).getByText(`made by the key playground-${alg}`).waitFor()
  }
  await page.getByLabel('Preset').selectOption('github')
  assert.match(await select.innerText(), /as the issuer would \(RS256\)/)
  await select.selectOption('ES256')
  await decide(page)
  await decision(page).getByText('subject_token.algorithm').first().waitFor()
  await decision(page).getByText('Refused: invalid_request').waitFor()
  await close(page)
})

test('what cannot be tried is said at its field', async () => {
  const page = await open(browser, `${sts.url}/console/#/playground`)
  const wrong = (field) => page.locator(`[data-field="${field}"] .wrong`)
  await page.getByLabel('Claims').fill('{"sub": }')
  await decide(page)
  await wrong('claims').getByText('This is not JSON: Unexpected token').waitFor()
  await page.getByText('Paste one').click()
  await decide(page)
  await wrong('token').getByText('The token is missing').waitFor()
  await page.getByLabel('Token', { exact: true }).fill(await builds.sign({ sub: 'job-1' }))
  await page.getByLabel('Key set of GitHub Actions').fill('keys')
  await decide(page)
  await wrong('keys.GitHub Actions').waitFor()
  await becomes(page, () => document.activeElement.closest('[data-field]')?.dataset.field, 'keys.GitHub Actions')
  await page.getByLabel('Configuration document').fill('[]')
  await decide(page)
  await wrong('config').getByText('This is not a JSON object.').waitFor()
  assert.deepEqual(await flaws(page, 'playground-wrong'), [])
  await page.getByRole('button', { name: 'Configuration document' }).click()
  await becomes(page, () => document.activeElement.closest('[data-field]')?.dataset.field, 'config')
  await close(page)
})

test('a pasted token needs pasted keys, and a broken configuration is told at its path', async () => {
  const page = await open(browser, `${sts.url}/console/#/playground`)
  const config = page.getByLabel('Configuration document')
  await config.fill(JSON.stringify({
    issuer: 'https://sts.example.com',
    trustedTokenIssuers: [{ name: 'Builds', issuer: ISSUER, certificate: { jwksUri: 'https://builds.example.com/jwks' } }],
    applications: [{ clientId: 'bot', type: 'mobile', grantTypes: [EXCHANGE], trustedTokenIssuers: ['Builds'], scope: [] }],
  }))
  await page.getByText('Paste one').click()
  await page.getByLabel('Token', { exact: true }).fill(await builds.sign({ sub: 'job-1', aud: 'https://sts.example.com' }))
  await decide(page)
  await page.locator('[data-field="config"] .wrong').getByText('applications[0].scope', { exact: true }).waitFor()
  assert.equal(await config.getAttribute('aria-invalid'), 'true')
  await config.fill((await config.inputValue()).replace('"scope":[]', '"scopes":[]'))
  await decide(page)
  await page.getByText('This page cannot fetch keys. Paste the issuer’s key set').waitFor()
  await page.getByLabel('Key set of Builds').fill(JSON.stringify(builds.jwks))
  await decide(page)
  await decision(page).getByText('Granted').waitFor()
  for (const [kind, expected] of [['curl', /--data-urlencode 'client_id=bot'/], ['JavaScript', /new URLSearchParams/], ['Envoy', /envoy\.wasm\.runtime\.v8/]]) {
    await page.getByText(kind, { exact: true }).click()
    assert.match(await page.getByRole('region', { name: `${kind} snippet` }).innerText(), expected)
  }
  await close(page)
})

test('on the server: a refused token, its cause, and the way to mend it', async () => {
  const { id } = await api('POST', 'api/server/v1/trusted-token-issuers', { name: 'Builds', issuer: ISSUER, certificate: { jwksUri: builds.jwksUri }, readTimeoutMs: 10_000 })
  const made = await api('POST', 'api/server/v1/applications', { name: 'Bot', clientId: 'bot', grantTypes: ['refresh_token'], trustedTokenIssuers: ['Builds'], scopes: ['read'] })
  const page = await signedIn(browser, sts)
  await visit(page, '#/playground?client=bot')
  await page.getByLabel('Token', { exact: true }).fill(await builds.sign({ sub: 'job-1', aud: 'https://other.example' }))
  await decide(page)
  // The grant is not allowed: allowed in the application, which the page leads to.
  await decision(page).getByText('Refused: unauthorized_client').waitFor()
  await page.getByRole('link', { name: 'Change it: Bot' }).click()
  await page.getByLabel('Token exchange').check()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  await page.getByRole('link', { name: 'Back to the playground' }).click()
  await decide(page)
  // The audience is another: the alias says it is ours.
  await decision(page).getByText('subject_token.claim.aud.no_alias').first().waitFor()
  await page.getByRole('link', { name: 'Change it: Builds' }).click()
  await page.waitForFunction(() => document.activeElement.closest('[data-field]')?.dataset.field === 'alias')
  // The audience that the token has is offered, and not taken by itself.
  assert.equal(await page.getByLabel('Alias').inputValue(), '')
  await page.getByText('The token that you tried has the audience https://other.example').waitFor()
  await page.getByRole('button', { name: 'Use it as alias' }).click()
  assert.equal(await page.getByLabel('Alias').inputValue(), 'https://other.example')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  assert.deepEqual(await flaws(page, 'issuer-marked'), [])
  await page.getByRole('link', { name: 'Back to the playground' }).click()
  await decide(page)
  await decision(page).getByText('Granted').waitFor()
  assert.deepEqual(await flaws(page, 'playground-server'), [])

  // As the playground said, so it is.
  const command = await page.getByRole('region', { name: 'curl snippet' }).innerText()
  assert.match(command, /--user 'bot':"\$CLIENT_SECRET"/)
  const env = { ...process.env, CLIENT_SECRET: made.clientSecret, TOKEN: await page.getByLabel('Token', { exact: true }).inputValue() }
  const { stdout } = await promisify(execFile)('bash', ['-c', `${command.replace('curl', 'curl -s')}`], { env })
  assert.equal(JSON.parse(stdout).token_type, 'Bearer', stdout)
  await page.getByText('JavaScript', { exact: true }).click()
  const code = await page.getByRole('region', { name: 'JavaScript snippet' }).innerText()
  const said = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', `${code}\nconsole.log(access_token, expires_in)`], { env })
  assert.match(said.stdout, /^eyJ\S+ \d+\n$/)

  // The Envoy snippet has what the application needs, and nothing else of the server's.
  await page.getByText('Envoy', { exact: true }).click()
  const snippet = await page.getByRole('region', { name: 'Envoy snippet' }).innerText()
  assert.match(snippet, /"clientId": "bot"/)
  assert.ok(snippet.includes(builds.jwksUri) && !snippet.includes('"users"'), snippet)

  // The same objects, as a configuration for the page.
  const user = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], emails: [{ value: 'h@example.com', type: 'home' }, { value: 'u@example.com', type: 'work' }], phoneNumbers: [{ value: '1' }, { value: 'tel:+44', type: 'mobile' }], roles: [{ value: 'reader' }] }
  for (let number = 0; number < 101; number++) await api('POST', 'scim2/Users', { ...user, userName: `user-${number}` })
  await page.getByText('a sample configuration in the browser').click()
  await page.getByRole('button', { name: 'Load this server’s configuration' }).click()
  await page.getByText('Make one').click()
  const claims = page.getByLabel('Claims')
  await page.waitForFunction((issuer) => document.querySelector('#configuration textarea').value.includes(issuer), ISSUER)
  assert.match(await claims.inputValue(), /builds\.example\.com/)
  const taken = JSON.parse(await page.getByLabel('Configuration document').inputValue())
  assert.deepEqual(taken.roles, [{ name: 'reader', scopes: ['read:all'] }])
  assert.equal(taken.users.length, 100)
  assert.deepEqual([taken.users[0].roles, taken.users[0].claims], [['reader'], { email: 'u@example.com', phone_number: '+44' }])
  await page.getByText('The copy lacks 1 of 101 users.').waitFor()
  assert.deepEqual(await flaws(page, 'playground-taken'), [])
  await decide(page)
  await decision(page).getByText('Granted').waitFor()
  assert.ok(id)
  await close(page)
})

test('on the server: an issuer that nobody trusts yet is registered from its token', async () => {
  await api('POST', 'api/server/v1/applications', { name: 'Newcomer', clientId: 'newcomer', type: 'mobile', grantTypes: [EXCHANGE] })
  const page = await signedIn(browser, sts)
  await visit(page, '#/playground?client=newcomer')
  await page.getByLabel('Token', { exact: true }).fill(await builds.sign({ sub: 'a', aud: sts.url }, builds.origin))
  await decide(page)
  await page.getByRole('link', { name: 'Change it: a new issuer' }).click()
  assert.equal(await page.getByLabel('Issuer required').inputValue(), builds.origin)
  await page.getByLabel('Name required').fill('From its token')
  await page.getByRole('radio', { name: /Discovery/ }).check()
  await allowSlowKeys(page)
  await page.getByRole('button', { name: 'Create the issuer' }).click()
  await page.getByRole('heading', { level: 1, name: 'From its token' }).waitFor()
  await visit(page, '#/playground')
  await decide(page)
  // Next it is the application that has to allow it.
  await decision(page).getByText('Refused: invalid_request').waitFor()
  await page.getByRole('link', { name: 'Change it: Newcomer' }).click()
  await page.getByLabel('From its token').check()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  await page.getByRole('link', { name: 'Back to the playground' }).click()
  await decide(page)
  await decision(page).getByText('Granted').waitFor()
  await close(page)
})

test('on the server: an issued token of another application, and the way to allow it', async () => {
  const asked = { type: 'mobile', grantTypes: [EXCHANGE], trustedTokenIssuers: ['Passed on'] }
  await api('POST', 'api/server/v1/trusted-token-issuers', { name: 'Passed on', issuer: 'https://passed-on.example', certificate: { jwks: builds.jwks } })
  await api('POST', 'api/server/v1/applications', { name: 'First', clientId: 'first', ...asked, audiences: ['urn:second'] })
  await api('POST', 'api/server/v1/applications', { name: 'Second', clientId: 'second', ...asked, type: 'web' })
  const form = { grant_type: EXCHANGE, client_id: 'first', subject_token_type: 'urn:ietf:params:oauth:token-type:jwt', subject_token: await builds.sign({ sub: 'a', aud: sts.url }, 'https://passed-on.example') }
  const { access_token } = await (await fetch(`${sts.url}/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) })).json()
  const page = await signedIn(browser, sts)
  await visit(page, '#/playground?client=second')
  await page.getByLabel('Token', { exact: true }).fill(access_token)
  await page.getByLabel('Type of the subject token').selectOption('access_token')
  await decide(page)
  await decision(page).getByText('subject_token.own.other_application').first().waitFor()
  assert.deepEqual(await flaws(page, 'playground-issued'), [])
  await page.getByRole('link', { name: 'Change it: Second' }).click()
  await page.locator('[data-field="resources"].marked').waitFor()
  await page.getByLabel('Resources').fill('urn:second')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  await page.getByRole('link', { name: 'Back to the playground' }).click()
  await decide(page)
  await decision(page).getByText('Granted').waitFor()
  await close(page)
})

test('whoever is signed in begins on the server, and finds the place that they chose', async () => {
  const page = await signedIn(browser, sts)
  const server = page.getByRole('radio', { name: /this server/ })
  await visit(page, '#/playground')
  await server.waitFor()
  assert.ok(await server.isChecked())
  // No sample that has the name of something real.
  assert.ok(!(await page.getByLabel('Application').innerText()).includes('Sample'))
  await page.getByRole('radio', { name: /a sample configuration in the browser/ }).check()
  await page.getByText('Sample application (sample-app)').waitFor({ state: 'attached' })
  await visit(page, '#/health')
  await visit(page, '#/playground')
  assert.equal(await server.isChecked(), false)
  await server.check()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByLabel('Configuration document').waitFor()
  await close(page)
})

test('the trial of an issuer is with an application that allows it, and says when there is none', async () => {
  const { id } = await api('POST', 'api/server/v1/trusted-token-issuers', { name: 'Tried alone', issuer: 'https://alone.example', certificate: { jwks: builds.jwks } })
  // First in the list, and not the one to take.
  await api('POST', 'api/server/v1/applications', { name: 'AAA', clientId: 'aaa', type: 'mobile', grantTypes: [EXCHANGE] })
  const page = await signedIn(browser, sts)
  const tryIt = async () => {
    await visit(page, `#/issuers/${id}`)
    await page.getByRole('heading', { level: 1, name: 'Tried alone' }).waitFor()
    await page.locator('.heading').getByRole('link', { name: 'Try it out' }).click()
    await page.getByRole('heading', { level: 1, name: 'Playground' }).waitFor()
  }
  await tryIt()
  await page.getByText('No application may use this issuer yet').waitFor()
  await page.getByText('Tokens of Tried alone are refused until an application allows the issuer.').waitFor()
  // Nor is the sample's application proposed.
  assert.equal(await page.getByLabel('Client id').inputValue(), '')
  assert.deepEqual(await flaws(page, 'playground-no-application'), [])
  await page.getByRole('link', { name: 'Create an application for it' }).click()
  assert.ok(await page.getByRole('checkbox', { name: 'Tried alone' }).isChecked())

  await api('POST', 'api/server/v1/applications', { name: 'Brings them', clientId: 'brings-them', type: 'mobile', grantTypes: [EXCHANGE], trustedTokenIssuers: ['Tried alone'] })
  await tryIt()
  await page.getByText('Applications that may exchange tokens of').waitFor()
  assert.deepEqual(await page.getByLabel('Application', { exact: true }).locator('option').allInnerTexts(), ['Brings them (brings-them)'])
  await page.getByLabel('Token', { exact: true }).fill(await builds.sign({ sub: 'a', aud: sts.url }, 'https://alone.example'))
  await decide(page)
  await decision(page).getByText('Granted').waitFor()
  await close(page)
})

test('a remedy on the server is in the words of the console, in the page in those of the document', async () => {
  await api('POST', 'api/server/v1/trusted-token-issuers', { name: 'Not allowed yet', issuer: 'https://not-allowed.example', certificate: { jwks: builds.jwks } })
  await api('POST', 'api/server/v1/applications', { name: 'Allows none', clientId: 'allows-none', type: 'mobile', grantTypes: [EXCHANGE] })
  const page = await signedIn(browser, sts)
  await visit(page, '#/playground?client=allows-none')
  await page.getByLabel('Token', { exact: true }).fill(await builds.sign({ sub: 'a', aud: sts.url }, 'https://not-allowed.example'))
  await decide(page)
  await decision(page).getByText('Tick the issuer under “Allowed issuers” of the application.').waitFor()
  await page.getByRole('radio', { name: /a sample configuration in the browser/ }).check()
  await page.getByText('Make one').click()
  const config = page.getByLabel('Configuration document')
  await config.fill((await config.inputValue()).replace('"GitHub Actions"\n      ]', ']'))
  await decide(page)
  await decision(page).getByText('Add the issuer’s name').or(decision(page).getByText(/Add the issuer's name to the application's/)).first().waitFor()
  await close(page)
})

test('it works from any web server, as static files', async (context) => {
  const root = fileURLToPath(new URL('console/', import.meta.resolve('exchequer/package.json').replace('package.json', 'dist/')))
  const types = { html: 'text/html', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' }
  const server = createServer((request, response) => {
    const path = new URL(request.url, 'http://files').pathname.replace('/some/where/', '') || 'index.html'
    try {
      const body = readFileSync(root + path)
      response.setHeader('content-type', types[path.split('.').at(-1)] ?? 'application/octet-stream').end(body)
    } catch {
      response.writeHead(404).end()
    }
  }).listen(0, '127.0.0.1')
  context.after(() => (server.close(), server.closeAllConnections()))
  await once(server, 'listening')
  const page = await open(browser, `http://127.0.0.1:${server.address().port}/some/where/#/playground`)
  await decide(page)
  await decision(page).getByText('Granted').waitFor()
  await close(page)
})
