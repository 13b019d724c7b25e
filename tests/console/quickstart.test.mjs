/** From an issuer to a first token: the guided way, the quick starts as they are run, and the page about the server. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'

import { parse } from 'yaml'

import { EXCHANGE, close, flaws, open, signedIn, start, visit } from './support/console.mjs'
import { issuer } from './support/keys.mjs'

const ISSUERS = 'api/server/v1/trusted-token-issuers'
const APPLICATIONS = 'api/server/v1/applications'

let sts, browser, api, stop, builds
before(async () => {
  builds = await issuer()
  ;({ sts, browser, api, stop } = await start(() => ({})))
})
after(async () => {
  await stop()
  builds.stop()
})

const recipe = (page) => page.getByRole('region', { name: /^Quick start for/ })
const bash = (script, env) => promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { env: { ...process.env, ...env } })

test('a new issuer leads to an application for it, and that to a trial', async () => {
  const page = await signedIn(browser, sts)
  await visit(page, '#/issuers/new')
  await page.getByLabel('Name required').fill('Guided')
  await page.getByLabel('Issuer required').fill('https://guided.example')
  await page.getByRole('radio', { name: /Key set/ }).check()
  await page.getByLabel('Key set (JWKS)').fill(JSON.stringify(builds.jwks))
  await page.getByRole('button', { name: 'Create the issuer' }).click()
  const way = page.getByRole('list', { name: 'The way to the first token' })
  await way.getByText('No application may use this issuer yet.').waitFor()
  await page.getByText('No application may use this issuer yet. Create an application for it').waitFor()
  assert.deepEqual(await flaws(page, 'way-issuer'), [])
  await way.getByRole('link', { name: 'Create an application for it' }).click()
  assert.ok(await page.getByRole('checkbox', { name: 'Guided' }).isChecked())
  await page.getByRole('radio', { name: /Mobile/ }).check()
  await page.getByLabel('Name required').fill('Guided app')
  await page.getByRole('button', { name: 'Create the application' }).click()
  await way.getByText('It may exchange tokens of Guided.').waitFor()
  assert.deepEqual(await flaws(page, 'way-application'), [])
  await way.getByRole('link', { name: 'Try it out' }).click()
  await page.getByLabel('Token', { exact: true }).fill(await builds.sign({ sub: 'a', aud: sts.url }, 'https://guided.example'))
  await page.getByRole('button', { name: 'Try it out' }).click()
  await page.getByRole('region', { name: 'Decision' }).getByText(/Granted|account/).first().waitFor()
  await close(page)
})

test('the workflow for GitHub Actions gets a token of this server', async (context) => {
  const issuerUrl = 'https://token.actions.githubusercontent.com'
  const { id } = await api('POST', ISSUERS, { name: 'GitHub Actions', issuer: issuerUrl, certificate: { jwks: builds.jwks } })
  const { clientSecret } = await api('POST', APPLICATIONS, { name: "The team's bot", clientId: 'team-bot', type: 'machine', grantTypes: [EXCHANGE], trustedTokenIssuers: ['GitHub Actions'], audiences: ['https://api.example.com'], scopes: ['deploy:read', 'deploy:write'] })
  const page = await signedIn(browser, sts)
  await visit(page, `#/issuers/${id}`)
  await page.getByRole('radio', { name: 'GitHub Actions', checked: true }).waitFor()
  const text = await recipe(page).innerText()
  assert.deepEqual(await flaws(page, 'quickstart-github'), [])
  await close(page)

  const workflow = parse(text)
  assert.equal(workflow.permissions['id-token'], 'write')
  const [step] = workflow.jobs.exchange.steps
  assert.deepEqual(step.env, { CLIENT_SECRET: '${{ secrets.CLIENT_SECRET }}' })
  // What a runner offers to its jobs.
  const asked = []
  const runner = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://runner')
    asked.push([request.headers.authorization, url.searchParams.get('audience')])
    response.end(JSON.stringify({ value: await builds.sign({ sub: 'repo:a/b', aud: url.searchParams.get('audience') }, issuerUrl) }))
  }).listen(0, '127.0.0.1')
  context.after(() => runner.close())
  await once(runner, 'listening')
  const file = join(mkdtempSync(join(tmpdir(), 'workflow-')), 'env')
  const { stdout } = await bash(step.run, {
    CLIENT_SECRET: clientSecret,
    GITHUB_ENV: file,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'of-the-runner',
    ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${runner.address().port}/?api-version=2`,
  })
  assert.deepEqual(asked, [['bearer of-the-runner', sts.url]])
  const [, token] = /^ACCESS_TOKEN=(eyJ\S+)\n$/.exec(readFileSync(file, 'utf8'))
  assert.equal(stdout, `::add-mask::${token}\n`)
  const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'))
  assert.deepEqual([claims.aud, claims.client_id, claims.scope], ['https://api.example.com', 'team-bot', 'deploy:read deploy:write'])
})

test('the quick starts of other systems have the values of this server, and their scripts run', async () => {
  const { id } = await api('POST', ISSUERS, { name: 'Cluster', issuer: 'https://kubernetes.default.svc.cluster.local', certificate: { jwks: builds.jwks }, conditions: [{ claim: 'sub', equals: 'system:serviceaccount:payments:worker' }] })
  const { clientSecret } = await api('POST', APPLICATIONS, { name: 'Worker', clientId: 'worker-app', type: 'machine', grantTypes: [EXCHANGE], trustedTokenIssuers: ['Cluster'] })
  const token = () => builds.sign({ sub: 'system:serviceaccount:payments:worker', aud: sts.url }, 'https://kubernetes.default.svc.cluster.local')
  const page = await signedIn(browser, sts)
  await visit(page, `#/issuers/${id}`)
  await page.getByRole('radio', { name: 'Kubernetes', checked: true }).waitFor()
  const pod = parse(await recipe(page).innerText())
  assert.deepEqual([pod.metadata.namespace, pod.spec.serviceAccountName], ['payments', 'worker'])
  assert.deepEqual(pod.spec.volumes[0].projected.sources[0].serviceAccountToken, { path: 'token', audience: sts.url, expirationSeconds: 600 })
  const [container] = pod.spec.containers
  assert.deepEqual(container.env[0].valueFrom.secretKeyRef, { name: 'worker-app', key: 'client-secret' })
  const script = container.args[0].replace(/^apk .*$/m, '').replace('$(cat /var/run/secrets/exchequer/token)', '$SUBJECT')
  const run = async (script) => (await bash(`${script}\necho "$ACCESS_TOKEN"`, { CLIENT_SECRET: clientSecret, SUBJECT: await token(), TOKEN: await token() })).stdout
  assert.match(await run(script), /^eyJ/)
  assert.deepEqual(await flaws(page, 'quickstart-kubernetes'), [])

  await page.getByText('GitLab CI', { exact: true }).click()
  const { exchange } = parse(await recipe(page).innerText())
  assert.equal(exchange.id_tokens.TOKEN.aud, sts.url)
  assert.match(await run(exchange.script[1]), /^eyJ/)
  await page.getByText('CircleCI', { exact: true }).click()
  const circle = parse(await recipe(page).innerText()).jobs.exchange.steps[0].run.command
  assert.ok(circle.includes(`circleci run oidc get --claims '{"aud": "${sts.url}"}'`), circle)
  assert.match(await run(circle.replace(/^TOKEN=.*$/m, '')), /^eyJ/)
  await page.getByText('Buildkite', { exact: true }).click()
  const { command } = parse(await recipe(page).innerText()).steps[0]
  assert.ok(command.includes(`--audience '${sts.url}'`), command)
  assert.match(await run(command.replaceAll('$$', '$').replace(/^TOKEN=.*$/m, '')), /^eyJ/)
  await page.getByText('curl', { exact: true }).click()
  assert.match(await run(`ACCESS_TOKEN=$(${(await recipe(page).innerText()).replace('curl', 'curl --silent')} | jq -r .access_token)`), /^eyJ/)
  // A refusal fails the job, and says why.
  await assert.rejects(bash(exchange.script[1], { CLIENT_SECRET: 'wrong', TOKEN: 'a' }), ({ stdout, stderr }) => /401|invalid_client/.test(stdout + stderr))
  await close(page)
})

test('the quick start of an application is for one of its issuers, and public clients send no secret', async () => {
  await api('POST', ISSUERS, { name: 'First', issuer: 'https://gitlab.example.com', certificate: { jwks: builds.jwks } })
  await api('POST', ISSUERS, { name: 'Second', issuer: 'https://second.example', certificate: { jwks: builds.jwks } })
  const { id } = await api('POST', APPLICATIONS, { name: 'Both', clientId: 'both', type: 'mobile', grantTypes: [EXCHANGE], trustedTokenIssuers: ['First', 'Second'] })
  const page = await signedIn(browser, sts)
  await visit(page, `#/applications/${id}`)
  await page.getByRole('radio', { name: 'GitLab CI', checked: true }).waitFor()
  assert.doesNotMatch(await recipe(page).innerText(), /CLIENT_SECRET/)
  assert.match(await recipe(page).innerText(), /client_id=both/)
  await page.getByLabel('Issuer of the tokens').selectOption('Second')
  await page.getByRole('radio', { name: 'curl', checked: true }).waitFor()
  const none = await api('POST', APPLICATIONS, { name: 'None', clientId: 'none', type: 'mobile', grantTypes: [EXCHANGE] })
  await visit(page, `#/applications/${none.id}`)
  await page.getByText('the quick start needs one').waitFor()
  await close(page)
})

test('the page about the server has what its metadata say, to be copied, and wants no token', async () => {
  const page = await open(browser, `${sts.url}/console/#/server`, { permissions: ['clipboard-read', 'clipboard-write'] })
  const metadata = await (await fetch(`${sts.url}/.well-known/oauth-authorization-server`)).json()
  const row = (name) => page.getByRole('listitem').filter({ has: page.getByText(name, { exact: true }) })
  for (const [name, value] of [['Issuer', metadata.issuer], ['Audience to ask for', metadata.issuer], ['Token endpoint', metadata.token_endpoint], ['Introspection endpoint', metadata.introspection_endpoint], ['Revocation endpoint', metadata.revocation_endpoint], ['Key set (JWKS)', metadata.jwks_uri], ['SCIM users', `${sts.url}/scim2/Users`]]) {
    await row(name).getByText(value, { exact: true }).waitFor()
  }
  await page.getByRole('button', { name: 'Copy: Token endpoint' }).click()
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), metadata.token_endpoint)
  await row('Token endpoint').getByText('Copied').waitFor()
  assert.deepEqual(await flaws(page, 'server'), [])
  await close(page)
})
