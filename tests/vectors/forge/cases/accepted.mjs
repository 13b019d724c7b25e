/** What passes: every algorithm, every form of an honest token. */
import { suite, TYPE } from '../case.mjs'
import { NOW, jwt } from '../token.mjs'

suite('accepted', ({ accept }) => {
  for (const [alg, key] of Object.entries({
    RS256: 'idp-rs2048', RS384: 'idp-rs3072', RS512: 'idp-rs4096',
    PS256: 'idp-rs2048', PS384: 'idp-rs3072', PS512: 'idp-rs4096',
    ES256: 'idp-es256', ES384: 'idp-es384', ES512: 'idp-es512', EdDSA: 'idp-ed25519',
  })) {
    accept(`alg-${alg.toLowerCase()}`, `A token signed with ${alg} by a key of the issuer is exchanged.`, {
      token: { key, alg },
      expect: { fetches: 1, claims: { sub: 'user-42', iss: 'https://sts.example' } },
    })
  }

  accept('alg-ed25519', 'Ed25519 is the newer name of what EdDSA means (RFC 9864).', {
    token: { key: 'idp-ed25519', header: { alg: 'Ed25519' } },
  })

  const { key, none } = { key: 'idp-es384', none: undefined }
  accept('without-kid', 'A token without `kid` is verified by the one key of the issuer that fits its algorithm.', {
    token: { key, header: { kid: none } },
  })
  for (const [name, typ] of Object.entries({
    'jwt': 'JWT', 'jwt-lower-case': 'jwt', 'jwt-with-prefix': 'application/jwt', 'jose': 'JOSE', 'at-jwt': 'at+jwt', 'at-jwt-with-prefix': 'application/AT+JWT',
  })) {
    accept(`typ-${name}`, `A token with \`typ\` ${typ} is a JWT as it was declared to be; letter case and the prefix do not matter (RFC 7515 section 4.1.9).`, {
      token: { header: { typ } },
    })
  }
  accept('type-access-token', 'An access token of RFC 9068 is accepted when it is declared to be an access token.', {
    type: 'access_token', token: { header: { typ: 'at+jwt' }, claims: { client_id: 'app', jti: '1' } },
  })
  accept('type-id-token', 'An ID token is accepted when it is declared to be an ID token.', {
    type: 'id_token', token: { header: { typ: 'JWT' }, claims: { nonce: 'n-0S6', at_hash: 'x', azp: 'app' } },
  })
  accept('type-access-token-of-keycloak', "Keycloak's access token says `typ: Bearer` in its claims and is one.", {
    type: 'access_token', token: { header: { typ: 'JWT' }, claims: { typ: 'Bearer' } },
  })

  accept('unknown-header-parameters', 'Header parameters that mean nothing here are ignored (RFC 7515 section 4).', {
    token: { header: { cty: 'x', zip: 'DEF', 'https://idp.example/x': { a: [1] }, nonce: 'n' } },
  })
  accept('dates-with-fractions', 'A NumericDate may have a fraction (RFC 7519 section 2).', {
    token: { claims: { iat: NOW - 10.25, nbf: NOW - 10.25, exp: NOW + 600.5 } },
    expect: { body: { expires_in: 600 } },
  })
  accept('dates-with-exponents', 'A NumericDate in exponential notation is the number that it is.', {
    token: { payloadText: '{"iss":"https://idp.example","sub":"user-42","aud":"https://sts.example","exp":1.7900006e9}' },
    expect: { body: { expires_in: 600 } },
  })
  accept('without-iat', 'A token without `iat` is accepted: RFC 7519 makes it optional.', {
    token: { claims: { iat: undefined } },
  })
  accept('unicode-claims', 'Claims in any script pass, and the subject comes out as it went in.', {
    token: { claims: { sub: 'Ἀδα 𝒜 ada', name: 'Ada\u0000\uffff' } },
    expect: { claims: { sub: 'Ἀδα 𝒜 ada' } },
  })
  accept('escaped-members', 'A member whose name is written with escapes is that member.', {
    token: { payloadText: `{"\\u0069ss":"https:\\/\\/idp.example","sub":"user\\u002d42","aud":"https://sts.example","exp":${NOW + 600}}` },
    expect: { claims: { sub: 'user-42' } },
  })
  accept('white-space-in-json', 'White space between JSON tokens means nothing.', {
    token: { headerText: '\n{ "kid" : "idp-es256" ,\t"alg" : "ES256"}\r\n' },
  })
  accept('as-deep-as-allowed', 'Claims may be nested 16 deep.', {
    token: { payloadText: `{"iss":"https://idp.example","sub":"user-42","aud":"https://sts.example","exp":${NOW + 600},"deep":${'['.repeat(15)}${']'.repeat(15)}}` },
  })
  accept('as-long-as-allowed', 'A token of exactly 16 KiB is accepted.', {
    token: fill(16 * 1024),
  })
  accept('embedder', 'The program that embeds the engine exchanges for an application without its secret.', {
    caller: 'embedder', client: 'web', expect: { claims: { client_id: 'web' }, body: { issued_token_type: TYPE('access_token') } },
  })
})

/** A token of this length. Not every length of one part exists, so the header gives way. */
async function fill(length) {
  for (const spare of ['', 'x', 'xx', 'xxx']) {
    for (let padding = Math.floor((length * 3) / 4) - 300, token; (token?.text.length ?? 0) < length; padding++) {
      token = await jwt({ key: 'idp-ed25519', header: { spare }, claims: { padding: 'x'.repeat(padding) } })
      if (token.text.length === length) return { text: token.text }
    }
  }
  throw new Error('no token has this length')
}
