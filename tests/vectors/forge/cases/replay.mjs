/** Tokens that count once. */
import { TYPE, granted, refused, suite, unavailable } from '../case.mjs'
import { NOW } from '../token.mjs'

const seen = 'subject_token.replay.seen'

suite('replay', ({ accept, refuse, steps }) => {
  const once = (claims) => ({ token: { claims: { iss: 'https://once.example', jti: 'a', ...claims } } })
  steps('same-token-twice', 'A token counts once.', 'standard', [granted(once()), refused(seen, once()), refused(seen, once())])
  steps('same-jti-other-token', 'What counts is the `jti`, not the text of the token.', 'standard', [
    granted(once()), refused(seen, once({ sub: 'user-43' })),
  ])
  steps('other-jti', 'Another `jti` is another token.', 'standard', [granted(once()), granted(once({ jti: 'b' }))])
  steps('same-jti-at-two-issuers', 'A `jti` is unique for its issuer; two issuers may use the same one.', 'standard', [
    granted(once()), granted(once({ iss: 'https://once-too.example' })), refused(seen, once({ iss: 'https://once-too.example' })),
  ])
  steps('names-do-not-run-together', 'Issuer and `jti` are told apart, wherever one ends.', 'standard', [
    granted(once({ jti: '-too.examplea' })), granted(once({ iss: 'https://once-too.example' })),
  ])
  refuse('no-jti', 'Where tokens count once, one without `jti` is refused.', 'subject_token.replay.no_jti', once({ jti: undefined }))
  refuse('empty-jti', 'An empty `jti` is none.', 'subject_token.replay.no_jti', once({ jti: '' }))
  steps('in-the-leeway', 'A token is remembered as long as it would be accepted, leeway included.', 'standard', [
    granted({ now: NOW, ...once() }),
    refused(seen, { now: NOW + 629, ...once() }),
    refused('subject_token.claim.exp.expired', { now: NOW + 630, ...once() }),
  ])
  steps('refused-tokens-are-not-spent', 'A token that was refused for something else may still be used.', 'standard', [
    refused('subject_token.claim.aud.no_alias', once({ aud: 'https://api.example' })),
    granted(once()),
  ])
  steps('not-spent-for-its-scope', 'A request that asks for too much has not used up its token.', 'standard', [
    refused('scope.not_allowed', { ...once(), form: { scope: 'nothing-that-there-is' }, expect: { error: 'invalid_scope' } }),
    granted(once()),
  ])
  steps('subject-and-actor', 'One token that counts once cannot be both subject and actor.', 'standard', [
    refused('actor_token.replay.seen', { ...once(), form: { actor_token: { claims: { iss: 'https://once.example', jti: 'a' } }, actor_token_type: TYPE('jwt') } }),
    granted(once()),
  ])
  steps('forged-tokens-are-not-spent', 'Nobody can use up the token of another by inventing its `jti`.', 'standard', [
    refused('subject_token.signature.rejected', { token: { key: 'attacker-es256', header: { kid: 'idp-es256' }, claims: { iss: 'https://once.example', jti: 'a' } } }),
    granted(once()),
  ])
  steps('off', 'Without replay protection a token may be exchanged again, `jti` or not.', 'standard', [
    granted({ token: { claims: { jti: 'a' } } }), granted({ token: { claims: { jti: 'a' } } }),
  ])
  steps('store-down', 'When the store cannot say whether a token was used, nothing is issued, and the token is not lost.', 'standard', [
    unavailable('store.unavailable', { ...once(), store: 'failed', expect: { headers: { 'retry-after': '1' } } }),
    granted(once()),
  ])
  accept('store-down-and-not-needed', 'An exchange that needs no store does not fail with it.', { store: 'failed' })
})
