/**
 * A user of a company reaches an MCP server of another domain, from the company's
 * wiki. Nobody asks for consent: the company decides.
 *
 * Usage: node start.mjs [--ports LOGIN,COMPANY,CHAT]
 */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'

import { Client, CrossAppAccessProvider, StreamableHTTPClientTransport, discoverAndRequestJwtAuthGrant } from '@modelcontextprotocol/client'
import { createExchequer } from 'exchequer'

import { startChat } from './chat.mjs'
import { listen } from './http.mjs'
import { signIn, startLogin } from './login.mjs'

const at = process.argv.indexOf('--ports')
const ports = at < 0 ? [9444, 9445, 9446] : process.argv[at + 1].split(',').map(Number)
const [login, company, chat] = ports.map((port) => `http://127.0.0.1:${port}`)
const [secret, secretAtLogin, secretAtChat] = [0, 1, 2].map(() => randomBytes(16).toString('hex'))
Object.assign(process.env, { WIKI_SECRET: secret, WIKI_AT_CHAT_SECRET: secretAtChat, CHAT_SECRET: randomBytes(16).toString('hex') })

/** The document with the addresses that are really used. */
function document(name) {
  const text = readFileSync(new URL(name, import.meta.url), 'utf8')
  return JSON.parse(text.replaceAll('http://127.0.0.1:9444', login).replaceAll('http://127.0.0.1:9445', company).replaceAll('http://127.0.0.1:9446', chat))
}

const claims = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString())
const show = (title, { iss, aud, sub, client_id, scope }) => console.log(`${title}\n  ${JSON.stringify({ iss, aud, sub, client_id, scope })}`)

const sts = await createExchequer(document('company.json'))
const servers = [await startLogin(ports[0], secretAtLogin), await listen(ports[1], (request) => sts.fetch(request)), await startChat(ports[2], document('chat.json'))]

try {
  const idToken = await signIn(login, 'ada', secretAtLogin)
  show(`1. Ada signs in at the wiki, by ${login}`, claims(idToken))

  const authProvider = new CrossAppAccessProvider({
    clientId: 'wiki-at-chat',
    clientSecret: secretAtChat,
    expectedIssuer: chat,
    // The client found out by itself which server issues tokens for the MCP server.
    assertion: async ({ authorizationServerUrl, resourceUrl, scope, fetchFn }) => {
      const granted = await discoverAndRequestJwtAuthGrant({
        idpUrl: company,
        audience: authorizationServerUrl,
        resource: resourceUrl,
        idToken,
        clientId: 'wiki',
        clientSecret: secret,
        scope,
        fetchFn,
      })
      show(`2. The wiki gets a grant for chat, from the company's Exchequer at ${company}`, claims(granted.jwtAuthGrant))
      return granted.jwtAuthGrant
    },
  })
  const client = new Client({ name: 'wiki', version: '1.0.0' })
  await client.connect(new StreamableHTTPClientTransport(new URL(`${chat}/mcp`), { authProvider }))
  show(`3. With the grant it gets an access token, from chat's Exchequer at ${chat}`, claims(authProvider.tokens().access_token))

  const { content } = await client.callTool({ name: 'whoami', arguments: {} })
  console.log(`4. The MCP server says who is calling\n  ${content[0].text}`)
  await client.close()
} finally {
  for (const server of servers) {
    server.close()
    server.closeAllConnections()
  }
  await sts.close()
}
