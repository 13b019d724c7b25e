/** Activity: stored decisions with their trace, filtered, over time, and kept in the address. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { EXCHANGE, close, flaws, signedIn, start, visit } from './support/console.mjs'
import { ISSUER, issuer } from './support/keys.mjs'

const SECRET = 'a-private-value-of-a-claim'

let sts, browser, api, stop, builds
before(async () => {
  builds = await issuer()
  ;({ sts, browser, api, stop } = await start((own) => ({
    audit: { activity: { enabled: true, days: 7 }, privateClaims: ['email'] },
    trustedTokenIssuers: [{ name: 'Builds', issuer: ISSUER, certificate: { jwks: builds.jwks } }],
    applications: [{ name: 'Shop', clientId: 'shop', type: 'mobile', grantTypes: [EXCHANGE], trustedTokenIssuers: [{ name: 'Builds', conditions: [{ claim: 'email', like: '*' }, { claim: 'ref', equals: 'main' }] }], audiences: [own] }],
  })))
})
after(async () => {
  await stop()
  builds.stop()
})

async function exchange(claims, client_id = 'shop') {
  const subject_token = await builds.sign({ sub: 'job-of-somebody', aud: sts.url, email: SECRET, ...claims })
  const form = { grant_type: EXCHANGE, client_id, subject_token_type: 'urn:ietf:params:oauth:token-type:jwt', subject_token }
  const response = await fetch(`${sts.url}/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) })
  return { status: response.status, subject_token, body: await response.json() }
}

const rows = (page) => page.locator('.decisions > li')
const count = (page, wanted) => page.waitForFunction((wanted) => document.querySelectorAll('.decisions > li').length === wanted, wanted)

test('before the first decision the page says so', async () => {
  const page = await signedIn(browser, sts)
  await page.getByRole('link', { name: 'Activity' }).click()
  await page.getByText('No stored decision').waitFor()
  await page.getByText('There was no decision in this time.').waitFor()
  await page.getByText('Never stored: tokens, secrets, and the claims email.').waitFor()
  await close(page)
})

test('decisions are listed, filtered and drawn, and the address keeps what was chosen', async () => {
  assert.equal((await exchange({ ref: 'main' })).status, 200)
  assert.equal((await exchange({ ref: 'other' })).status, 400)
  assert.equal((await exchange({ ref: 'main' }, 'unknown')).status, 401)
  const page = await signedIn(browser, sts)
  await visit(page, '#/activity')
  await count(page, 3)
  await page.getByRole('img', { name: '1 granted, 2 refused' }).waitFor()
  assert.deepEqual(await flaws(page, 'activity'), [])

  await page.getByLabel('Outcome').selectOption('refused')
  await count(page, 2)
  await page.getByLabel('Application', { exact: true }).selectOption('shop')
  await count(page, 1)
  assert.match(page.url(), /outcome=refused/)
  assert.match(page.url(), /clientId=shop/)
  await page.getByLabel('Reason').fill('subject_token.condition')
  await page.waitForURL(/reason=subject_token\.condition/)
  await count(page, 1)
  await page.getByLabel('Reason').fill('subject_token.claim')
  await page.getByText('No stored decision matches the filter.').waitFor()
  await page.getByRole('button', { name: 'Clear the filter' }).click()
  await count(page, 3)

  // A bar of the chart, by the table for those who cannot point.
  await page.getByText('The chart as a table').click()
  await page.getByRole('region', { name: 'The chart as a table' }).getByRole('button').first().click()
  await page.waitForURL(/from=\d+/)
  await count(page, 3)
  assert.equal(await page.getByLabel('Time', { exact: true }).evaluate((select) => select.selectedOptions[0].text), 'The selected part of the chart')
  await page.goBack()
  await page.waitForURL((url) => !url.hash.includes('from='))
  await close(page)
})

test('a decision shows the recorded trace and leads to the field that decides, without what is private', async () => {
  const { subject_token } = await exchange({ ref: 'feature' })
  const page = await signedIn(browser, sts)
  await visit(page, '#/activity?outcome=refused&reason=subject_token.condition')
  await rows(page).first().getByRole('link').click()
  await page.getByRole('heading', { level: 1, name: 'Stored decision' }).waitFor()
  await page.locator('.trace .fail').waitFor()
  assert.match(await page.locator('.trace .fail').innerText(), /ref.+feature.+main/)
  const text = await page.locator('main').innerText()
  assert.ok(!text.includes(SECRET), 'the value of a private claim is shown')
  assert.ok(!text.includes('job-of-somebody'), 'the subject is not masked')
  assert.ok(!text.includes(subject_token.split('.')[2]), 'the token is shown')
  assert.match(text, /\(private\)/)
  assert.deepEqual(await flaws(page, 'activity-decision'), [])

  // The address alone leads here, for a colleague.
  const traceId = new URL(page.url()).hash.split('/')[2].split('?')[0]
  await page.getByRole('link', { name: 'All decisions' }).click()
  await page.waitForURL(/reason=subject_token\.condition/)
  await visit(page, `#/activity/${traceId}`)
  await page.getByRole('link', { name: /^Change it: Builds|^change in Builds/ }).first().click()
  await page.getByRole('heading', { level: 1, name: 'Builds' }).waitFor()
  await page.getByRole('link', { name: 'Back to the activity' }).waitFor()
  await visit(page, '#/activity/trace-that-is-not-there')
  await page.getByText('Not found').waitFor()
  await close(page)
})

test('what a granted request was about is shown, and which application it leads to', async () => {
  const page = await signedIn(browser, sts)
  await visit(page, '#/activity?outcome=granted')
  await rows(page).first().getByRole('link').click()
  await page.getByText('A token was issued.').waitFor()
  assert.match(await page.getByRole('region', { name: 'Facts' }).innerText(), /Shop[^]*shop[^]*Builds[^]*Token exchange[^]*jo…/)
  await page.getByRole('link', { name: 'Try a token of this application' }).click()
  await page.getByRole('heading', { level: 1, name: 'Playground' }).waitFor()
  await close(page)
})

test('where it is off, the page says how to turn it on', async () => {
  const other = await start(() => ({}))
  const page = await signedIn(other.browser, other.sts)
  await visit(page, '#/activity')
  await page.getByText('Decisions are not stored').waitFor()
  await page.getByText('"enabled": true').waitFor()
  await page.getByRole('link', { name: 'Health' }).last().waitFor()
  assert.deepEqual(await flaws(page, 'activity-off'), [])
  await close(page)
  await other.stop()
})

test('a refusal on Health leads to its recorded trace', async () => {
  await exchange({ ref: 'for-health' })
  const page = await signedIn(browser, sts)
  await visit(page, '#/health')
  await page.locator('.refusals > li').filter({ hasText: 'subject_token.condition.not_met' }).getByRole('link', { name: 'Show the trace' }).click()
  await page.getByRole('heading', { level: 1, name: 'Stored decision' }).waitFor()
  assert.match(await page.locator('.trace .fail').innerText(), /for-health/)
  await close(page)
})
