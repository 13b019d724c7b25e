/** Exchequer behind `node:http`, with the limits a server on a network needs. */
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Exchequer } from '../exchequer.js'
import { nodeHandler } from './handler.js'

/** Where to listen. */
export interface ListenOptions {
  /** Default: `127.0.0.1`. */
  host?: string | undefined
  /** Default: 9443; 0 takes a free one. */
  port?: number | undefined
}

/** A server that listens. */
export interface Listening {
  /** Where it is reached: `http://127.0.0.1:9443`. */
  readonly url: string
  /** Takes no more connections, finishes the requests under way, and closes. Leaves the service open. */
  close(): Promise<void>
}

/** How long requests under way may take when the server closes. */
const GRACE_MS = 10_000

const LIMITS = {
  // A client that sends its request byte by byte is cut off.
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  connectionsCheckingInterval: 2_000,
  keepAliveTimeout: 60_000,
  maxHeaderSize: 32 * 1024,
}

/** Serves HTTP until it is closed. */
export async function listen(exchequer: Pick<Exchequer, 'handle'>, options: ListenOptions = {}): Promise<Listening> {
  const host = options.host ?? '127.0.0.1'
  const server = createServer(LIMITS, nodeHandler(exchequer))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 9443, host, resolve)
  })
  const { port, address, family } = server.address() as AddressInfo
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: () => close(server),
  }
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const impatience = setTimeout(() => server.closeAllConnections(), GRACE_MS)
  await closed
  clearTimeout(impatience)
}
