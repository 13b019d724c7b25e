/** How the demo and the tests choose ports. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { it } from 'node:test'

import { freePort as portOfTheDemo } from '../../examples/demo/servers.mjs'
import { freePort } from './support/ports.mjs'

it('the demo takes another port when its default port is in use', async () => {
  const wished = await freePort()
  assert.equal(await portOfTheDemo(wished), wished)
  const other = createServer().listen(wished, '127.0.0.1')
  await once(other, 'listening')
  try {
    assert.notEqual(await portOfTheDemo(wished), wished)
  } finally {
    other.close()
  }
})

it('a test gets each port once, outside the range of the system', async () => {
  const ports = await Promise.all(Array.from({ length: 100 }, freePort))
  assert.equal(new Set(ports).size, ports.length)
  assert.ok(Math.max(...ports) < 32_768, String(ports))
})
