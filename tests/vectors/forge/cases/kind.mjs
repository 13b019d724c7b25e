/** Tokens made for another purpose (RFC 8725 section 3.11). */
import { suite, TYPE } from '../case.mjs'

const mismatch = 'subject_token.header.typ.mismatch'

suite('kind', ({ refuse, accept }) => {
  const expect = { fetches: 0 }
  refuse('access-token-as-id-token', 'An access token is not an ID token.', mismatch, {
    type: 'id_token', token: { header: { typ: 'at+jwt' } }, expect,
  })
  refuse('keycloak-access-token-as-id-token', 'An access token that says so in its claims is not an ID token.', mismatch, {
    type: 'id_token', token: { claims: { typ: 'Bearer' } }, expect,
  })
  refuse('cognito-access-token-as-id-token', 'An access token that says `token_use: access` is not an ID token.', mismatch, {
    type: 'id_token', token: { claims: { token_use: 'access' } }, expect,
  })
  for (const [name, claims] of Object.entries({
    nonce: { nonce: 'n' }, 'at-hash': { at_hash: 'x' }, 'c-hash': { c_hash: 'x' }, keycloak: { typ: 'ID' }, cognito: { token_use: 'id' },
  })) {
    refuse(`id-token-as-access-token-${name}`, 'An ID token, told by its claims, is not an access token.', mismatch, {
      type: 'access_token', token: { claims }, expect,
    })
  }
  for (const typ of ['logout+jwt', 'dpop+jwt', 'secevent+jwt', 'kb+jwt', 'oauth-authz-req+jwt', 'client-authentication+jwt', 'refresh+jwt', 'JWE', '', 'at+jwt+x', 'example;part="1/2"']) {
    refuse(`typ-${typ.replace(/\W+/g, '-') || 'empty'}`, `A token whose \`typ\` is \`${typ}\` was made for something else.`, mismatch, {
      token: { header: { typ } }, expect,
    })
  }
  for (const typ of ['Refresh', 'Offline', 'Logout']) {
    for (const type of ['jwt', 'access_token']) {
      refuse(`keycloak-${typ.toLowerCase()}-token-as-${type.replace('_', '-')}`, `Keycloak's ${typ.toLowerCase()} token is neither an access token nor any JWT to be exchanged.`, mismatch, {
        type, token: { claims: { typ } }, expect,
      })
    }
  }
  accept('id-token-as-jwt', 'Declared as a plain JWT, an ID token is one.', { token: { claims: { nonce: 'n' } } })
  for (const type of ['saml2', 'saml1', 'JWT']) {
    refuse(`type-${type === 'JWT' ? 'upper-case' : type.replace('_', '-')}`, `A subject token of the type \`${type}\` is not accepted.`, 'type.unsupported', {
      type, token: {}, expect,
    })
  }
  refuse('jwt-as-refresh-token', 'A JWT of somebody else is no refresh token of this server.', 'subject_token.unknown', {
    type: 'refresh_token', token: {}, expect,
  })
  refuse('type-short', 'A token type is a URN, not its last word.', 'type.short_name', {
    form: { subject_token_type: 'jwt' }, expect,
  })
  refuse('type-longer', 'A token type is compared whole.', 'type.unsupported', {
    form: { subject_token_type: `${TYPE('jwt')}x` }, expect,
  })
})
