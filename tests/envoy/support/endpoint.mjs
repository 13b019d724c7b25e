/** A token endpoint of somebody else (RFC 8693), which can be held back, say too much, or be gone. */
import { once } from 'node:events'
import { createServer } from 'node:http'

export class TokenEndpoint {
  /** Subject tokens that were brought. */
  brought = []
  /** While it is set, answers wait for it. */
  held
  /** As many requests find their connection closed. */
  losing = 0
  /** What its answers are followed by. */
  padding = ''
  #server

  constructor(port) {
    this.port = port
  }

  async start() {
    this.#server = createServer(async (request, response) => {
      if (this.losing > 0) {
        this.losing -= 1
        return request.socket.destroy()
      }
      let body = ''
      for await (const chunk of request) body += chunk
      this.brought.push(new URLSearchParams(body).get('subject_token'))
      await this.held
      const issued = { access_token: `issued-${this.brought.length}`, token_type: 'Bearer', expires_in: 300 }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(issued) + this.padding)
    }).listen(this.port, '127.0.0.1')
    await once(this.#server, 'listening')
    return this
  }

  async stop() {
    if (this.#server === undefined) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
    this.#server = undefined
  }
}
