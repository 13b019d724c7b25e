/**
 * Published attacks, at every place where a token is taken, and on the request
 * around it. None is answered 200, and none 5xx.
 *
 * That an attack is refused is what these cases say. Why it is refused is written
 * by `BLESS=1` and read by people; the honest twin of each place is granted.
 */
import { FORGED, SIGNED } from '../attacks.mjs'
import { GRANT, RECORDED, TYPE, granted, refused, suite } from '../case.mjs'
import { NOW, US, claims as honest } from '../token.mjs'

const BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const web = ['web', 'web-secret-for-tests']

/** Where a token is taken: whose keys are trusted there, and the request around it. */
const PLACES = {
  'subject': {
    error: 'invalid_request',
    own: { key: 'idp-es256', attacker: 'attacker-es256', claims: honest() },
    step: (token) => ({ token }),
  },
  'actor': {
    error: 'invalid_request',
    own: { key: 'idp-es256', attacker: 'attacker-es256', claims: honest({ sub: 'agent-7' }) },
    step: (token) => ({ form: { actor_token: token, actor_token_type: TYPE('jwt') } }),
  },
  'assertion': {
    error: 'invalid_grant',
    config: 'grants',
    own: { key: 'idp-es256', attacker: 'attacker-es256', claims: honest() },
    step: (token) => ({ request: { basic: web, form: { grant_type: BEARER, assertion: token } } }),
  },
  'client': {
    error: 'invalid_client',
    status: 401,
    own: { key: 'machine-es256', attacker: 'attacker-es256', claims: { iss: 'machine', sub: 'machine', aud: US, jti: 'j1', iat: NOW, exp: NOW + 60 } },
    step: (token) => ({ client: null, form: { client_assertion: token, client_assertion_type: ASSERTION } }),
  },
}

/** The token of an attack: the honest one of the place, changed. */
function token(own, { wrap, claims, payloadText, ...spec }) {
  if (wrap !== undefined) return wrap
  const said = payloadText ?? JSON.stringify({ ...own.claims, ...claims })
  return { key: own.key, ...spec, payloadText: said }
}

for (const [place, { error, status = 400, config = 'standard', own, step }] of Object.entries(PLACES)) {
  suite(`attack-${place}`, ({ steps }) => {
    steps('honest', 'The honest twin of the attacks at this place is granted.', config, [granted(step(token(own, {})))])
    for (const [name, [about, attack]] of Object.entries({ ...FORGED, ...SIGNED })) {
      steps(name, about, config, [refused(RECORDED, { ...step(token(own, attack(own))), expect: { status, error } })])
    }
  })
}

