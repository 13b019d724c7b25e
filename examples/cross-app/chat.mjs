/**
 * The other domain: an MCP server, and the Exchequer that issues access tokens for
 * it, on one port. The MCP server is that of the official SDK.
 */
import { McpServer, createMcpHandler } from '@modelcontextprotocol/server'
import { AccessError, createExchequer } from 'exchequer'

import { listen } from './http.mjs'

/** Listens on a port; resolves to the server. */
export async function startChat(port, document) {
  const sts = await createExchequer(document)
  const mcp = `${document.issuer}/mcp`
  let caller

  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'chat', version: '1.0.0' })
    server.registerTool('whoami', { description: 'Says who is calling' }, () => ({
      content: [{ type: 'text', text: JSON.stringify(caller) }],
    }))
    return server
  })

  const server = await listen(port, async (request) => {
    if (new URL(request.url).pathname !== '/mcp') return sts.fetch(request)
    try {
      const { sub, email, client_id, scope } = await sts.authenticate(request, { audience: mcp, scopes: ['chat.read'] })
      caller = { sub, email, client_id, scope }
    } catch (error) {
      if (error instanceof AccessError) return error.response
      throw error
    }
    return handler.fetch(request)
  })
  server.on('close', () => sts.close())
  return server
}
