/** `exchequer explain`: how a token request would be decided, and why. */
import { parseArgs } from 'node:util'

import { ConfigurationError } from '../errors.js'
import type { TokenRequest } from '../exchange.js'
import { type Command, type ExitCode, FAILED, UsageError, WRONG_USAGE, failure, printProblems } from './command.js'
import { printExplained } from './explained.js'
import { Input, tokenType, unverifiedClaims } from './input.js'
import { type Document, type DocumentApplication, type Rehearsal, rehearse } from './rehearsal.js'
import { StoreError, storeOpener } from './stores.js'
import { waiting } from './terminal.js'

const usage = 'exchequer explain --config FILE [--client ID] [--json] TOKEN|-|@FILE|--client-credentials'

const HELP = `usage: ${usage}

Says how a token request would be decided, and why: every check in order, the
reason for a refusal with its remedy, or what would be issued. Nothing is
minted and nothing stored. No secret is needed, and the token is never printed.

  --config FILE          the configuration document
  --client ID            the application that would ask; may be left out when
                         only one can be meant
  --assertion            as JWT bearer assertion (RFC 7523) instead of as
                         subject token of a token exchange (RFC 8693)
  --client-credentials   about the application itself (RFC 6749 section 4.4),
                         without a token
  --type TYPE            what the token is: jwt (default), id_token,
                         access_token, refresh_token, or a URN
  --actor -|@FILE        an actor token
  --actor-type TYPE      what that is (default: jwt)
  --audience NAME        the audience asked for; may stand several times
  --resource URL         the resource asked for; may stand several times
  --scope "SCOPE …"      the scopes asked for
  --requested-type TYPE  the token type asked for
  --jwks FILE            the issuer's keys, a JWK set, in the place of the network
  --store STORE          the store of a server, as for \`serve\`: what was made
                         there by the administration API counts, too
  --json                 the answer of POST /oauth2/explain, as it is

Examples:

  exchequer explain --config exchequer.json - < token.jwt
  exchequer explain --config exchequer.json --client deploy-bot --scope deploy:read @token.jwt
  exchequer explain --config exchequer.json --assertion --jwks keys.json --json @id_token.jwt

Exit code: 0 it would be granted, 1 it would be refused, 2 wrong usage or configuration.`

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const CLIENT_CREDENTIALS = 'client_credentials'
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

const options = {
  config: { type: 'string' },
  client: { type: 'string' },
  assertion: { type: 'boolean', default: false },
  'client-credentials': { type: 'boolean', default: false },
  type: { type: 'string', default: 'jwt' },
  actor: { type: 'string' },
  'actor-type': { type: 'string', default: 'jwt' },
  audience: { type: 'string', multiple: true },
  resource: { type: 'string', multiple: true },
  scope: { type: 'string' },
  'requested-type': { type: 'string' },
  jwks: { type: 'string' },
  store: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h' },
} as const

export const explain: Command = {
  name: 'explain',
  summary: 'says why a token would be granted or refused, check by check',
  usage,
  async run(args) {
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options })
    if (values.help) {
      console.log(HELP)
      return 0
    }
    const { config, json } = values
    const [given, ...more] = positionals
    if (config === undefined) throw new UsageError('`--config FILE` is missing')
    const aboutItself = values['client-credentials']
    if (aboutItself && (given !== undefined || values.assertion || values.actor !== undefined)) {
      throw new UsageError('with `--client-credentials` there is no token')
    }
    if (!aboutItself && (given === undefined || more.length > 0)) throw new UsageError('`explain` takes one token: itself, `-` or `@FILE`')
    const input = new Input()
    const token = given === undefined ? '' : input.tokenOrText('TOKEN', given)
    const actor = values.actor === undefined ? undefined : input.token('--actor', values.actor)
    const grant = aboutItself ? CLIENT_CREDENTIALS : values.assertion ? JWT_BEARER : TOKEN_EXCHANGE

    // What a store keeps is for its owner alone.
    process.umask(0o077)
    let rehearsal: Rehearsal | undefined
    try {
      const open = values.store === undefined ? undefined : storeOpener(values.store)
      rehearsal = await rehearse(config, { open, jwks: values.jwks })
      const client = values.client ?? theOnlyClient(rehearsal.document, grant, token)
      const { audience, resource, scope } = values
      const target = { clientId: client, audience, resource, scope }
      let request: TokenRequest
      if (aboutItself) request = { ...target, grantType: CLIENT_CREDENTIALS }
      else if (values.assertion) request = { ...target, assertion: token }
      else {
        request = {
          ...target,
          subjectToken: token,
          subjectTokenType: tokenType(values.type),
          actorToken: actor,
          actorTokenType: actor === undefined ? undefined : tokenType(values['actor-type']),
          requestedTokenType: values['requested-type'] === undefined ? undefined : tokenType(values['requested-type']),
        }
      }
      const explained = await waiting('asking for the issuer’s keys', rehearsal.exchequer.explain(request))
      if (json) console.log(JSON.stringify(explained))
      else printExplained(explained, client)
      return explained.granted ? 0 : FAILED
    } catch (error) {
      return explainFailure(error, config, json)
    } finally {
      await rehearsal?.exchequer.close()
    }
  },
}

function explainFailure(error: unknown, config: string, json: boolean): ExitCode {
  if (error instanceof ConfigurationError) {
    printProblems(config, error.problems, json)
    return WRONG_USAGE
  }
  if (!(error instanceof StoreError)) throw error
  return failure(error.message, json)
}

/** The application that must be meant: the only one, best of those that may exchange tokens of the issuer. */
function theOnlyClient(document: Document, grant: string, token: string): string {
  const applications = (document.applications ?? []).filter(({ grantTypes }) => grantTypes?.includes(grant))
  const iss = unverifiedClaims(token)?.['iss']
  const issuer = document.trustedTokenIssuers?.find((one) => one.issuer === iss)?.name
  const grantedTo = applications.filter((application) => issuer !== undefined && mayExchange(application, issuer))
  const meant = grantedTo.length > 0 ? grantedTo : applications
  const [only] = meant
  if (meant.length === 1 && only?.clientId !== undefined) return only.clientId
  if (meant.length === 0) {
    throw new UsageError('`--client ID` is missing: no application of the configuration may use this grant; see `--assertion`')
  }
  const named = meant.map(({ clientId, name }) => `\n  ${clientId}${name === undefined ? '' : `  ${name}`}`).join('')
  throw new UsageError(`\`--client ID\` is missing, and several applications could be meant:${named}`)
}

function mayExchange({ trustedTokenIssuers = [] }: DocumentApplication, issuer: string): boolean {
  return trustedTokenIssuers.some((one) => (typeof one === 'string' ? one : one.name) === issuer)
}