suite('attack-request', ({ steps }) => {
  const refuse = (name, about, step, expect = {}) => steps(name, about, step.config, [refused(RECORDED, { ...step, expect })])
  const client = { status: 401, error: 'invalid_client' }
  const long = (times) => [{ repeat: 'a', times }]

  // RFC 6749 section 3.2, OWASP's "HTTP parameter pollution": each reader takes another one.
  for (const [name, value] of Object.entries({
    grant_type: [GRANT, 'client_credentials'], subject_token_type: [TYPE('jwt'), TYPE('access_token')], audience: ['https://api.example', 'https://attacker.example', 'https://api.example'],
    client_id: ['web', 'machine'], scope: ['read', 'read write openid'], requested_token_type: [TYPE('access_token'), TYPE('jwt')], resource: ['https://api.example', 'https://attacker.example'],
  })) {
    const error = { audience: 'invalid_target', resource: 'invalid_target' }[name] ?? 'invalid_request'
    refuse(`twice-${name.replaceAll('_', '-')}`, `\`${name}\` stands several times, and one of them is not allowed.`, { form: { [name]: value } }, { error })
  }
  const body = (text, more = {}) => ({ request: { basic: web, headers: [['content-type', 'application/x-www-form-urlencoded']], body: text, ...more } })
  for (const [name, text] of Object.entries({
    'array-brackets': 'grant_type[]=a&grant_type[]=b', 'prototype': '__proto__[grant_type]=x&constructor=y', 'nothing-but-ampersands': '&'.repeat(2000), 'nothing-but-equals': '='.repeat(2000),
  })) refuse(`body-${name}`, 'A body in which some readers of forms find parameters, and this one does not.', body(text))
  for (const [name, text] of Object.entries({
    'nul-in-a-name': 'grant_type%00=x&grant_type=y', 'semicolons': 'grant_type=a;subject_token=b', 'half-an-escape': 'grant_type=%', 'wrong-escape': 'grant_type=%zz', 'overlong-utf8': 'grant_type=%c0%af',
  })) refuse(`body-${name}`, 'A body that readers of forms disagree about: the grant type is nothing known.', body(text), { error: 'unsupported_grant_type' })

  // CVE-2022-1245 and its cousins: the client asks for what is not its own.
  const target = { error: 'invalid_target' }
  for (const [name, audience] of Object.entries({
    'another-client': 'machine', 'ourselves': US, 'longer': 'https://api.example.attacker.example', 'as-user': 'https://api.example@attacker.example', 'in-capitals': 'HTTPS://API.EXAMPLE',
    'other-scheme': 'http://api.example', 'other-port': 'https://api.example:8443', 'deeper': 'https://api.example/admin', 'line-break': 'https://api.example\r\nx: y', 'star': '*', 'dot': 'https://api.example.', 'encoded': 'https://api%2eexample',
  })) refuse(`audience-of-${name}`, `CVE-2022-1245: an audience that the application may not ask for: \`${JSON.stringify(audience).slice(1, -1)}\`.`, { form: { audience } }, target)
  for (const [name, resource] of Object.entries({
    'fragment': 'https://api.example#x', 'relative': '/api', 'script': 'javascript:alert(1)', 'file': 'file:///etc/passwd', 'inside': 'http://169.254.169.254/', 'dots': 'https://api.example/../admin', 'empty': 'https://',
  })) refuse(`resource-with-${name}`, `A resource that is not known here: \`${resource}\`.`, { form: { resource } }, target)

  // Scopes: more than one may have, hidden among what one may.
  const scope = { error: 'invalid_scope' }
  for (const [name, value] of Object.entries({
    'admin': 'exchequer:admin', 'in-capitals': 'READ', 'with-a-tab': 'read\twrite', 'with-a-line-break': 'read\nwrite', 'quoted': '"read"', 'with-a-comma': 'read,write', 'not-ascii': 'réad', 'star': '*',
  })) refuse(`scope-${name}`, `A scope that the application does not have: \`${JSON.stringify(value).slice(1, -1)}\`.`, { form: { scope: value } }, scope)

  // Token types: what is named decides how a token is read (RFC 8693 section 3).
  for (const [name, type] of Object.entries({
    'empty-urn': 'urn:ietf:params:oauth:token-type:', 'saml1': TYPE('saml1'), 'saml2': TYPE('saml2'), 'in-capitals': TYPE('jwt').toUpperCase(), 'spaced': ` ${TYPE('jwt')}`, 'two': `${TYPE('jwt')} ${TYPE('access_token')}`,
    'refresh-token-of-somebody': TYPE('refresh_token'), 'device-secret': 'urn:openid:params:token-type:device-secret', 'id-jag': TYPE('id-jag'), 'txn-token': TYPE('txn_token'),
  })) refuse(`type-of-${name}`, `A subject token of the type \`${type}\` is not a JWT to be trusted.`, { type, form: { subject_token_type: type } })
  for (const [name, type] of Object.entries({ 'saml2': TYPE('saml2'), 'refresh-token': TYPE('refresh_token'), 'id-jag': TYPE('id-jag'), 'nothing-known': 'x:y' })) {
    refuse(`asked-for-${name}`, `A token of the type \`${type}\` is asked for.`, { form: { requested_token_type: type } })
  }

  // Who the client is: RFC 9700 section 2.5, and what secrets are compared with.
  const secret = 'web-secret-for-tests'
  for (const [name, pair] of Object.entries({
    'nobody': ['', ''], 'empty-secret': ['web', ''], 'secret-in-capitals': ['web', secret.toUpperCase()], 'client-in-capitals': ['WEB', secret], 'nul-in-the-secret': ['web', `${secret}\u0000`], 'nul-in-the-client': ['web\u0000', secret],
    'space-behind': ['web ', secret], 'query': ["web' OR '1'='1", secret], 'object': ['{"$ne":null}', secret], 'star': ['*', secret], 'very-long': ['w'.repeat(4000), secret], 'prototype': ['__proto__', secret], 'constructor': ['constructor', secret],
    'look-alike': ['wеb', secret], 'line-break': ['web\r\nx', secret],
  })) refuse(`client-of-${name}`, `Somebody who is not the client: \`${JSON.stringify(pair[0]).slice(1, 30)}\`.`, { client: null, basic: pair }, client)
  refuse('client-twice', 'A client in the header and another one in the body.', { form: { client_id: 'machine' } }, client)
  refuse('client-assertion-of-another-type', 'RFC 7521 section 4.2: an assertion of a type that nobody asked for.', { client: null, form: { client_assertion: 'a.b.c', client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' } }, client)
  refuse('client-public-for-a-confidential-one', 'A confidential client that shows nothing.', { client: null, form: { client_id: 'web' } }, client)

  // Too much of everything costs no more than a bounded read.
  refuse('long-audience', 'An audience of thirty thousand letters.', { form: { audience: long(30_000) } }, target)
  refuse('long-scope', 'A scope of thirty thousand letters.', { form: { scope: long(30_000) } }, scope)
  refuse('long-client', 'A client of thirty thousand letters.', { client: null, form: { client_id: long(30_000), client_secret: 'x' } }, client)
  refuse('long-subject-token', 'A subject token of thirty thousand letters.', { token: long(30_000) })
  refuse('many-audiences', 'A thousand audiences.', { form: { audience: Array.from({ length: 1000 }, (_, i) => `https://${i}.example`) } }, {})
})
