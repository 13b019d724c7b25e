/** For runtimes with a console: prints the results as JSON. */
import { suite } from './suite.mjs'

const keys = globalThis.process?.argv[2]
console.log(JSON.stringify(await suite(keys && JSON.parse(keys))))
