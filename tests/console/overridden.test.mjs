/** Objects of the store, in the place of which the configuration document has got others. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

import { ADMIN, EXCHANGE, close, flaws, open, signedIn, start, visit } from './support/console.mjs'
import { serve } from '../node/support/serve.mjs'

const ISSUERS = 'api/server/v1/trusted-token-issuers'
const APPLICATIONS = 'api/server/v1/applications'
const ISSUER = { name: 'Cluster of the store', issuer: 'https://cluster.example', certificate: { discovery: true } }
const APPLICATION = { name: 'Bot of the store', clientId: 'bot', type: 'mobile', grantTypes: [EXCHANGE] }
const POD = { name: 'Pod', clientId: 'pod', grantTypes: [EXCHANGE], clientAssertion: { issuer: ISSUER.name, subject: 'system:serviceaccount:a:b' } }

let sts, browser, stop, directory
const made = {}
before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'exchequer-overridden-'))
  const store = `sqlite:${join(directory, 'store.sqlite')}`
  const former = await serve((issuer) => ({ issuer }), { store, adminToken: ADMIN })
  for (const [name, path, body] of [['issuer', ISSUERS, ISSUER], ['application', APPLICATIONS, APPLICATION], ['pod', APPLICATIONS, POD]]) {
    const headers = { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' }
    const reply = await fetch(`${former.url}/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    assert.equal(reply.status, 201)
    made[name] = await reply.json()
  }
  await former.stop()
  const document = { trustedTokenIssuers: [{ ...ISSUER, name: 'Cluster of the document' }], applications: [{ ...APPLICATION, name: 'Bot of the document' }] }
  ;({ sts, browser, stop } = await start(() => document, { store }))
})
after(async () => {
  await stop()
  rmSync(directory, { recursive: true, force: true })
})

const LANGUAGES = [
  { locale: 'en', badge: 'overridden by the configuration', issuer: 'The configuration document has an issuer with the same identifier, and only that one counts.', application: 'The configuration document has an application with the same client id, and only that one counts.' },
  { locale: 'de', badge: 'von der Konfiguration überlagert', issuer: 'Das Konfigurationsdokument hat einen Aussteller mit derselben Kennung, und nur dieser zählt.', application: 'Das Konfigurationsdokument hat eine Anwendung mit derselben Client-ID, und nur diese zählt.' },
]

/** The cards of a list that have this badge. */
const marked = async (page, badge) => {
  const found = page.getByRole('listitem').filter({ hasText: badge })
  await found.first().waitFor()
  return Promise.all((await found.all()).map((one) => one.locator('.name').innerText()))
}

test('an object that the document overrides looked like one that counts', async () => {
  for (const { locale, badge, issuer, application } of LANGUAGES) {
    const page = await open(browser, `${sts.url}/console/`, { locale })
    await page.locator('input[type=password]').fill(ADMIN)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1 }).and(page.getByText(/^(Trusted token issuers|Vertraute Aussteller)$/)).waitFor()
    for (const list of ['issuers', 'health']) {
      await visit(page, `#/${list}`)
      assert.deepEqual(await marked(page, badge), [ISSUER.name], list)
    }
    await visit(page, '#/applications')
    assert.deepEqual(await marked(page, badge), [APPLICATION.name])
    assert.deepEqual(await flaws(page, `overridden-list-${locale}`), [])
    await visit(page, `#/issuers/${made.issuer.id}`)
    await page.getByRole('status').getByText(issuer).waitFor()
    await visit(page, `#/applications/${made.application.id}`)
    await page.getByRole('status').getByText(application).waitFor()
    assert.deepEqual(await flaws(page, `overridden-${locale}`), [])
    await visit(page, `#/applications/${made.pod.id}`)
    await page.getByRole('heading', { level: 1, name: 'Pod' }).waitFor()
    assert.equal(await page.getByText(application).count(), 0)
    await close(page)
  }
})

test('an application was shown without a word, whose client nobody can authenticate as because its issuer is gone', async () => {
  const page = await signedIn(browser, sts)
  await visit(page, `#/applications/${made.pod.id}`)
  const problem = page.getByRole('status').filter({ hasText: 'It does not work as it is' })
  await problem.waitFor()
  assert.match(await problem.innerText(), /clientAssertion\.issuer is a trusted token issuer that is gone, so that nobody can authenticate as this client; name another issuer/)
  assert.deepEqual(await flaws(page, 'application-problem'), [])
  // The one that counts is offered, the one that it overrides is not.
  const platform = page.getByLabel('Issuer of these tokens')
  await platform.selectOption('Cluster of the document')
  assert.equal(await platform.getByText(ISSUER.name).count(), 0)
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  assert.equal(await problem.count(), 0)
  await close(page)
})

test('the configuration that the playground copies from the server had two with one identifier', async () => {
  const page = await signedIn(browser, sts)
  await visit(page, '#/playground?client=bot')
  await page.getByText('a sample configuration in the browser').click()
  await page.getByRole('button', { name: 'Load this server’s configuration' }).click()
  const text = page.locator('#configuration textarea')
  await page.waitForFunction(() => document.querySelector('#configuration textarea').value.includes('Bot of the document'))
  const { trustedTokenIssuers, applications } = JSON.parse(await text.inputValue())
  assert.deepEqual(trustedTokenIssuers.map(({ name }) => name), ['Cluster of the document'])
  assert.deepEqual(applications.map(({ name }) => name).toSorted(), ['Bot of the document', 'Pod'])
  await close(page)
})
