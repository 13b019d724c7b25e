/** A case that explains itself: every member there is, once. `../README.md` says what they mean. */
import { granted, refused, suite } from '../case.mjs'
import { NOW } from '../token.mjs'

suite('readme', ({ steps }) => {
  steps('every-member', 'This case uses every member that a case can have: a token that counts once is exchanged, and then it is not.', 'standard', [
    granted({
      token: { claims: { iss: 'https://once.example', jti: 'only' } },
      form: { scope: 'read', audience: ['https://api.example'] },
      headers: [['X-Request-Id', '1']],
      fetch: { 'https://nobody.example/': ['unreachable', { status: 200, headers: { 'cache-control': 'max-age=60' }, body: {} }] },
      store: 'ok',
      expect: {
        fetches: 0,
        headers: { 'cache-control': 'no-store', 'www-authenticate': null },
        body: { scope: 'read', refresh_token: null },
        header: { typ: 'at+jwt' },
        claims: { sub: 'user-42', scope: 'read', email: null },
      },
    }),
    refused('subject_token.replay.seen', { now: NOW + 1, token: { claims: { iss: 'https://once.example', jti: 'only' } } }),
    {
      request: { method: 'GET', target: '/oauth2/jwks', caller: 'network', headers: [] },
      expect: { status: 200 },
    },
  ])
})
