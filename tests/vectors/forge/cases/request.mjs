/** The request itself: method, content type, body, parameters. */
import { GRANT, TYPE, suite } from '../case.mjs'

const plain = { basic: ['web', 'web-secret-for-tests'] }
const FORM = 'application/x-www-form-urlencoded'
const repeated = 'request.parameter.repeated'

suite('request', ({ accept, refuse, steps }) => {
  for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS', 'post']) {
    steps(`method-${method === 'post' ? 'lower-case' : method.toLowerCase()}`, `The token endpoint takes POST and nothing else, ${method} included.`, 'standard', [
      { request: { method, target: '/oauth2/token' }, expect: { status: 405, error: 'invalid_request', headers: { allow: 'POST' } } },
    ])
  }
  for (const [name, type] of Object.entries({
    'charset': `${FORM}; charset=utf-8`, 'charset-without-space': `${FORM};charset=UTF-8`, 'upper-case': FORM.toUpperCase(), 'space-around': ` ${FORM} ; charset=utf-8`,
  })) {
    accept(`content-type-${name}`, `The content type may be written \`${type}\`.`, { headers: [['content-type', type]] })
  }
  for (const [name, type] of Object.entries({
    json: 'application/json', multipart: 'multipart/form-data; boundary=x', text: 'text/plain', empty: '', longer: `${FORM}x`, list: `${FORM}, application/json`,
  })) {
    refuse(`content-type-${name}`, `A body of the type \`${type}\` is not read.`, 'request.content_type.unsupported', { headers: [['content-type', type]] })
  }
  refuse('content-type-absent', 'A body without a type is not read.', 'request.content_type.unsupported', {
    request: { ...plain, body: `grant_type=${encodeURIComponent(GRANT)}` },
  })
  refuse('json-called-a-form', 'JSON that is called a form is a form without parameters.', 'request.parameter.missing', {
    request: { ...plain, headers: [['content-type', FORM]], body: JSON.stringify({ grant_type: GRANT }) },
  })
  refuse('empty-body', 'A body without parameters has no grant type.', 'request.parameter.missing', {
    request: { ...plain, headers: [['content-type', FORM]], body: '' },
  })
  refuse('long-body', 'A body of one byte more than 64 KiB is not read.', 'request.body.too_large', {
    request: { ...plain, headers: [['content-type', FORM]], body: [{ repeat: 'a', times: 65537 }] }, expect: { status: 413 },
  })
  refuse('many-parameters', 'Thousands of parameters are not read.', 'request.parameter.too_many', {
    request: { ...plain, headers: [['content-type', FORM]], body: [{ repeat: 'audience=a&', times: 5900 }] },
  })
  refuse('many-names', 'Thousands of names are not compared with each other.', 'request.parameter.too_many', {
    request: { ...plain, headers: [['content-type', FORM]], body: [Array.from({ length: 2000 }, (_, i) => `p${i}=`).join('&'), '&', 'p0='] },
  })
  refuse('not-utf8', 'A parameter that is no UTF-8 is what is left of it, and no token.', 'subject_token.shape.not_compact', {
    request: { ...plain, headers: [['content-type', FORM]], body: `grant_type=${encodeURIComponent(GRANT)}&subject_token_type=${encodeURIComponent(TYPE('jwt'))}&subject_token=%FF%FE` },
  })

  for (const name of ['subject_token', 'client_secret', 'client_assertion', 'actor_token', 'assertion', 'refresh_token', 'token', 'access_token', 'password']) {
    refuse(`query-${name.replaceAll('_', '-')}`, `A \`${name}\` in the URL is refused: logs and proxies see it there.`, 'request.query.credentials', {
      request: { ...plain, target: `/oauth2/token?x=1&${name}=abc`, form: { grant_type: GRANT } },
    })
  }
  refuse('query-encoded-name', 'The name of a parameter in the URL may be encoded.', 'request.query.credentials', {
    request: { ...plain, target: '/oauth2/token?subject%5Ftoken=abc', form: { grant_type: GRANT } },
  })
  refuse('query-does-not-count', 'What stands in the URL is not a parameter of the request.', 'request.parameter.missing', {
    request: { ...plain, target: `/oauth2/token?grant_type=${encodeURIComponent(GRANT)}`, form: {} },
  })

  for (const [name, form] of Object.entries({
    'grant_type': [GRANT, GRANT], 'subject_token_type': [TYPE('jwt'), TYPE('access_token')], 'scope': ['read', 'write'],
    'client_id': ['web', 'defaults'], 'requested_token_type': [TYPE('jwt'), TYPE('jwt')], 'subject_token': ['a.b.c', 'a.b.c'],
    'unknown': ['1', '2'], 'scope-empty': null,
  })) {
    if (form === null) {
      refuse('repeated-empty', 'A parameter stands twice even if it is empty once.', repeated, { form: { scope: ['', 'read'] } })
    } else {
      refuse(`repeated-${name.replaceAll('_', '-')}`, `The parameter \`${name}\` may not stand twice (RFC 6749 section 3.2).`, repeated, { form: { [name]: form } })
    }
  }
  accept('repeated-audience', 'Audiences and resources may repeat (RFC 8693 section 2.1).', {
    form: { audience: ['https://api.example', 'https://files.example/a'], resource: ['https://api.example', 'https://files.example/a'] },
    expect: { claims: { aud: ['https://api.example', 'https://files.example/a'] } },
  })

  for (const name of ['grant_type', 'subject_token', 'subject_token_type']) {
    refuse(`without-${name.replaceAll('_', '-')}`, `The parameter \`${name}\` is required.`, 'request.parameter.missing', { form: { [name]: undefined } })
    refuse(`empty-${name.replaceAll('_', '-')}`, `An empty \`${name}\` is none (RFC 6749 section 3.2).`, 'request.parameter.missing', { form: { [name]: '' } })
  }
  for (const name of ['authorization_details', 'claims']) {
    refuse(`unsupported-${name.replaceAll('_', '-')}`, `\`${name}\` would change what is asked for: it is refused, not passed over.`, 'request.parameter.unsupported', { form: { [name]: '[]' } })
  }
  accept('unknown-parameters', 'Unknown parameters are ignored (RFC 6749 section 3.2).', { form: { nonce: 'x', code: 'y', redirect_uri: 'https://attacker.example' } })
  accept('empty-parameters', 'Parameters without a value are as good as absent.', { form: { scope: '', audience: '', resource: '', requested_token_type: '', actor_token: '' } })
  accept('order', 'The order of parameters does not matter.', {
    form: { grant_type: undefined, subject_token_type: undefined, zzz: '1', ...{ subject_token_type: TYPE('jwt') }, grant_type: GRANT },
  })
  accept('header-names-in-capitals', 'The names of header fields are compared without regard to case.', {
    headers: [['CONTENT-TYPE', FORM], ['X-Forwarded-For', '10.0.0.1']],
  })
})
