/** Exchequer behind `node:http`, with the limits a server on a network needs. */
import { type Server, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

import { type Names, checkMembers } from '../members.js'
import { type Answering, nodeHandler } from './handler.js'

/** Where to listen, and how long others may take. */
export interface ListenOptions {
  /** Default: `127.0.0.1`. */
  host?: string | undefined
  /** Default: 9443; 0 takes a free one. */
  port?: number | undefined
  /**
   * How long a client may take to send a request, half of it for the head, and to read the
   * reply, in milliseconds. Then its connection is closed. Default: 20000.
   */
  clientTimeoutMs?: number | undefined
  /** How long a connection without a request stays open, in milliseconds. Default: 60000. */
  idleTimeoutMs?: number | undefined
  /** How long requests under way may take when the server closes, in milliseconds. Default: 10000. */
  graceMs?: number | undefined
}

/** A server that listens. */
export interface Listening {
  /** Where it is reached: `http://127.0.0.1:9443`. */
  readonly url: string
  /** Takes no more connections, finishes the requests under way, and closes. Leaves the service open. */
  close(): Promise<void>
}

const OPTIONS: Names<ListenOptions> = { host: true, port: true, clientTimeoutMs: true, idleTimeoutMs: true, graceMs: true }

const MAX_HEADER_BYTES = 32 * 1024

/** Serves HTTP until it is closed. */
export async function listen(exchequer: Answering, options: ListenOptions = {}): Promise<Listening> {
  checkMembers('listen', options, OPTIONS)
  const { host = '127.0.0.1', port: wanted = 9443, clientTimeoutMs = 20_000, idleTimeoutMs = 60_000, graceMs = 10_000 } = options
  const limits = {
    headersTimeout: clientTimeoutMs / 2,
    requestTimeout: clientTimeoutMs,
    // How often Node looks who is late.
    connectionsCheckingInterval: Math.min(2_000, clientTimeoutMs / 10),
    keepAliveTimeout: idleTimeoutMs,
    maxHeaderSize: MAX_HEADER_BYTES,
  }
  const handler = nodeHandler(exchequer)
  const underWay = new Set<ServerResponse>()
  const connections = new Set<Socket>()
  const server = createServer(limits, (request, response) => {
    underWay.add(response)
    response.once('close', () => underWay.delete(response))
    response.once('prefinish', () => cutOffSlowReader(response, clientTimeoutMs))
    if (!server.listening) response.shouldKeepAlive = false
    handler(request, response)
  })
  server.on('connection', (socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(wanted, host, resolve)
  })
  const { port, address, family } = server.address() as AddressInfo
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: () => close(server, { underWay, connections }, graceMs),
  }
}

/** Most replies are with the operating system by now. The others wait for a client that reads. */
function cutOffSlowReader(response: ServerResponse, milliseconds: number): void {
  const { socket } = response
  if (socket === null || socket.writableLength === 0) return
  const late = setTimeout(() => socket.destroy(), milliseconds)
  response.once('close', () => clearTimeout(late))
}

interface Open {
  underWay: Set<ServerResponse>
  connections: Set<Socket>
}

async function close(server: Server, { underWay, connections }: Open, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  // Their replies tell the clients that nothing more is taken on these connections.
  for (const response of underWay) response.shouldKeepAlive = false
  server.closeIdleConnections()
  // Node leaves out those on which nothing was ever sent. What has come by now is read first.
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  for (const socket of connections) if (socket.bytesRead === 0) socket.destroy()
  const impatience = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearTimeout(impatience)
}
