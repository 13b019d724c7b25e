/** What a token endpoint answered, for a pipe, for a program, or for a person. */
import { FAILED } from './command.js'
import type { TokenRefusal } from './endpoint.js'
import { unverifiedClaims } from './input.js'
import { colours, printable, printableJson, table } from './terminal.js'

export function printToken(reply: Record<string, unknown>, json: boolean): void {
  const token = String(reply['access_token'])
  if (json) console.log(JSON.stringify(reply))
  else if (process.stdout.isTTY !== true) console.log(token)
  else printSummary(reply, unverifiedClaims(token))
}

function printSummary(reply: Record<string, unknown>, claims: Record<string, unknown> | undefined): void {
  const { good, faint } = colours(process.stdout)
  const text = (name: string) => (reply[name] === undefined ? undefined : String(reply[name]))
  console.log(`${good('✓')} exchanged`)
  console.log(
    table([
      ['type', text('issued_token_type')?.replace('urn:ietf:params:oauth:token-type:', '')],
      ['use as', text('token_type')],
      ['for', reply['expires_in'] === undefined ? undefined : `${text('expires_in')} seconds`],
      ['scope', text('scope')],
      ['beside', reply['refresh_token'] === undefined ? undefined : 'a refresh token'],
    ]),
  )
  if (claims !== undefined) console.log(`\n${printableJson(claims)}`)
  console.log(`\n${faint('the token itself: pipe this somewhere, or say --json')}`)
}

/** What to look at for each error (RFC 6749 section 5.2, RFC 8693 section 2.2.2, RFC 8707 section 2). */
const HINTS: Record<string, string> = {
  invalid_client: 'check the client id and its secret, and how it authenticates (--auth)',
  invalid_grant: 'the token was not accepted: it may have expired, been used, or be meant for somebody else',
  invalid_request: 'if the message speaks of the token: look at its issuer, audience and expiry; else at the parameters',
  invalid_scope: 'the application may not have these scopes; ask for fewer',
  invalid_target: 'the application may not have tokens for this audience or resource',
  unauthorized_client: 'allow the grant type for the application at the server',
  unsupported_grant_type: 'the server does not have this grant, or it is not switched on; see grant_types_supported of its metadata',
  invalid_dpop_proof: 'the application has to prove a key (--dpop-key-file), or this machine’s clock is wrong',
  access_denied: 'the subject may not: the account may be locked or disabled',
  temporarily_unavailable: 'try again in a while: the server, or the keys of the token’s issuer, cannot be reached',
}

export function printTokenError(refusal: TokenRefusal, json: boolean): 1 {
  const { status, error, error_description: description, ...more } = refusal
  const hint = HINTS[error]
  if (json) {
    console.log(JSON.stringify({ ok: false, error, error_description: description, ...more, status, hint }))
    return FAILED
  }
  const { bad, faint } = colours(process.stderr)
  console.error(`${bad('✗')} ${printable(error)}${description === undefined ? '' : `: ${printable(String(description))}`} (HTTP ${status})`)
  if (hint !== undefined) console.error(faint(`  hint: ${hint}`))
  return FAILED
}
