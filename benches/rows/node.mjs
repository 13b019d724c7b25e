/** One exchange in Node, cold and repeated. */
import { runtimeRow } from '../support/runtime-row.mjs'

export const measure = (options) => runtimeRow({ runtime: 'Node', version: process.versions.node, command: process.execPath }, options)
