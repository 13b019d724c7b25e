/**
 * A port of 127.0.0.1 that nobody listens on now, and that nobody gets by
 * accident before a server of the test takes it: it is none of those that the
 * system hands out to whoever asks for any port, or connects somewhere. Each
 * process has some of its own, and hands out none twice in a row.
 */
import { createServer } from 'node:net'

/** Below what Linux (32768), macOS and Windows (49152) hand out. */
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
