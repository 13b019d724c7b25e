/** The packed package in Chromium, as plain modules: no tool has touched it. */
import { inChromium } from './support/browser.mjs'
import { keysToFetch } from './support/issuer.mjs'
import { project } from './support/project.mjs'
import { report } from './support/report.mjs'

const IMPORTS = {
  exchequer: '/node_modules/exchequer/dist/entry/browser.js',
  'exchequer/stores/memory': '/node_modules/exchequer/dist/stores/memory.js',
  jose: '/node_modules/jose/dist/webapi/index.js',
}

const { directory, write } = project()
write('page.mjs', "import { suite } from './suite.mjs'\nglobalThis.suite = suite\n")
write('index.html', `<!doctype html>
<script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script>
<script type="module" src="/page.mjs"></script>`)
report('Chromium', await inChromium(directory, await keysToFetch()))
