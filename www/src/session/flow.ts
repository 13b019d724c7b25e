/**
 * Signing in at a trusted token issuer: OpenID Connect, the authorization code flow
 * with PKCE. The ID token is exchanged at the token endpoint of this server, like
 * that of any other client; what it counts for is decided there.
 */
import { signal } from '@preact/signals'

import { Refused, send } from '../api.ts'
import { TOKEN_EXCHANGE } from '../model.ts'
import { decoded } from '../playground/jwt.ts'
import { unsaved } from '../route.ts'
import { t } from '../texts/index.ts'
import { type Place, place, SIGN_IN } from './place.ts'
import { keepPending, type Returned } from './returned.ts'
import { ADMIN_SCOPES } from './rights.tsx'
import { begin, resume } from './session.ts'

/** What the console may need. Whoever has less gets less. */
const SCOPES = [...ADMIN_SCOPES, 'exchequer:links'].join(' ')

/** Somebody has returned from the issuer, and the tokens are on their way. */
export const isSigningIn = signal(false)
/** Why signing in failed. */
export const failure = signal<unknown>(undefined)

const redirectUri = () => location.origin + location.pathname

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
}

const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)))

/** Goes to the issuer. What was typed and not saved is there again afterwards. */
export async function signInAt({ authorizationEndpoint, clientId }: Place): Promise<void> {
  const pending = { state: random(), nonce: random(), verifier: random(), hash: location.hash }
  keepPending(pending)
  const challenge = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(pending.verifier))
  const url = new URL(authorizationEndpoint)
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri(),
    scope: 'openid profile email',
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: base64url(new Uint8Array(challenge)),
    code_challenge_method: 'S256',
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  // The form is kept for this tab: the browser need not ask.
  unsaved.value = false
  location.assign(url)
}

/** Ends the sign-in that the issuer returned from; without one, goes on with the session of this tab. Never rejects. */
export async function finish(returned: Returned | undefined): Promise<void> {
  if (returned === undefined) return resume()
  isSigningIn.value = true
  try {
    await tokens(returned)
  } catch (error) {
    failure.value = error
    resume()
  } finally {
    isSigningIn.value = false
  }
}

async function tokens({ query, pending }: Returned): Promise<void> {
  const words = t().signIn
  if (pending === undefined || query.get('state') !== pending.state) throw new Error(words.notBegunHere)
  const there = await place()
  if (there === undefined) throw new Error(words.notConfigured)
  // "Clients that support this specification MUST extract the value of the iss
  // parameter" and compare it (RFC 9207 section 2.4).
  const iss = query.get('iss')
  if (iss !== null && iss !== there.issuer) throw new Error(words.otherIssuer(there.name))
  const error = query.get('error')
  if (error !== null) throw new Error(words.refusedThere(there.name, error))
  const { body } = await send<{ idToken: string }>('POST', SIGN_IN, { code: query.get('code'), codeVerifier: pending.verifier, redirectUri: redirectUri() })
  const claims = decoded(body.idToken).payload ?? {}
  if (claims['nonce'] !== pending.nonce) throw new Error(words.notBegunHere)
  const issued = await exchange(body.idToken, there.application).catch((error: unknown) => {
    if (!(error instanceof Refused) || error.status >= 500 || error.status === 0) throw error
    const said = `${words.noAccess(there.name, String(claims['sub']))}\n${error.message}`
    throw new Refused(403, said, { traceId: error.traceId })
  })
  const name = [claims['name'], claims['preferred_username'], claims['email']].find((one): one is string => typeof one === 'string' && one !== '')
  begin({
    token: issued.access_token,
    isAdministrator: (issued.scope ?? '').split(' ').some((scope) => ADMIN_SCOPES.includes(scope)),
    name,
    ends: Date.now() / 1000 + (issued.expires_in ?? 0),
    application: there.application,
  })
}

interface Issued {
  access_token: string
  expires_in?: number
  scope?: string
}

async function exchange(idToken: string, application: string): Promise<Issued> {
  const form = new URLSearchParams({
    grant_type: TOKEN_EXCHANGE,
    client_id: application,
    subject_token: idToken,
    subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
    scope: SCOPES,
  })
  const ask = async () => (await send<Issued>('POST', 'oauth2/token', form)).body
  try {
    return await ask()
  } catch (error) {
    // None of the scopes is for this person: My account may need none.
    if (!(error instanceof Refused) || error.code !== 'invalid_scope') throw error
    form.delete('scope')
    return await ask()
  }
}
