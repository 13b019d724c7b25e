/** The stores of Cloudflare, inside workerd, through what every store must do. */
import { conformance } from '../node/support/conformance.mjs'

import { decode, encode } from './inside/wire.mjs'
import { project } from './support/project.mjs'
import { STORES, start } from './support/worker.mjs'

const { directory } = project()
const worker = await start(directory, "export * from './stores-worker.mjs'\nexport { default } from './stores-worker.mjs'", {
  ...STORES['a Durable Object'],
  ...STORES.D1,
})

for (const [name, path] of Object.entries({ 'a Durable Object': '/object', D1: '/d1' })) {
  const call = (method) => async (...args) => {
    const response = await worker.fetch(path, { method: 'POST', body: encode({ method, args }) })
    if (!response.ok) throw new Error(await response.text())
    return decode(await response.text()).result
  }
  conformance(name, { open: () => ({ read: call('read'), list: call('list'), commit: call('commit') }) })
}
