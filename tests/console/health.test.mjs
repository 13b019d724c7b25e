/** The health page: keys, store, and recent refusals. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { EXCHANGE, close, flaws, signedIn, start, visit } from './support/console.mjs'
import { issuer } from './support/keys.mjs'

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

test('an issuer whose keys are not available shows on the health page, with what to do', async () => {
  const { id } = await api('POST', 'api/server/v1/trusted-token-issuers', { name: 'Unreachable', issuer: 'https://unreachable.example', alias: 'https://us.example', certificate: { jwksUri: 'http://127.0.0.1:1/jwks' } })
  await api('POST', 'api/server/v1/applications', { name: 'Waiting', clientId: 'waiting', type: 'mobile', grantTypes: [EXCHANGE], trustedTokenIssuers: ['Unreachable'] })
  const form = { grant_type: EXCHANGE, client_id: 'waiting', subject_token_type: 'urn:ietf:params:oauth:token-type:jwt', subject_token: await builds.sign({ sub: 'a', aud: 'https://us.example' }, 'https://unreachable.example') }
  assert.equal((await fetch(`${sts.url}/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) })).status, 503)
  const page = await signedIn(browser, sts)
  await visit(page, '#/health')
  const keys = page.getByRole('region', { name: 'Keys of the issuers' })
  await keys.getByText('keys unavailable').waitFor()
  await keys.getByText('its tokens are answered with status 503').waitFor()
  await keys.getByRole('link', { name: 'Unreachable' }).click()
  await page.waitForURL(`**/#/issuers/${id}`)
  await close(page)
})

test('health shows keys, store and what was refused, and leads to where that is mended', async () => {
  const ask = async (form) => fetch(`${sts.url}/oauth2/token`, { method: 'POST', body: new URLSearchParams({ grant_type: EXCHANGE, subject_token_type: 'urn:ietf:params:oauth:token-type:jwt', ...form }) })
  const { id } = await api('POST', 'api/server/v1/applications', { name: 'Refused often', clientId: 'often', type: 'mobile', grantTypes: [EXCHANGE], trustedTokenIssuers: ['Of the document'] })
  await ask({ client_id: 'nobody-knows', subject_token: 'a' })
  const secret = await builds.sign({ sub: 'job-1', aud: 'https://other.example' }, 'https://document.example')
  for (let time = 0; time < 3; time++) await ask({ client_id: 'often', subject_token: secret })
  const page = await signedIn(browser, sts)
  await visit(page, '#/health')
  const refused = page.getByRole('region', { name: 'Recent refusals' })
  await fetch(`${sts.url}/api/server/v1/refusals`, { headers: { authorization: 'Bearer nobody' } })
  await page.getByRole('button', { name: 'Refresh' }).click()
  await refused.getByText(/Refused by the administration API/).click()
  await refused.getByText('There is no application with this client id.').waitFor()
  // Neither the token nor a client id that no application has: it could be a secret.
  for (const text of [secret, 'nobody-knows']) assert.ok(!(await page.content()).includes(text), text)
  assert.deepEqual(await flaws(page, 'health'), [])
  // The same refusal is one, counted; it names the application and the issuer.
  const often = refused.getByRole('listitem').filter({ hasText: '3 times' })
  await often.getByText('subject_token.claim.aud.no_alias').waitFor()
  await often.getByRole('link', { name: 'Of the document' }).click()
  await page.getByRole('heading', { level: 1, name: 'Of the document' }).waitFor()
  await page.locator('[data-field="alias"].marked').waitFor()
  await page.getByRole('link', { name: 'Back to the refusals' }).click()
  await often.getByRole('link', { name: 'Refused often' }).click()
  await page.waitForURL(`**/#/applications/${id}?*`)
  await page.getByRole('link', { name: 'Back to the refusals' }).click()
  await often.getByRole('link', { name: 'Try it out' }).click()
  await page.getByRole('heading', { level: 1, name: 'Playground' }).waitFor()
  await page.waitForFunction(() => [...document.querySelectorAll('select')].some((select) => select.value === 'often'))
  await close(page)
})
