/** When a token counts: leeway is always in its favour. The skew is 30 s. */
import { granted, refused, suite } from '../case.mjs'
import { NOW } from '../token.mjs'

const expired = 'subject_token.claim.exp.expired'
const early = 'subject_token.claim.nbf.early'
const future = 'subject_token.claim.iat.future'
const old = 'subject_token.claim.iat.too_old'

suite('time', ({ accept, refuse, steps }) => {
  const expect = { fetches: 1 }
  refuse('expired', 'A token that expired long ago is refused.', expired, { token: { claims: { iat: NOW - 7200, exp: NOW - 3600 } }, expect })
  refuse('expired-to-the-second', 'A token expires at `exp` and the leeway, not after.', expired, { token: { claims: { exp: NOW - 30 } }, expect })
  refuse('expired-by-a-fraction', 'Whole seconds decide: a fraction is no second.', expired, { token: { claims: { exp: NOW - 30 + 0.9 } }, expect })
  accept('in-its-last-second', 'A token with one second left is exchanged for one that lives one second.', {
    token: { claims: { exp: NOW + 1 } }, expect: { body: { expires_in: 1 } },
  })
  accept('expired-within-the-leeway', 'A token that expired within the leeway is accepted, where the new one may outlive it.', {
    config: 'attributes', token: { claims: { exp: NOW - 29 } },
  })
  refuse('not-yet', 'A token is refused before its `nbf`.', early, { token: { claims: { nbf: NOW + 31 } }, expect })
  accept('nearly', 'A token is accepted within the leeway before its `nbf`.', { token: { claims: { nbf: NOW + 30 } } })
  refuse('issued-in-the-future', 'A token that was issued in the future is refused.', future, { token: { claims: { iat: NOW + 31 } }, expect })
  accept('issued-just-now', 'A token may have been issued within the leeway in the future.', { token: { claims: { iat: NOW + 30 } } })
  accept('far-future', 'A token may be valid for very long.', { token: { claims: { exp: 253402300799 } }, expect: { body: { expires_in: 3600 } } })
  refuse('exp-checked-first', 'A token that has expired and is not valid yet has expired.', expired, {
    token: { claims: { exp: NOW - 100, nbf: NOW + 100 } },
  })
  refuse('signature-checked-first', 'Whoever cannot sign does not learn whether a token would have expired.', 'subject_token.signature.rejected', {
    token: { key: 'attacker-es256', header: { kid: 'idp-es256' }, claims: { exp: NOW - 3600 } },
  })
  steps('as-time-goes-by', 'One token, from too early to too late.', 'standard', [-31, -30, 599, 600, 629, 630].map((after) => {
    const step = { now: NOW + after, token: { claims: { iat: undefined, nbf: NOW } } }
    if (after < -30) return refused(early, step)
    return after < 630 ? granted(step) : refused(expired, step)
  }))
  const strict = {
    issuer: 'https://sts.example',
    keys: [{ $key: 'ours' }],
    trustedTokenIssuers: [{
      name: 'Acme', issuer: 'https://idp.example', certificate: { jwks: { $jwks: ['idp-es256'] } }, clockSkewSeconds: 0, maxTokenAgeSeconds: 60,
    }],
    applications: [{
      clientId: 'web', clientSecret: 'web-secret-for-tests',
      grantTypes: ['urn:ietf:params:oauth:grant-type:token-exchange'], trustedTokenIssuers: ['Acme'],
    }],
  }
  steps('without-leeway', 'With a skew of 0 the second itself decides.', strict, [
    refused(expired, { token: { claims: { iat: NOW - 1, exp: NOW } } }),
    granted({ token: { claims: { iat: NOW - 1, exp: NOW + 1 } } }),
    refused('subject_token.claim.missing', { token: { claims: { iat: undefined } } }),
    refused(early, { token: { claims: { nbf: NOW + 1 } } }),
    granted({ token: { claims: { nbf: NOW } } }),
    refused(future, { token: { claims: { iat: NOW + 1 } } }),
    granted({ token: { claims: { iat: NOW } } }),
  ])
  steps('age', 'A token is too old when its `iat` is longer ago than its issuer allows, however long it is valid.', strict, [
    granted({ token: { claims: { iat: NOW - 60 } } }),
    refused(old, { token: { claims: { iat: NOW - 61 } } }),
    refused(old, { token: { claims: { iat: 0 } } }),
  ])
})
