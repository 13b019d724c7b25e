/** What passes: every algorithm, every way of naming a key, what is issued. */
import { TYPE, suite } from '../case.mjs'
import { NOW } from '../token.mjs'

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

  accept('what-is-issued', 'An access token of RFC 9068 is issued: of the foreign token it has `sub` and the mapped claims, nothing else.', {
    token: {
      claims: {
        jti: 'foreign-1', nbf: NOW - 10, scope: 'admin', client_id: 'somebody', azp: 'somebody', cnf: { jkt: 'x' },
        email: 'ada@acme.example', realm_access: { roles: ['a', 'b'] }, department: 'r+d', nickname: 'ada', admin: true,
      },
    },
    expect: {
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store', pragma: 'no-cache' },
      body: { issued_token_type: TYPE('access_token'), token_type: 'Bearer', expires_in: 600, scope: null, refresh_token: null },
      header: { alg: 'ES256', typ: 'at+jwt', kid: 'ours', jwk: null },
      claims: {
        iss: 'https://sts.example', sub: 'user-42', aud: ['https://api.example', 'https://files.example/a'],
        client_id: 'web', iat: NOW, exp: NOW + 600, idp: 'https://idp.example',
        email: 'ada@acme.example', roles: ['a', 'b'],
        scope: null, department: null, nickname: null, admin: null, azp: null, cnf: null, nbf: null, realm_access: null,
      },
    },
  })
})
