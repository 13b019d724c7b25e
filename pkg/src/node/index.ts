/** Exchequer as a Node server: handler, server, secrets. */
export { createExchequer } from '../entry/node.js'
export { nodeHandler } from './handler.js'
export { generateKey } from './keys.js'
export { secretsFrom } from './secrets.js'
export { type ListenOptions, type Listening, listen } from './server.js'
