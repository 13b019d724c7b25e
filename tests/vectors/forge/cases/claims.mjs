/** Registered claims that are missing, empty or of the wrong type (RFC 7519 section 4.1). */
import { suite } from '../case.mjs'
import { NOW } from '../token.mjs'

const missing = 'subject_token.claim.missing'
const wrong = 'subject_token.claim.wrong_type'

const json = (members) => `{${Object.entries(members).map(([name, value]) => `"${name}":${value}`).join(',')}}`
const HONEST = { iss: '"https://idp.example"', sub: '"user-42"', aud: '"https://sts.example"', exp: NOW + 600 }

suite('claims', ({ refuse, accept }) => {
  for (const name of ['iss', 'sub', 'aud', 'exp']) {
    refuse(`${name}-absent`, `A token without \`${name}\` is refused.`, missing, { token: { claims: { [name]: undefined } } })
  }
  refuse('none', 'A token without claims is refused.', missing, { token: { payloadText: '{}' } })
  for (const name of ['iss', 'sub', 'aud']) {
    refuse(`${name}-empty`, `An empty \`${name}\` names nobody.`, missing, { token: { claims: { [name]: '' } } })
  }
  refuse('aud-empty-list', 'An empty list of audiences names nobody.', missing, { token: { claims: { aud: [] } } })

  const texts = { number: '42', null: 'null', true: 'true', list: '["https://idp.example"]', object: '{"a":"b"}' }
  const dates = {
    null: 'null', true: 'true', false: 'false', list: `[${NOW + 600}]`, object: '{}', empty: '""', text: `"${NOW + 600}"`,
    'text-nan': '"NaN"', 'text-date': '"2030-01-01T00:00:00Z"', negative: '-1', huge: '1e300', 'milliseconds': `${NOW + 600}000`,
    'beyond-64-bits': '99999999999999999999999', 'year-10000': '253402300800',
  }
  const kinds = {
    iss: texts, sub: texts, jti: texts,
    aud: { number: '42', null: 'null', true: 'true', object: '{"0":"https://sts.example"}', 'list-with-number': '["https://sts.example",1]', 'list-with-null': '["https://sts.example",null]', 'list-in-list': '[["https://sts.example"]]' },
    exp: dates, nbf: dates, iat: dates,
  }
  for (const [name, values] of Object.entries(kinds)) {
    for (const [kind, value] of Object.entries(values)) {
      const optional = ['jti', 'nbf', 'iat'].includes(name) ? ': a wrong type is not an absence' : ''
      refuse(`${name}-${kind}`, `A token whose \`${name}\` is ${value} is refused${optional}.`, wrong, {
        token: { payloadText: json({ ...HONEST, [name]: value }) },
      })
    }
  }
  refuse('exp-zero', 'A token that expired in 1970 has expired.', 'subject_token.claim.exp.expired', {
    token: { claims: { exp: 0, iat: undefined } },
  })
  accept('other-claims-of-any-type', 'The types of claims that mean nothing here are free.', {
    token: { claims: { scope: 1, azp: null, auth_time: 'x', email_verified: 'yes', nonce: [] } },
  })
})
