/** What the snippets of the READMEs are given: the names that they use and do not make. */
import http from 'node:http'

import { STS, config, issuer as makeIssuer } from './tokens.mjs'

process.env.DEPLOY_BOT_SECRET = 'a-secret-of-the-deploy-bot-0123456789'
const now = Math.floor(Date.now() / 1000)
const idp = await makeIssuer()
const token = await idp.token({ iat: now, exp: now + 600, repository_owner: 'octo-org' })
const document = config()
document.trustedTokenIssuers[0].certificate = { jwks: idp.jwks }
Object.assign(document.applications[0], { clientId: 'deploy-bot', scopes: ['deploy:read'] })

Object.assign(globalThis, {
  http,
  config: document,
  request: new Request(`${STS}/healthz`),
  subjectToken: token,
  token,
  jwks: idp.jwks,
  issuer: document.trustedTokenIssuers[0].issuer,
  audience: STS,
})
