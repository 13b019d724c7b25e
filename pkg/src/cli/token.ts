/** `exchequer token`: exchanges a token at any token endpoint that has the grant. */
import { parseArgs } from 'node:util'

import { type Command, UsageError, failure } from './command.js'
import { type Credentials, type PlatformToken, clientKey } from './credentials.js'
import { EndpointError, exchangeAt, tokenEndpoint, webUrl } from './endpoint.js'
import { Input, fromFile, tokenType } from './input.js'
import { waiting } from './terminal.js'
import { printToken, printTokenError } from './tokens.js'

const usage =
  'exchequer token URL --client ID [--secret-env NAME|--secret-file FILE|--key-file FILE|--assertion-file FILE|--svid-file FILE] [--subject-token -|@FILE] [--audience NAME] [--scope SCOPES] [--json]'

const HELP = `usage: ${usage}

Exchanges a token (RFC 8693, or RFC 7523 with --grant jwt-bearer) at any
server that has the grant; or gets a token about the application itself with
--grant client_credentials (RFC 6749 section 4.4), which needs no token. URL is the server's issuer, whose metadata name the
token endpoint (RFC 8414), or the token endpoint itself if it ends in /token.

Piped, it prints the access token and nothing else; on a terminal, what was
issued without the token.

  --client ID                  the application that asks
  --secret-env NAME            its secret, in the environment variable NAME
  --secret-file FILE           its secret, in a file
  --key-file FILE              its private key, a JWK in a file: private_key_jwt
  --assertion-file FILE        a token that its platform gave it, as client assertion:
                               of a Kubernetes service account, of a CI job
  --svid-file FILE             the same for a JWT-SVID of SPIFFE
  --dpop-key-file FILE         the private key that the token is bound to, a JWK in
                               a file (RFC 9449)
  --subject-token -|@FILE      the token to exchange: standard input, or a file
  --subject-token-type TYPE    what it is: jwt (default), id_token, access_token,
                               refresh_token, saml2, or a URN
  --actor-token -|@FILE        the token of who acts for the subject
  --actor-token-type TYPE      what that is (default: jwt)
  --requested-token-type TYPE  what to get
  --audience NAME              whom it is for; may stand several times
  --resource URL               where it is to be used; may stand several times
  --scope "SCOPE …"            what it shall be good for
  --grant GRANT                token-exchange (default), jwt-bearer or
                               client_credentials
  --auth basic|post            how to authenticate (default: what the metadata
                               name, else basic)
  --endpoint                   URL is the token endpoint, whatever it ends in
  --danger-allow-http          send tokens over plain http to another machine
  --json                       the server's answer as it is

Examples:

  exchequer token https://sts.example.com --client deploy-bot --secret-env DEPLOY_BOT_SECRET \\
    --subject-token @/var/run/secrets/tokens/sts --scope deploy:read
  curl -H "Authorization: Bearer $(exchequer token … --subject-token - < token.jwt)" https://api.example.com

Exit code: 0 exchanged, 1 refused or failed, 2 wrong usage.`

const GRANTS: Record<string, string> = {
  'token-exchange': 'urn:ietf:params:oauth:grant-type:token-exchange',
  'jwt-bearer': 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  client_credentials: 'client_credentials',
}

const options = {
  client: { type: 'string' },
  'secret-env': { type: 'string' },
  'secret-file': { type: 'string' },
  'key-file': { type: 'string' },
  'assertion-file': { type: 'string' },
  'svid-file': { type: 'string' },
  'dpop-key-file': { type: 'string' },
  'subject-token': { type: 'string' },
  'subject-token-type': { type: 'string' },
  'actor-token': { type: 'string' },
  'actor-token-type': { type: 'string' },
  'requested-token-type': { type: 'string' },
  audience: { type: 'string', multiple: true },
  resource: { type: 'string', multiple: true },
  scope: { type: 'string' },
  grant: { type: 'string', default: 'token-exchange' },
  auth: { type: 'string' },
  endpoint: { type: 'boolean', default: false },
  'danger-allow-http': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h' },
} as const

type Values = ReturnType<typeof parse>['values']

function parse(args: string[]) {
  return parseArgs({ args, allowPositionals: true, options })
}

