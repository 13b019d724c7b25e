/** HTTP with a connection of its own for each request, and the path exactly as it is given. */
import { request as begin } from 'node:http'

/** Sends a request, from the address `from`; `started` gets it before it is answered, to end it early; one that is `unfinished` does not end its body. */
export function send(port, path, { method = 'GET', headers = {}, body, from, started = () => undefined, unfinished = false } = {}) {
  return new Promise((resolve, reject) => {
    const request = begin({ host: '127.0.0.1', port, path, method, headers, localAddress: from, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('error', reject)
      response.on('data', (data) => (text += data))
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text, json: parsed(text) }))
    })
    request.on('error', reject)
    if (unfinished) request.write(body)
    else request.end(body)
    started(request)
  })
}

export const bearer = (token) => ({ authorization: `Bearer ${token}` })

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
