/** The packed package in an edge runtime that compiles nothing at run time. */
import runtime from 'edge-runtime'

import { edgeScript } from './support/bundle.mjs'
import { keysToFetch } from './support/issuer.mjs'
import { project } from './support/project.mjs'
import { report } from './support/report.mjs'

const { directory } = project()
const { code, globals } = await edgeScript(directory, `
  import { suite } from './suite.mjs'
  globalThis.suite = suite`)

const refuse = () => {
  throw new WebAssembly.CompileError('nothing is compiled at run time')
}
// The platform's module is of the platform's realm, so WebAssembly is, too.
const { Instance, Memory, Table, Global, Module } = WebAssembly
const webAssembly = { Instance, Memory, Table, Global, Module: new Proxy(Module, { construct: refuse }), compile: refuse }
const vm = new runtime.EdgeRuntime({
  codeGeneration: { strings: false, wasm: false },
  extend: (context) => Object.assign(context, { ...globals, WebAssembly: webAssembly }),
})
vm.evaluate(code)
const results = await vm.context.suite(await keysToFetch())
// Of our realm, to be compared with.
report('edge-runtime', JSON.parse(JSON.stringify(results)))
