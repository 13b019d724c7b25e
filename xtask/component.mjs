/** Makes a component of a core module that wit-bindgen has described: `component.mjs MODULE COMPONENT`. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'

import { componentNew } from '@bytecodealliance/jco-transpile/wasm-tools'

const [module, component] = process.argv.slice(2)
writeFileSync(`${component}.new`, await componentNew(readFileSync(module)))
// At once, for whoever loads it meanwhile.
renameSync(`${component}.new`, component)
