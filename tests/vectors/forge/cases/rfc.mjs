/** The examples of the RFCs, as they stand or with keys made here. */
import { GRANT, TYPE, granted, suite } from '../case.mjs'

const AUTHZ = 'https://as.example.com'
const exchange = (clientId, more) => ({
  clientId, clientSecret: 'rfc-secret-for-tests', grantTypes: [GRANT], trustedTokenIssuers: ['Original'], ...more,
})
const rfc8693 = {
  issuer: AUTHZ,
  keys: [{ $key: 'ours' }],
  trustedTokenIssuers: [{ name: 'Original', issuer: 'https://original-issuer.example.net', certificate: { jwks: { $jwks: [{ $public: 'idp-es256', kid: '16' }] } } }],
  applications: [
    exchange('rs08', { audiences: ['https://backend.example.com/api', 'urn:example:cooperation-context'], scopes: ['orders', 'profile', 'history'], accessToken: { lifetimeSeconds: 60 } }),
  ],
}

suite('rfc', ({ accept, refuse, steps }) => {
  const opaque = 'accVkjcJyb4BWCxGsndESCJQbdFMogUC5PbRDqceLTC'
  refuse('8693-section-2-3-as-it-stands', 'The request of RFC 8693 section 2.3, whose subject token is a random string.', 'subject_token.unknown', {
    config: rfc8693, basic: ['rs08', 'rfc-secret-for-tests'], type: 'access_token', token: opaque, form: { resource: 'https://backend.example.com/api' },
  })
  const foreign = {
    header: { kid: '16' },
    claims: { aud: AUTHZ, iss: 'https://original-issuer.example.net', exp: 1441910600, nbf: 1441909000, iat: undefined, sub: 'bdc@example.net', scope: 'orders profile history' },
  }
  steps('8693-section-2-3', 'The request of RFC 8693 section 2.3 with a JWT as subject token, and the reply of figure 3.', rfc8693, [
    granted({
      now: 1441910000, basic: ['rs08', 'rfc-secret-for-tests'], type: 'access_token', token: foreign, form: { resource: 'https://backend.example.com/api' },
      expect: { body: { issued_token_type: TYPE('access_token'), token_type: 'Bearer', expires_in: 60 }, claims: { aud: 'https://backend.example.com/api', iss: AUTHZ, sub: 'bdc@example.net', exp: 1441910060, act: null } },
    }),
  ])
  steps('8693-appendix-a-1', 'Impersonation as in RFC 8693 appendix A.1; scopes are asked for, since a foreign token grants none.', rfc8693, [
    granted({
      now: 1441910000, basic: ['rs08', 'rfc-secret-for-tests'], token: foreign, form: { audience: 'urn:example:cooperation-context', scope: 'orders profile history' },
      expect: { body: { scope: 'orders profile history' }, claims: { aud: 'urn:example:cooperation-context', iss: AUTHZ, sub: 'bdc@example.net', scope: 'orders profile history', act: null } },
    }),
  ])
  steps('8693-appendix-a-2', 'Delegation as in RFC 8693 appendix A.2: the admin acts for the user who allows it.', rfc8693, [
    granted({
      now: 1441910000, basic: ['rs08', 'rfc-secret-for-tests'],
      token: { ...foreign, claims: { ...foreign.claims, sub: 'user@example.net', scope: 'status feed', may_act: { sub: 'admin@example.net' } } },
      form: { audience: 'urn:example:cooperation-context', actor_token: { ...foreign, claims: { ...foreign.claims, sub: 'admin@example.net' } }, actor_token_type: TYPE('jwt') },
      expect: { claims: { sub: 'user@example.net', act: { sub: 'admin@example.net' } } },
    }),
  ])

  // RFC 7515 appendices A.2 and A.3, whose payload is that of A.1.
  const joe = 'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ'
  const a3 = `eyJhbGciOiJFUzI1NiJ9.${joe}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q`
  refuse('7515-appendix-a-3-as-it-stands', 'The JWS of RFC 7515 appendix A.3 has the shape of a JWT, and says for nobody about nobody.', 'subject_token.claim.missing', { token: a3 })
  const published = (name) => ({ 'https://idp.example/jwks': [{ body: { $jwks: [name] } }] })
  for (const [name, alg] of [['rfc7515-a2', 'RS256'], ['rfc7515-a3', 'ES256']]) {
    accept(`7515-appendix-${name.slice(8, 9)}-${name.slice(9)}`, `A token signed with the key of RFC 7515 appendix ${name.slice(8).toUpperCase().replace('A', 'A.')}.`, {
      token: { key: name, alg, header: { kid: undefined } }, fetch: published(name),
    })
  }
  // The key of RFC 8037 appendix A is that of RFC 8032 section 7.1, test 1.
  accept('8037-appendix-a', 'A token signed with the key of RFC 8037 appendix A.', {
    token: { key: 'rfc8037-a', header: { kid: undefined } }, fetch: published('rfc8037-a'),
  })
  refuse('8037-appendix-a-4-as-it-stands', 'The JWS of RFC 8037 appendix A.4 signs a sentence, not claims.', 'subject_token.shape.json', {
    token: 'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
  })
  refuse('7519-section-6-1-as-it-stands', 'The unsecured JWT of RFC 7519 section 6.1.', 'subject_token.header.alg.forbidden', {
    token: `eyJhbGciOiJub25lIn0.${joe}.`,
  })
})
