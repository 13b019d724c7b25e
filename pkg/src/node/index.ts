/** Exchequer as a Node server: handler, server, configuration files. */
export { createExchequer } from '../entry/node.js'
export { nodeHandler } from './handler.js'
export { secretsFrom } from './secrets.js'
