/** Requests over connections that are kept, several at once. */
import { Agent, request as begin } from 'node:http'

/** How many requests are under way at once. */
const AT_ONCE = 8

/** A client that sends to one port; `close` ends its connections. */
export function client(port) {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
  const send = ({ path, method = 'GET', headers = {}, body }) =>
    new Promise((resolve, reject) => {
      const request = begin({ host: '127.0.0.1', port, path, method, headers, agent }, (response) => {
        const parts = []
        response.on('error', reject)
        response.on('data', (part) => parts.push(part))
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(parts).toString() }))
      })
      request.on('error', reject)
      request.end(body)
    })
  return {
    send,
    /** Sends all of them; throws unless each is answered with `status`. */
    async flood(requests, status = 200) {
      let next = 0
      const one = async () => {
        while (next < requests.length) {
          const reply = await send(requests[next++])
          if (reply.status !== status) throw new Error(`${reply.status} in the place of ${status}: ${reply.text.slice(0, 300)}`)
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, one))
    },
    close: () => agent.destroy(),
  }
}

export const bearer = (token) => ({ authorization: `Bearer ${token}` })
