/** The same token again, its twins in between, and what changes meanwhile: with the caches of tokens on. */
import { from, granted, refused, suite } from '../case.mjs'
import { NOW, b64, jwt } from '../token.mjs'

const config = 'caching'
const rejected = 'subject_token.signature.rejected'
const notFound = 'subject_token.key.not_found'
const forbidden = 'subject_token.header.alg.forbidden'

/** The token that is repeated; its twins have parts of it. */
const spec = { key: 'idp-rs2048', claims: { exp: NOW + 4000 } }
const good = granted({ token: spec })

/** A token whose parts are changed; the signature is the good one's. */
async function twin(change) {
  const { text } = await jwt(spec)
  return { text: change(text.split('.')).join('.') }
}

const json = (part, more) => b64(JSON.stringify({ ...JSON.parse(Buffer.from(part, 'base64url')), ...more }))
const header = (more) => twin(([head, ...rest]) => [json(head, more), ...rest])
const claims = (more) => twin(([head, body, signature]) => [head, json(body, more), signature])
const bytes = (change) => twin(([head, body, signature]) => {
  const changed = Buffer.from(signature, 'base64url')
  change(changed)
  return [head, body, b64(changed)]
})

const TWINS = {
  'signature-first-bit': ['One bit at the beginning of the signature is another; its end is the same', rejected, bytes((all) => { all[1] ^= 1 })],
  'signature-last-bit': ['The last bit of the signature is another', rejected, bytes((all) => { all[all.length - 1] ^= 1 })],
  'header-member': ['A member was added to the header', rejected, header({ x: 1 })],
  'header-bit': ['One bit of the header is another', notFound, header({ kid: 'idp-rs2049' })],
  'payload-subject': ['Another subject', rejected, claims({ sub: 'user-43' })],
  'payload-expiry': ['A later end', rejected, claims({ exp: NOW + 400_000 })],
  'payload-issuer-with-the-same-kid': ['Another issuer, which has another key of the same name', rejected, claims({ iss: 'https://globex.example' })],
  'algorithm-rs512': ['Another algorithm of the same key', rejected, header({ alg: 'RS512' })],
  'algorithm-ps256': ['Another algorithm of the same key', rejected, header({ alg: 'PS256' })],
  'algorithm-es256': ['An algorithm of another kind of key', notFound, header({ alg: 'ES256' })],
  'algorithm-hs256': ['An algorithm with a shared secret', forbidden, header({ alg: 'HS256' })],
  'algorithm-none': ['No algorithm', forbidden, header({ alg: 'none' })],
  'truncated-signature': ['The end of the signature is cut off', rejected, twin(([head, body, signature]) => [head, body, signature.slice(0, -2)])],
  'longer-signature': ['The signature is longer', rejected, twin(([head, body, signature]) => [head, body, `${signature.slice(0, 4)}${signature}`])],
  'no-signature': ['There is no signature', rejected, twin(([head, body]) => [head, body, ''])],
}

const JWKS = 'https://idp.example/jwks'
const serving = (...names) => ({ [JWKS]: [{ body: { $jwks: names } }] })
const at = (after, step) => ({ now: NOW + after, ...step })
const once = { claims: { iss: 'https://once.example', jti: 'again' } }

suite('repeated', ({ steps }) => {
  steps('same', 'The same token is exchanged as often as it comes.', config, [good, good, granted({ token: spec, form: { scope: 'read' }, expect: { body: { scope: 'read' } } })])
  for (const [name, [what, reason, token]] of Object.entries(TWINS)) {
    const twin = refused(reason, { token, expect: { fetches: undefined } })
    steps(`twin-${name}`, `${what}: a known token does not let it pass, neither once nor twice.`, config, [good, twin, twin, good])
  }
  steps('twin-first', 'A token that was refused does not spoil the good one.', config, [refused(rejected, { token: TWINS['signature-last-bit'][2] }), good, good])
  steps('expired', 'The time of a known token is checked every time.', config, [
    good, refused('subject_token.claim.iat.too_old', at(3700, { token: spec })),
    granted({ token: { ...spec, claims: { exp: NOW + 100 } } }), refused('subject_token.claim.exp.expired', at(130, { token: { ...spec, claims: { exp: NOW + 100 } } })),
  ])
  steps('key-withdrawn', 'A known token whose key was withdrawn is refused.', config, [
    granted(at(0, { token: spec, fetch: serving('idp-rs2048', 'idp-es256') })), granted(at(1, { token: spec })),
    refused(notFound, at(1000, { token: spec, fetch: serving('idp-es256') })),
  ])
  steps('key-replaced', 'A known token whose key was replaced under the same name is refused.', config, [
    granted(at(0, { token: spec, fetch: serving('idp-rs2048') })),
    refused(rejected, at(1000, { token: spec, fetch: serving({ $public: 'globex-rs2048', kid: 'idp-rs2048' }) })),
    granted(at(2000, { token: spec, fetch: serving('idp-rs2048') })),
  ])
  steps('key-beside-it', 'A known token is still good when the set of keys has changed and its key is there.', config, [
    granted(at(0, { token: spec, fetch: serving('idp-rs2048') })), granted(at(1000, { token: spec, fetch: serving('idp-rs2048', 'idp-es256') })),
  ])
  steps('once', 'A token that counts once counts once.', config, [granted({ token: once }), refused('subject_token.replay.seen', { token: once })])
  steps('another-application', 'A known token is not good for an application that may not use its issuer.', config, [
    good, refused('subject_token.issuer.not_allowed', { client: 'defaults', token: spec }),
  ])
  steps('scope', 'What may be asked for is decided every time.', config, [
    good, refused('scope.not_allowed', { token: spec, form: { scope: 'admin' }, expect: { error: 'invalid_scope' } }),
    refused('target.not_allowed', { token: spec, form: { audience: 'https://elsewhere.example' }, expect: { error: 'invalid_target' } }), good,
  ])
  const issued = from(1, 'access_token')
  const client = (target, body) => ({ request: { target, basic: ['web', 'web-secret-for-tests'], form: { token: issued } }, expect: { status: 200, ...body } })
  const active = (yes) => client('/oauth2/introspect', { body: { active: yes } })
  steps('issued', 'An issued token is described as often as it is asked about, and not once it is revoked.', config, [
    good, active(true), active(true), client('/oauth2/revoke'), active(false),
  ])
  steps('issued-expired', 'A known issued token expires.', config, [good, active(true), { ...active(false), now: NOW + 3600 }])
  const actor = { actor_token: { ...spec, claims: { sub: 'robot-1' } }, actor_token_type: 'urn:ietf:params:oauth:token-type:jwt' }
  steps('actor', 'The same actor token is good as often as it comes, and its twin is not.', config, [
    granted({ token: spec, form: actor, expect: { claims: { act: { sub: 'robot-1' } } } }), granted({ token: spec, form: actor }),
    refused('actor_token.signature.rejected', { token: spec, form: { ...actor, actor_token: TWINS['payload-subject'][2] }, expect: { fetches: undefined } }),
  ])
})
