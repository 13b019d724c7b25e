/**
 * Free ports of 127.0.0.1 for servers that have to know their port before they
 * start. They lie outside the range from which the system assigns ports to
 * connections and to servers on port 0, so that nothing else takes one before
 * the server does. Each process begins at another port and uses each once.
 */
import { createServer } from 'node:net'

/** The system's range begins at 32768 on Linux, at 49152 on macOS and Windows. */
const FIRST = 10_240
const LAST = 32_000
const EACH = 64

const begin = FIRST + (process.pid % Math.floor((LAST - FIRST) / EACH)) * EACH
let given = 0

export async function freePort() {
  for (let tries = 0; tries < LAST - FIRST; tries++) {
    const port = FIRST + ((begin - FIRST + given++) % (LAST - FIRST))
    if (await isFree(port)) return port
  }
  throw new Error('this machine has no free port')
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
