/** Requests over connections that are kept, several at once. */
import { Agent, request as begin } from 'node:http'

/** How many requests are under way at once. */
const AT_ONCE = 8

/** A client that sends to one port of this machine. */
export function client(port) {
  const sender = (agent) => ({ path, method = 'GET', headers = {}, body }) =>
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
    /** Sends one request over a connection of its own. */
    send: sender(false),
    /**
     * Sends all of them; throws unless each is answered with 200. It closes its
     * connections at the end, because a server closes one that stays idle until the
     * next round.
     */
    async flood(requests) {
      const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
      const send = sender(agent)
      let next = 0
      const one = async () => {
        while (next < requests.length) {
          const reply = await send(requests[next++])
          if (reply.status !== 200) throw new Error(`${reply.status}: ${reply.text.slice(0, 300)}`)
        }
      }
      try {
        await Promise.all(Array.from({ length: AT_ONCE }, one))
      } finally {
        agent.destroy()
      }
    },
  }
}

export const bearer = (token) => ({ authorization: `Bearer ${token}` })
