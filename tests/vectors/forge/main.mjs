/**
 * Makes the case files anew: `node tests/vectors/forge/main.mjs`, then
 * `BLESS=1 cargo test --test vectors` for what the engine says to them, then
 * read the difference. Run by hand and by `cargo xtask bless`, never in CI.
 */
import { readdirSync } from 'node:fs'

import { forge } from './case.mjs'
import { makeCertificates } from './certificates.mjs'
import { declaredKeys, key } from './keys.mjs'
import { keepSignatures } from './token.mjs'

for (const name of declaredKeys()) key(name)
makeCertificates()
for (const file of readdirSync(new URL('cases/', import.meta.url)).sort()) {
  await import(new URL(`cases/${file}`, import.meta.url))
}
const count = await forge()
keepSignatures()
console.log(`${count} cases`)
