/** The packed package in Chromium, through Vite: built for production, and from its development server. */
import { join } from 'node:path'

import { build, createServer } from 'vite'

import { inChromium, inPage } from './support/browser.mjs'
import { keysToFetch } from './support/issuer.mjs'
import { project } from './support/project.mjs'
import { report } from './support/report.mjs'

const { directory, write } = project()
const keys = await keysToFetch()
write('page.mjs', "import { suite } from './suite.mjs'\nglobalThis.suite = suite\n")
write('index.html', '<!doctype html>\n<script type="module" src="/page.mjs"></script>')

const common = { root: directory, configFile: false, logLevel: 'error' }
await build({ ...common, build: { outDir: 'built' } })
const built = await inChromium(join(directory, 'built'), keys)
const developed = await development()
report('Vite, built', built)
report('Vite, in development', developed)

async function development() {
  const server = await createServer({ ...common, server: { host: '127.0.0.1', port: 0, hmr: false } })
  try {
    await server.listen()
    return await inPage(server.resolvedUrls.local[0], keys)
  } finally {
    await server.close()
  }
}
