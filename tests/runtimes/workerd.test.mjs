/** The packed package in workerd. */
import { after } from 'node:test'

import { keysToFetch } from './support/issuer.mjs'
import { project } from './support/project.mjs'
import { report } from './support/report.mjs'
import { workerd } from './support/workerd.mjs'

const ENTRY = `
  import { suite } from './suite.mjs'
  export default { fetch: async (request) => Response.json(await suite(await request.json(), { caches: true })) }`

const { directory } = project()
const miniflare = await workerd(directory, ENTRY)
after(() => miniflare.dispose())
const body = JSON.stringify(await keysToFetch())
const response = await miniflare.dispatchFetch('http://worker/', { method: 'POST', body })
report('workerd', await response.json())
