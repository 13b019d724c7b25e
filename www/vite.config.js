/** Builds the console into the package, as static files that work under any path. */
import { defineConfig } from 'vite'

export default defineConfig({
  base: './',
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
