/** The console as static files, into the package: one page that works under any path. */
import { defineConfig } from 'vite'

import { reasons } from './reasons.js'

export default defineConfig({
  base: './',
  plugins: [reasons()],
  build: {
    outDir: '../pkg/dist/console',
    emptyOutDir: true,
    target: 'es2022',
    // Inlined as data: URLs, fonts and modules would be refused by the page's own policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
})
