/**
 * A request handler for `node:http`, for Express, Fastify and the like: bytes
 * straight into the engine, without Request and Response objects between.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'

import type { Reply } from '../engine.js'
import type { Exchequer } from '../exchequer.js'
import { bodyLimit } from '../head.js'
import type { ClientCertificate } from '../options.js'
import { serveConsole } from './console.js'

const NOTHING = new Uint8Array()

/**
 * How long the rest of a body that is too long is read and thrown away, in milliseconds: a
 * client may lose a reply when its connection is closed before it has sent everything (RFC
 * 9112 section 9.6).
 */
const LINGER_MS = 2_000

/** What answers, and hears of errors. */
export type Answering = Pick<Exchequer, 'handle'> & Partial<Pick<Exchequer, 'report'>>

/**
 * The handler; it answers every request, those for the console at /console/ too. It reads the body
 * of a request itself, so it comes before body parsers.
 */
export function nodeHandler(exchequer: Answering): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    request.url = originForm(request.url)
    if (serveConsole(request, response)) return
    const answer = (body: Uint8Array, rest?: IncomingMessage) => {
      try {
        const reply = exchequer.handle({
          method: request.method ?? 'GET',
          target: request.url ?? '/',
          headers: request.rawHeaders,
          body,
          peer: request.socket.remoteAddress,
          certificate: certificateOf(request.socket),
        })
        if (reply instanceof Promise) reply.then((late) => send(response, late, rest)).catch(() => sendFailure(response))
        else send(response, reply, rest)
      } catch {
        sendFailure(response)
      }
    }
    if (!hasBody(request)) return answer(NOTHING)
    if (!wasRead(request)) return readBody(request, response, answer)
    exchequer.report?.(new Error(`${READ_BEFORE}: mount nodeHandler before body parsers`))
    sendFailure(response, READ_BEFORE)
  }
}

/** The certificate that the client showed, if the connection has TLS; Node verified its chain if `authorized` says so. */
function certificateOf(socket: Socket | TLSSocket): ClientCertificate | undefined {
  if (!('getPeerX509Certificate' in socket)) return undefined
  const certificate = socket.getPeerX509Certificate()
  return certificate && { der: certificate.raw, verified: socket.authorized }
}

/**
 * Path and query of a target in absolute form, which "a server MUST accept" (RFC
 * 9112 section 3.2.2): clients send it that take this server for a proxy.
 */
function originForm(target = '/'): string {
  const path = /^https?:\/\/[^/?]*(.*)$/is.exec(target)?.[1]
  if (path === undefined) return target
  return path.startsWith('/') ? path : `/${path}`
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}

const READ_BEFORE = 'the body of the request was read before nodeHandler got it'

/** Whether something else has read the body, as body parsers do: nothing more would ever come. */
function wasRead(request: IncomingMessage): boolean {
  return request.readableDidRead || request.readableEnded
}

/** Keeps no more than the limit. A longer body is cut just behind it, for the engine to refuse. */
function readBody(request: IncomingMessage, response: ServerResponse, answer: (body: Uint8Array, rest?: IncomingMessage) => void): void {
  const limit = bodyLimit(request.url ?? '/')
  const chunks: Buffer[] = []
  let length = 0
  const whole = () => answer(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length))
  const more = (chunk: Buffer) => {
    chunks.push(chunk)
    length += chunk.length
    if (length <= limit) return
    request.off('data', more).off('end', whole)
    // Who sends so much may go on for ever: no other request follows on this connection.
    response.setHeader('connection', 'close')
    answer(Buffer.concat(chunks, limit + 1), request)
  }
  request.on('data', more).on('end', whole)
  // The client has gone: there is nobody to answer.
  request.on('error', () => undefined)
}

/** Sends a reply, and ends it after the `rest` of a request that is too long. */
function send(response: ServerResponse, { status, headers, body }: Reply, rest?: IncomingMessage): void {
  // Said here, or Node would send the body in chunks. The reply to HEAD does
  // not know how long the body would have been.
  if (status !== 204 && status !== 304 && response.req.method !== 'HEAD') headers.push('content-length', String(body.length))
  response.writeHead(status, headers)
  if (rest === undefined) return void response.end(body)
  response.write(body)
  void thrownAway(rest).then(() => response.end())
}

/** Reads what is left of a body, until it ends or `LINGER_MS` have passed. */
function thrownAway(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    if (request.readableEnded || request.destroyed) return resolve()
    const late = setTimeout(resolve, LINGER_MS)
    request.once('close', () => clearTimeout(late))
    request.once('close', resolve).once('end', resolve).resume()
  })
}

function sendFailure(response: ServerResponse, description?: string): void {
  if (response.headersSent) return void response.destroy()
  send(response, {
    status: 500,
    headers: ['content-type', 'application/json', 'cache-control', 'no-store'],
    body: new TextEncoder().encode(JSON.stringify({ error: 'server_error', error_description: description })),
    reason: undefined,
    claim: undefined,
    audit: undefined,
  })
}
