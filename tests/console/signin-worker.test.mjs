/** People sign in to the console of a Worker: a real `oidc-provider`, workerd with a Durable Object, and Chromium. */
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { freePort } from '../node/support/ports.mjs'
import { ADMIN, EXCHANGE, close, launch } from './support/console.mjs'
import { noWorkerd, startWorker } from './support/hosts.mjs'
import { CLIENT, login, signInAs, visitor } from './support/login.mjs'

test('an administrator signs in to a Worker, works under a name, stays after a reload, and signs out', { skip: noWorkerd() }, async () => {
  // What was started ends with the test: a Worker that is stopped twice does not come to an end.
  const stops = []
  try {
    await walk(stops)
  } finally {
    for (const stop of stops.reverse()) await stop()
  }
})

async function walk(stops) {
  const company = await login()
  stops.push(() => company.stop())
  const port = await freePort()
  const own = `http://127.0.0.1:${port}`
  const document = {
    issuer: own,
    trustedTokenIssuers: [{ name: 'Company login', issuer: company.issuer, alias: CLIENT, certificate: { discovery: true }, readTimeoutMs: 30_000 }],
    applications: [{ clientId: 'console', type: 'mobile', grantTypes: [EXCHANGE], trustedTokenIssuers: ['Company login'], audiences: [own], scopes: ['exchequer:links'], subject: { useMappedLocalSubject: true, mappedLocalSubjectMandatory: true } }],
    roles: [{ name: 'operator', scopes: ['exchequer:admin'] }],
    console: { signIn: { issuer: 'Company login', clientId: CLIENT, application: 'console' } },
  }
  const worker = await startWorker({ document, store: 'a Durable Object', port })
  stops.push(() => worker.stop())
  const browser = await launch()
  stops.push(() => browser.close())
  company.serves(`${own}/console/`)
  const api = async (method, path, body) => {
    const headers = { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' }
    const response = await fetch(`${own}/${path}`, { method, headers, body: body && JSON.stringify(body) })
    assert.ok(response.ok, `${method} ${path}: ${response.status}`)
    return response.json()
  }
  const user = await api('POST', 'scim2/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'olga', roles: [{ value: 'operator' }] })
  await api('POST', `api/users/v1/${user.id}/federated-associations`, { idp: 'Company login', federatedUserId: 'olga' })

  const page = await visitor(browser, company, `${own}/console/#/applications`)
  await signInAs(page, 'olga')
  await page.getByRole('heading', { level: 1, name: 'Applications' }).waitFor()
  await page.getByText('Olga of the company, administrator').waitFor()
  assert.ok(company.tokenRequests.at(-1).code_verifier.length >= 43)
  await page.reload()
  await page.getByText('Olga of the company, administrator').waitFor()
  await page.goto(`${own}/console/#/users/new`)
  await page.getByLabel('Username').fill('grace')
  await page.getByRole('button', { name: 'Create the user' }).click()
  await page.getByRole('heading', { level: 1, name: 'grace' }).waitFor()
  const { changes } = await api('GET', 'api/server/v1/audit/changes?resource=user&limit=1')
  assert.equal(changes[0].administrator, user.id)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Sign in at Company login' }).waitFor()
  assert.equal(await page.evaluate(() => sessionStorage.length), 0)
  await close(page)
}
