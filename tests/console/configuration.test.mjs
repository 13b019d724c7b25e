/** Configuration: exported, compared, and imported after a dry run and a question. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'

import { EXCHANGE, close, flaws, signedIn, start, visit } from './support/console.mjs'

let sts, browser, api, stop
before(async () => {
  ;({ sts, browser, api, stop } = await start(() => ({ applications: [{ name: 'Fixed', clientId: 'fixed', type: 'mobile', grantTypes: [EXCHANGE] }] })))
})
after(() => stop())

const ISSUER = { name: 'Build farm', issuer: 'https://builds.example.com', certificate: { discovery: true } }
const exported = () => api('GET', 'api/server/v1/configuration')
const area = (page) => page.getByLabel('Configuration document', { exact: false }).and(page.locator('textarea'))

test('the running configuration is downloaded', async () => {
  const page = await signedIn(browser, sts)
  await page.getByRole('link', { name: 'Configuration' }).click()
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download' }).click()])
  assert.equal(download.suggestedFilename(), 'exchequer.json')
  assert.deepEqual(JSON.parse(readFileSync(await download.path(), 'utf8')), await exported())
  assert.deepEqual(await flaws(page, 'configuration'), [])
  await close(page)
})

test('problems of a document are shown at their place, and nothing typed is lost', async () => {
  const page = await signedIn(browser, sts)
  await visit(page, '#/configuration')
  await page.getByRole('button', { name: 'Compare' }).click()
  await page.getByText('Enter a document, or choose a file.').waitFor()
  const document = { ...(await exported()), trustedTokenIssuers: [{ ...ISSUER, certificate: { jwksUri: 'nonsense' } }] }
  await area(page).fill(JSON.stringify(document, null, 2))
  await page.getByRole('button', { name: 'Compare' }).click()
  await page.getByText('The document has a problem, listed below.').first().waitFor()
  assert.deepEqual(await flaws(page, 'configuration-problems'), [])
  await page.getByRole('button', { name: /^Show trustedTokenIssuers\[0\]\.certificate\.jwksUri/ }).click()
  const selected = await area(page).evaluate((area) => area.value.slice(area.selectionStart, area.selectionEnd))
  assert.equal(selected, '"jwksUri": "nonsense"')
  // It is no JSON at all: there is no place, and the text stays.
  await area(page).fill('{ "issuer": ')
  await page.getByRole('button', { name: 'Compare' }).click()
  await page.getByRole('list', { name: 'Problems of the document' }).waitFor()
  assert.equal(await area(page).inputValue(), '{ "issuer": ')
  await area(page).fill('"'.repeat(1_100_000))
  await page.getByRole('button', { name: 'Compare' }).click()
  await page.getByText('The document is longer than 1 MiB').first().waitFor()
  await close(page)
})

test('an import says what it will do, asks, and does it', async () => {
  const page = await signedIn(browser, sts)
  await visit(page, '#/configuration')
  const document = await exported()
  const wanted = { ...document, trustedTokenIssuers: [ISSUER], applications: [...document.applications, { name: 'New', clientId: 'new', clientSecret: { env: 'NEW_SECRET' }, grantTypes: [EXCHANGE], trustedTokenIssuers: ['Build farm'] }], roles: [{ name: 'reader', scopes: ['read'] }] }
  await area(page).fill(JSON.stringify(wanted))
  await page.getByRole('button', { name: 'Compare' }).click()
  const planned = page.getByRole('region', { name: 'What will change' })
  await planned.waitFor()
  assert.match(await planned.innerText(), /will be created\s+Trusted token issuer\s+Build farm/)
  assert.match(await planned.innerText(), /will be created\s+Application\s+New/)
  await planned.getByText('What stays as it is (1)').click()
  await planned.getByText('roles["reader"]').waitFor()
  await planned.getByText('Details').first().click()
  assert.deepEqual(await flaws(page, 'configuration-plan'), [])
  assert.deepEqual(await exported(), document, 'comparing changes nothing')

  // Text that was changed after the comparison is not imported.
  await area(page).fill(JSON.stringify(wanted, null, 1))
  await planned.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Compare' }).click()
  await page.getByRole('button', { name: 'Import these changes' }).click()
  await page.getByText('Objects that will be created: 2, changed: 0, deleted: 0.').waitFor()
  await page.getByRole('button', { name: 'Cancel' }).click()
  assert.deepEqual(await exported(), document)
  await page.getByRole('button', { name: 'Import these changes' }).click()
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await page.getByRole('dialog', { name: 'Copy the client secrets now' }).waitFor()
  await page.getByRole('button', { name: 'I have saved the secrets' }).click()
  await page.getByText('2 changes are imported.').waitFor()
  assert.equal(await area(page).inputValue(), '')
  assert.deepEqual((await exported()).trustedTokenIssuers.map(({ name }) => name), ['Build farm'])
  await close(page)
})

test('nothing is imported over a change of somebody else', async () => {
  const page = await signedIn(browser, sts)
  await visit(page, '#/configuration')
  await page.getByRole('button', { name: 'Load the running configuration' }).click()
  const document = JSON.parse(await area(page).inputValue())
  document.applications = document.applications.filter(({ clientId }) => clientId !== 'new')
  await area(page).fill(JSON.stringify(document))
  await page.getByLabel('Delete what the document lacks').check()
  await page.getByRole('button', { name: 'Compare' }).click()
  await page.getByText('will be deleted').waitFor()
  await api('POST', 'api/server/v1/applications', { name: 'Of somebody else', clientId: 'other', grantTypes: [EXCHANGE] })
  await page.getByRole('button', { name: 'Import these changes' }).click()
  await page.getByText('Deleted objects cannot be restored').waitFor()
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await page.getByText('Changed by somebody else').waitFor()
  assert.match(await page.getByRole('region', { name: 'What will change' }).innerText(), /Of somebody else/)
  assert.ok((await exported()).applications.some(({ clientId }) => clientId === 'new'), 'it was imported')
  await page.getByRole('button', { name: 'Import these changes' }).click()
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await page.getByText('2 changes are imported.').waitFor()
  assert.deepEqual((await exported()).applications.map(({ clientId }) => clientId), ['fixed'])
  await close(page)
})

test('the secrets of an import that stopped on its way were lost', async () => {
  const page = await signedIn(browser, sts)
  await visit(page, '#/configuration')
  const document = await exported()
  const wanted = { ...document, applications: [...document.applications, ...['first', 'second', 'third'].map((clientId) => ({ name: `The ${clientId}`, clientId, clientSecret: { env: 'SOME_SECRET' }, grantTypes: [EXCHANGE] }))] }
  const text = JSON.stringify(wanted)
  const step = (clientId) => ({ action: 'create', resource: 'application', id: clientId, name: `The ${clientId}`, path: `applications["${clientId}"]` })
  const secret = (clientId) => ({ clientId, clientSecret: `made-for-the-${clientId}` })
  const stopped = {
    code: 'EXQ-40902',
    message: 'Changed at the same time',
    description: 'somebody else changed the configuration at the same time; 2 of the changes were made before, and stay',
    traceId: '0af7651916cd43dd8448eb211c80319c',
    applied: [step('first'), step('second')],
    secrets: [secret('first'), secret('second')],
  }
  await page.route('**/configuration/import?prune=*', (route) => route.fulfill({ status: 409, json: stopped }))
  const start = async () => {
    await page.getByRole('button', { name: 'Compare' }).click()
    await page.getByRole('button', { name: 'Import these changes' }).click()
    await page.getByRole('button', { name: 'Import', exact: true }).click()
  }
  await area(page).fill(text)
  await start()
  const secrets = page.getByRole('dialog', { name: 'Copy the client secrets now' })
  for (const { clientId, clientSecret } of stopped.secrets) {
    await secrets.getByText(clientId, { exact: true }).waitFor()
    await secrets.getByText(clientSecret).waitFor()
  }
  await secrets.getByRole('button', { name: 'I have saved the secrets' }).click()
  const notice = page.getByRole('alert')
  await notice.getByText('2 changes were made and stay').waitFor()
  assert.match(await notice.innerText(), /Somebody else changed the configuration at the same time[^]*0af7651916cd43dd8448eb211c80319c/)
  const made = await page.getByRole('list', { name: 'Changes that were made' }).getByRole('listitem').allInnerTexts()
  assert.deepEqual(made.map((one) => one.replaceAll(/\s+/g, ' ').trim()), ['created Application The first', 'created Application The second'])
  assert.equal(await page.getByText('are imported.').count(), 0, 'it is no success')
  assert.deepEqual(await flaws(page, 'configuration-stopped'), [])

  // The document is there for the rest, which is compared anew.
  assert.equal(await area(page).inputValue(), text)
  await page.unroute('**/configuration/import?prune=*')
  await start()
  await page.getByText('3 changes are imported.').waitFor()
  assert.equal(await notice.count(), 0)
  await secrets.getByRole('button', { name: 'I have saved the secrets' }).click()
  for (const { id, clientId } of (await api('GET', 'api/server/v1/applications')).applications) if (clientId !== 'fixed') await api('DELETE', `api/server/v1/applications/${id}`)
  await close(page)
})

test('a document that was typed survives a reload, and is asked about before it is left', async () => {
  const page = await signedIn(browser, sts)
  await visit(page, '#/configuration')
  await area(page).fill('{ "issuer": "https://typed.example" }')
  await page.getByRole('link', { name: 'Health' }).click()
  await page.getByRole('button', { name: 'Stay on this page' }).click()
  page.on('dialog', (dialog) => void dialog.accept())
  await page.reload()
  await page.getByLabel('Admin token').fill('an-admin-token-for-the-console-0123456789')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await area(page).waitFor()
  assert.equal(await area(page).inputValue(), '{ "issuer": "https://typed.example" }')
  // Written-out secrets are not kept.
  await area(page).fill('{ "applications": [{ "clientSecret": "typed-secret" }] }')
  assert.ok(!(await page.evaluate(() => JSON.stringify(sessionStorage))).includes('typed-secret'))
  await close(page)
})