export const token: Command = {
  name: 'token',
  summary: 'gets a token at any token endpoint, most often for another token',
  usage,
  async run(args) {
    const { values, positionals } = parse(args)
    if (values.help) {
      console.log(HELP)
      return 0
    }
    const [given, ...more] = positionals
    if (given === undefined || more.length > 0) throw new UsageError('`token` takes one URL: of an issuer, or of a token endpoint')
    const url = webUrl(given, values['danger-allow-http'])
    const credentials = credentialsOf(values)
    const form = formOf(values)
    const dpopKeyFile = values['dpop-key-file']
    const dpopKey = dpopKeyFile === undefined ? undefined : clientKey('--dpop-key-file', fromFile('--dpop-key-file', dpopKeyFile))
    try {
      const known = values.endpoint || /\/token\/?$/.test(url.pathname)
      const exchanged = waiting(`asking ${url.host}`, (async () => {
        const endpoint = known ? { url } : await tokenEndpoint(url, values['danger-allow-http'])
        return exchangeAt(endpoint, credentials, form, dpopKey)
      })())
      printToken(await exchanged, values.json)
      return 0
    } catch (error) {
      if (!(error instanceof EndpointError)) throw error
      if (error.refusal === undefined) return failure(error.message, values.json)
      return printTokenError(error.refusal, values.json)
    }
  },
}

function credentialsOf(values: Values): Credentials {
  const { client, auth, 'secret-env': variable, 'secret-file': file, 'key-file': keyFile } = values
  if (client === undefined) throw new UsageError('`--client ID` is missing')
  const ways = ['secret-env', 'secret-file', 'key-file', 'assertion-file', 'svid-file'] as const
  if (ways.filter((one) => values[one] !== undefined).length > 1) {
    throw new UsageError('give one of `--secret-env`, `--secret-file`, `--key-file`, `--assertion-file` and `--svid-file`')
  }
  const platform = platformToken(values)
  if (platform !== undefined) {
    if (auth !== undefined) throw new UsageError('`--auth` is for a secret, not for an assertion')
    return { client, platform, auth }
  }
  if (auth !== undefined && auth !== 'basic' && auth !== 'post') throw new UsageError(`\`${auth}\` is neither basic nor post`)
  if (keyFile !== undefined) {
    if (auth !== undefined) throw new UsageError('`--auth` is for a secret, not for `--key-file`')
    return { client, key: clientKey('--key-file', fromFile('--key-file', keyFile)), auth }
  }
  if (file !== undefined) return { client, secret: fromFile('--secret-file', file), auth }
  if (variable === undefined) return { client, auth }
  const secret = process.env[variable]
  if (!secret) throw new UsageError(`the environment variable ${variable} is not set`)
  return { client, secret, auth }
}

/** The token that the platform of the client gave it. */
function platformToken(values: Values): PlatformToken | undefined {
  for (const [flag, type] of [['assertion-file', 'jwt-bearer'], ['svid-file', 'jwt-spiffe']] as const) {
    const file = values[flag]
    if (file !== undefined) return { type, token: fromFile(`--${flag}`, file) }
  }
  return undefined
}

function formOf(values: Values): URLSearchParams {
  const { grant } = values
  const grantType = GRANTS[grant] ?? Object.values(GRANTS).find((one) => one === grant)
  if (grantType === undefined) throw new UsageError(`\`${grant}\` is none of ${Object.keys(GRANTS).join(', ')}`)
  const form = new URLSearchParams({ grant_type: grantType })
  putTokens(form, grantType, values)
  for (const audience of values.audience ?? []) form.append('audience', audience)
  for (const resource of values.resource ?? []) form.append('resource', resource)
  if (values.scope !== undefined) form.set('scope', values.scope)
  return form
}

/** The tokens that a grant takes, and their types. */
function putTokens(form: URLSearchParams, grantType: string, values: Values): void {
  if (grantType !== GRANTS['token-exchange']) {
    const others = ['subject-token-type', 'actor-token', 'actor-token-type', 'requested-token-type'] as const
    const unfit = grantType === GRANTS['client_credentials'] ? (['subject-token', ...others] as const) : others
    for (const name of unfit) {
      if (values[name] !== undefined) throw new UsageError(`\`--${name}\` is not for --grant ${values.grant}`)
    }
  }
  if (grantType === GRANTS['client_credentials']) return
  if (values['subject-token'] === undefined) throw new UsageError('`--subject-token -|@FILE` is missing')
  const input = new Input()
  const subject = input.token('--subject-token', values['subject-token'])
  if (grantType === GRANTS['jwt-bearer']) {
    form.set('assertion', subject)
    return
  }
  form.set('subject_token', subject)
  form.set('subject_token_type', tokenType(values['subject-token-type'] ?? 'jwt'))
  if (values['actor-token'] !== undefined) {
    form.set('actor_token', input.token('--actor-token', values['actor-token']))
    form.set('actor_token_type', tokenType(values['actor-token-type'] ?? 'jwt'))
  }
  if (values['requested-token-type'] !== undefined) form.set('requested_token_type', tokenType(values['requested-token-type']))
}
