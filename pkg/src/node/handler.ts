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
    const answer = (body: Uint8Array) => {
      try {
        const reply = exchequer.handle({
          method: request.method ?? 'GET',
          target: request.url ?? '/',
          headers: request.rawHeaders,
          body,
          peer: request.socket.remoteAddress,
          certificate: certificateOf(request.socket),
        })
        if (reply instanceof Promise) reply.then((late) => send(response, late)).catch(() => sendFailure(response))
        else send(response, reply)
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

/** Reads no more than the limit. A longer body is cut just behind it, for the engine to refuse. */
function readBody(request: IncomingMessage, response: ServerResponse, answer: (body: Uint8Array) => void): void {
  const limit = bodyLimit(request.url ?? '/')
  const chunks: Buffer[] = []
  let length = 0
  request.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    length += chunk.length
    if (length <= limit) return
    request.removeAllListeners('data').removeAllListeners('end').pause()
    // The rest is never read, so the connection is of no further use.
    response.setHeader('connection', 'close')
    response.on('finish', () => request.destroy())
    answer(Buffer.concat(chunks, limit + 1))
  })
  request.on('end', () => answer(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length)))
  // The client has gone: there is nobody to answer.
  request.on('error', () => undefined)
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  // Said here, or Node would send the body in chunks. The reply to HEAD does
  // not know how long the body would have been.
  if (status !== 204 && status !== 304 && response.req.method !== 'HEAD') headers.push('content-length', String(body.length))
  response.writeHead(status, headers)
  response.end(body)
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
