/** For whom a foreign token is meant: us, by one of our three names. */
import { suite } from '../case.mjs'

const mismatch = 'subject_token.claim.aud.mismatch'

suite('audience', ({ accept, refuse }) => {
  const token = (aud) => ({ token: { claims: { aud } } })
  accept('our-issuer', 'The audience may be our issuer.', token('https://sts.example'))
  accept('our-token-endpoint', 'The audience may be our token endpoint.', token('https://sts.example/oauth2/token'))
  accept('alias', "The audience may be the issuer's alias for us.", token('https://sts.example/acme'))
  accept('one-of-several', 'One of several audiences is enough.', token(['https://api.example', 'https://sts.example', '']))
  accept('list-of-one', 'A list of one audience is that audience.', token(['https://sts.example/acme']))

  for (const [name, aud] of Object.entries({
    'somebody-else': 'https://api.example',
    'several-others': ['https://api.example', 'https://files.example/a'],
    'trailing-slash': 'https://sts.example/',
    'token-endpoint-trailing-slash': 'https://sts.example/oauth2/token/',
    'upper-case': 'https://STS.example',
    'http': 'http://sts.example',
    'longer': 'https://sts.example.attacker.example',
    'shorter': 'https://sts.exampl',
    'below-the-alias': 'https://sts.example/acme/x',
    'joined': 'https://api.example https://sts.example',
    'comma': 'https://api.example,https://sts.example',
    'client-id': 'web',
    'star': '*',
    'list-of-empty': [''],
  })) {
    refuse(name, 'A token that is meant for somebody else is refused: the audience is compared exactly.', mismatch, { ...token(aud), expect: { fetches: 1 } })
  }
  refuse('no-alias', 'Where no alias is configured the reason says so.', 'subject_token.claim.aud.no_alias', {
    token: { key: 'globex-rs2048', claims: { iss: 'https://globex.example', aud: 'https://api.example' } },
  })
  refuse('alias-of-another-issuer', 'The alias is that of the issuer, not that of another.', 'subject_token.claim.aud.no_alias', {
    token: { key: 'globex-rs2048', claims: { iss: 'https://globex.example', aud: 'https://sts.example/acme' } },
  })
})
