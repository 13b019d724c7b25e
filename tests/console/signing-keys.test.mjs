/** The server's own keys: state, age, and the next steps of a rotation. */
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { exportJWK, generateKeyPair } from 'jose'

import { close, flaws, signedIn, start, visit } from './support/console.mjs'

async function key(kid) {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return { ...(await exportJWK(privateKey)), kid, alg: 'ES256' }
}

const section = (page) => page.getByRole('region', { name: 'Keys of this server' })

test('a key that the server made is shown with its state and since when it is known', async () => {
  const { sts, browser, stop } = await start(() => ({}))
  const page = await signedIn(browser, sts)
  await visit(page, '#/server')
  await section(page).getByText('The server made these keys.').waitFor()
  assert.match(await section(page).innerText(), /ES256 \(P-256\)[^]*known since .+\(now\)[^]*signs/)
  await close(page)
  await stop()
})

test('keys of the document are shown in order, with what to do next', async () => {
  const keys = [await key('old'), await key('new')]
  const { sts, browser, stop } = await start(() => ({ keys }))
  const page = await signedIn(browser, sts)
  await visit(page, '#/server')
  const rows = section(page).getByRole('listitem')
  await section(page).getByText('Rotate the keys').waitFor()
  assert.match(await rows.nth(0).innerText(), /^old[^]*signs/)
  assert.match(await rows.nth(1).innerText(), /^new[^]*published/)
  assert.match(await section(page).locator('.rotation > li').first().innerText(), /done$/)
  assert.ok(!(await page.content()).includes(keys[0].d), 'the private key is shown')
  assert.deepEqual(await flaws(page, 'server-keys'), [])
  await close(page)
  await stop()
})

test('a key of the server is rotated, and the new one withdrawn', async () => {
  const { sts, browser, stop } = await start(() => ({}))
  const page = await signedIn(browser, sts)
  await visit(page, '#/server')
  await section(page).getByRole('button', { name: 'Rotate the key' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Days until it signs').fill('7')
  assert.deepEqual(await flaws(page, 'server-rotate'), [])
  await dialog.getByRole('button', { name: 'Publish' }).click()
  await section(page).getByText('A rotation is under way').waitFor()
  const rows = section(page).getByRole('listitem')
  assert.match(await rows.nth(0).innerText(), /signs$/m)
  assert.match(await rows.nth(1).innerText(), /signs from .*\(in (6|7) days\)[^]*published/)

  await rows.nth(1).getByRole('button', { name: /^Withdraw / }).click()
  await dialog.getByRole('button', { name: 'Withdraw' }).click()
  await section(page).getByRole('button', { name: 'Rotate the key' }).waitFor()
  assert.equal(await rows.count(), 1)
  await close(page)
  await stop()
})

test('somebody who is not signed in sees the addresses and no keys', async () => {
  const { sts, browser, stop } = await start(() => ({}))
  const page = await browser.newPage()
  await page.goto(`${sts.url}/console/#/server`)
  await page.getByText('Token endpoint').waitFor()
  assert.equal(await section(page).count(), 0)
  await page.close()
  await stop()
})
