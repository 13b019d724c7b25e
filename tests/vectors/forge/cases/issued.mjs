/** What comes out: claims, lifetime, header. */
import { suite, TYPE } from '../case.mjs'
import { NOW } from '../token.mjs'

suite('issued', ({ accept, refuse }) => {
  accept('access-token', 'An access token of RFC 9068 is issued: of the foreign token it has `sub` and the mapped claims, nothing else.', {
    token: {
      claims: {
        jti: 'foreign-1', nbf: NOW - 10, scope: 'admin', client_id: 'somebody', azp: 'somebody',
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
  accept('unmapped-claims-stay-out', 'A claim reaches our token only if the issuer maps it and the application lists it: another issuer of the same application maps none.', {
    token: { key: 'globex-rs2048', claims: { iss: 'https://globex.example', email: 'ada@acme.example', realm_access: { roles: ['a'] } } },
    expect: { claims: { sub: 'user-42', idp: 'https://globex.example', email: null, roles: null } },
  })
  accept('mapped-and-not-listed', 'An application that lists no attributes gets none, whatever the issuer maps.', {
    client: 'defaults', token: { claims: { email: 'ada@acme.example' } },
    expect: { claims: { email: null } },
  })
  accept('attributes-as-they-are', 'A mapped claim keeps its value whatever it is, and never reaches the header; a path that can be read in two ways leads nowhere.', {
    config: 'attributes', client: 'web',
    token: { claims: { evil: 'attacker', email: ['a', { b: null }], 'a.b': 'dotted', a: { b: 'nested' } } },
    expect: { header: { kid: 'ours-next' }, claims: { kid: 'attacker', token_type: null, email: ['a', { b: null }], flat: null } },
  })
  accept('lifetime-of-the-application', 'A token lives as long as the application says, when the subject token lives longer.', {
    client: 'defaults', expect: { body: { expires_in: 60 }, claims: { exp: NOW + 60 } },
  })
  accept('lifetime-of-the-subject-token', 'A token does not outlive the subject token.', {
    token: { claims: { exp: NOW + 90 } }, expect: { body: { expires_in: 90 }, claims: { exp: NOW + 90 } },
  })
  accept('lifetime-beyond-the-subject-token', 'With `outliveSubject` a token lives as long as the application says.', {
    config: 'attributes', client: 'web', token: { claims: { exp: NOW + 90 } }, expect: { body: { expires_in: 3600 }, claims: { exp: NOW + 3600 } },
  })
  accept('in-the-leeway', 'A subject token that passes only by leeway leaves what is left of the leeway.', {
    token: { claims: { exp: NOW - 10 } }, expect: { body: { expires_in: 20 } },
  })
  accept('signed-by-the-first-key', 'The first of several keys signs; all are published.', {
    config: 'attributes', client: 'web', expect: { header: { alg: 'EdDSA', kid: 'ours-next', typ: 'at+jwt' } },
  })
  accept('jwt', 'A `jwt` that is asked for is an access token as well.', {
    form: { requested_token_type: TYPE('jwt') },
    expect: { body: { issued_token_type: TYPE('jwt'), token_type: 'Bearer' }, header: { typ: 'at+jwt' } },
  })
  accept('access-token-asked-for', 'An access token that is asked for is issued.', {
    form: { requested_token_type: TYPE('access_token') },
    expect: { body: { issued_token_type: TYPE('access_token') } },
  })
  accept('id-token', 'With the scope `openid` an ID token is issued, for the client itself; it is no access token.', {
    form: { requested_token_type: TYPE('id_token'), scope: 'openid read' },
    expect: {
      body: { issued_token_type: TYPE('id_token'), token_type: 'N_A', scope: 'openid read' },
      header: { typ: 'JWT' },
      claims: { aud: 'web', azp: 'web', sub: 'user-42', scope: null, client_id: null },
    },
  })
  refuse('id-token-without-openid', 'Without the scope `openid` there is no ID token.', 'scope.openid_required', {
    form: { requested_token_type: TYPE('id_token'), scope: 'read' }, expect: { error: 'invalid_scope' },
  })
  for (const type of ['refresh_token', 'saml2', 'saml1']) {
    refuse(`${type}-asked-for`, `A token of type \`${type}\` is not issued.`, 'requested_token_type.unsupported', {
      form: { requested_token_type: TYPE(type) },
    })
  }
})
