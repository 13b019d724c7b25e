/** The packed package in Node: as modules, and from CommonJS. */
import assert from 'node:assert/strict'
import { it } from 'node:test'

import { keysToFetch } from './support/issuer.mjs'
import { printed } from './support/process.mjs'
import { project } from './support/project.mjs'
import { report } from './support/report.mjs'

const { directory, write } = project()
const keys = JSON.stringify(await keysToFetch())
report('Node', await printed(process.execPath, ['print.mjs', keys], directory))

it('is required by CommonJS', async () => {
  write('required.cjs', `
    const { createExchequer } = require('exchequer')
    const { memoryStore } = require('exchequer/stores/memory')
    createExchequer({ issuer: 'https://sts.example.com' }, { store: memoryStore() })
      .then((sts) => sts.handle({ method: 'GET', target: '/oauth2/jwks' }))
      .then(({ status }) => console.log(status))`)
  assert.equal(await printed(process.execPath, ['required.cjs'], directory), 200)
})
