/** Client certificates (RFC 8705). What a row of the requirements asks for stands in brackets. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

import { GRANT, TYPE, from, granted, refused, suite } from '../case.mjs'
import { makeCertificates } from '../certificates.mjs'
import { NOW } from '../token.mjs'

makeCertificates()

const config = 'mtls'
const BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const CHALLENGE = { 'www-authenticate': 'Basic realm="token", charset="UTF-8"' }
const secretOf = (client) => [client, `${client}-secret-for-tests`]
const pem = (name) => readFileSync(new URL(`../../keys/${name}.pem`, import.meta.url), 'utf8')
const der = (name) => Buffer.from(pem(name).replace(/-----[^-]+-----|\s/g, ''), 'base64')
const x5t = (name) => createHash('sha256').update(der(name)).digest('base64url')
const hex = (name) => createHash('sha256').update(der(name)).digest('hex')

const tls = (name = 'client-es256', verified = true) => ({ certificate: { der: der(name).toString('base64'), verified } })
const described = (name, subject, verified = true) => ({ certificate: { sha256: hex(name), subject, verified } })
const PROXY = '10.1.1.1'
const field = (name) => `:${der(name).toString('base64')}:`

const asked = (client, connection, { headers, form, basic } = {}) => ({
  request: { connection, headers, basic: basic ?? (['web', 'bound', 'relay'].includes(client) ? secretOf(client) : undefined), form: { grant_type: 'client_credentials', ...(!['web', 'bound', 'relay'].includes(client) && { client_id: client }), ...form } },
})
const exchange = (client, token, connection, form = {}) => asked(client, connection, { form: { grant_type: GRANT, subject_token: token, subject_token_type: TYPE(token?.claims ? 'jwt' : 'access_token'), ...form } })
const refresh = (client, token, connection) => asked(client, connection, { form: { grant_type: 'refresh_token', refresh_token: token } })
const introspect = (client, token, body) => ({ request: { target: '/oauth2/introspect', basic: secretOf(client), form: { token } }, expect: { status: 200, body } })
const failed = (reason, step) => refused(reason, { ...step, expect: { status: 401, error: 'invalid_client', headers: CHALLENGE, ...step.expect } })
const notGranted = (reason, step) => refused(reason, { ...step, expect: { error: 'invalid_grant', ...step.expect } })
const bound = (name = 'client-es256') => ({ body: { token_type: 'Bearer' }, claims: { cnf: { 'x5t#S256': x5t(name) } } })
const foreign = (cnf) => ({ claims: { cnf } })

const missing = 'client.certificate.missing'
const other = 'client.certificate.other'

suite('mtls', ({ steps }) => {
  const one = (name, about, step) => steps(name, about, config, [step])

  one('subject', 'A client authenticates with a certificate of its subject, and its token is bound to it (MTLS-02, MTLS-03, MTLS-05).', granted({ ...asked('by-subject', tls()), expect: bound() }))
  for (const name of ['dns', 'uri', 'ip', 'email']) one(`san-${name}`, 'A client authenticates with a certificate that has one of its other names (MTLS-02).', granted({ ...asked(`by-${name}`, tls()), expect: { claims: { cnf: null, client_id: `by-${name}` } } }))
  one('spiffe', 'An X.509-SVID has the SPIFFE id of the client as its only URI (CA-13).', granted({ ...asked('by-spiffe', tls('client-spiffe')), expect: { claims: { client_id: 'by-spiffe' } } }))
  one('spiffe-two-ids', 'One with two URIs is none (CA-13).', failed(other, asked('by-spiffe', tls('client-two-ids'))))
  one('self-signed', 'A client authenticates with the certificate that it registered, whoever signed that (MTLS-04).', granted({ ...asked('by-certificate', tls('client-es256', false)), expect: { body: { token_type: 'Bearer' } } }))
  one('self-signed-other', 'Another certificate of the same key is another certificate (MTLS-04).', failed(other, asked('by-certificate', tls('client-spiffe', true))))
  one('self-signed-expired', 'An expired certificate authenticates nobody (MTLS-04).', failed('client.certificate.expired', asked('by-certificate', tls('client-expired'))))
  one('self-signed-described', 'The thumbprint alone names a registered certificate (MTLS-15).', granted(asked('by-certificate', described('client-es256', undefined, false))))
  for (const [name, client] of Object.entries({ subject: 'by-subject', dns: 'by-dns', uri: 'by-uri', ip: 'by-ip', email: 'by-email', spiffe: 'by-spiffe' })) {
    one(`unverified-${name}`, 'Names count in a certificate whose chain was verified only (MTLS-02).', failed('client.certificate.unverified', asked(client, tls(client === 'by-spiffe' ? 'client-spiffe' : 'client-es256', false))))
    one(`another-${name}`, 'The certificate of another client authenticates nobody (MTLS-01).', failed(other, asked(client, tls(client === 'by-spiffe' ? 'client-es256' : 'cert-es256'))))
    one(`without-${name}`, 'Without a certificate the client does not authenticate (MTLS-01).', failed(missing, asked(client, undefined)))
  }
  one('without-client-id', 'The client says which one it is (MTLS-01).', failed('client.authentication.missing', asked(undefined, tls(), { form: { client_id: undefined } })))
  one('secret-instead', 'A client that is registered with a certificate has no secret.', failed('client.authentication.wrong_method', asked('by-dns', tls(), { basic: ['by-dns', 'anything-at-all-here'], form: { client_id: undefined } })))
  one('certificate-instead', 'A client that is registered with a secret has to show it.', failed('client.authentication.missing', asked('by-dns', tls(), { form: { client_id: 'web' } })))
  one('described-subject', 'A platform may say the subject and the thumbprint alone (MTLS-15).', granted({ ...asked('by-subject', described('client-es256', 'CN=deployer,OU=Robots,O=Acme\\, Inc.')), expect: bound() }))
  for (const [name, subject] of Object.entries({ spaces: 'cn = deployer , OU=Robots,O=Acme\\, Inc.', quotes: 'CN=deployer,OU=Robots,O="Acme, Inc."', hex: 'CN=deployer,OU=Robots,O=Acme\\2c Inc.', oids: '2.5.4.3=deployer,OU=Robots,O=Acme\\, Inc.' })) {
    one(`described-subject-${name}`, 'Another spelling is the same subject (MTLS-03).', granted(asked('by-subject', described('client-es256', subject))))
  }
  for (const [name, subject] of Object.entries({ order: 'O=Acme\\, Inc.,OU=Robots,CN=deployer', 'letter-case': 'CN=Deployer,OU=Robots,O=Acme\\, Inc.', joined: 'CN=deployer+OU=Robots,O=Acme\\, Inc.', longer: 'CN=deployer,OU=Robots,O=Acme\\, Inc.,C=DE' })) {
    one(`described-subject-${name}`, 'Another order, letter case or number of names is another subject (MTLS-03).', failed(other, asked('by-subject', described('client-es256', subject))))
  }
  one('described-subject-other', 'Another subject is another client (MTLS-15).', failed(other, asked('by-subject', described('client-es256', 'CN=deployer,OU=Robots,O=Acme'))))
  one('described-dns', 'A description without alternative names has none (MTLS-15).', failed(other, asked('by-dns', described('client-es256', 'CN=deployer.acme.example'))))
  one('described-broken', 'A subject that cannot be read is refused (MTLS-15).', refused('client.certificate.unreadable', asked('by-subject', described('client-es256', 'deployer'))))
  one('not-a-certificate', 'What is not a certificate is refused.', refused('client.certificate.unreadable', asked('by-subject', { certificate: { der: 'AAAA', verified: true } })))

  one('header', 'A proxy that the configuration names hands in the certificate (MTLS-11, MTLS-13).', granted({ ...asked('by-subject', { peer: PROXY }, { headers: [['Client-Cert', field('client-es256')]] }), expect: bound() }))
  one('header-ipv6', 'The address of a proxy may be IPv6 in any spelling (MTLS-11).', granted(asked('by-subject', { peer: '0:0::1' }, { headers: [['client-cert', field('client-es256')]] })))
  for (const [name, connection] of Object.entries({ 'from-elsewhere': { peer: '10.1.1.2' }, 'from-nowhere': undefined, 'from-a-name': { peer: 'localhost' } })) {
    one(`header-${name}`, 'From anybody else the field is not looked at (MTLS-11).', failed(missing, asked('by-subject', connection, { headers: [['client-cert', field('client-es256')]] })))
  }
  one('header-of-envoy', 'A field that the configuration does not name is not looked at (MTLS-11).', failed(missing, asked('by-subject', { peer: PROXY }, { headers: [['x-forwarded-client-cert', `Hash=${hex('client-es256')};Subject="CN=deployer,OU=Robots,O=Acme\\, Inc."`]] })))
  for (const [name, value] of Object.entries({ 'without-colons': der('client-es256').toString('base64'), 'base64url': `:${der('client-es256').toString('base64url')}:`, 'empty': '', 'no-certificate': ':AAAA:', 'pem': pem('client-es256').replaceAll('\n', ' '), 'several': `${field('client-es256')}, ${field('client-spiffe')}` })) {
    one(`header-${name}`, 'A field of the proxy that cannot be read is refused (MTLS-13).', refused('client.certificate.unreadable', asked('by-subject', { peer: PROXY }, { headers: [['client-cert', value]] })))
  }
  one('header-twice', 'Two fields are refused: the proxy did not remove that of the client (MTLS-13).', refused('client.certificate.unreadable', asked('by-subject', { peer: PROXY }, { headers: [['client-cert', field('client-es256')], ['client-cert', field('client-es256')]] })))
  one('header-and-tls', 'The same certificate from both is one (MTLS-16).', granted(asked('by-subject', { peer: PROXY, ...tls() }, { headers: [['client-cert', field('client-es256')]] })))
  one('header-differs', 'Two different certificates are refused (MTLS-16).', refused('client.certificate.several', asked('by-subject', { peer: PROXY, ...tls('client-spiffe') }, { headers: [['client-cert', field('client-es256')]] })))

  const envoy = (value) => asked('by-subject', { peer: '::1' }, { headers: [['x-forwarded-client-cert', value]] })
  const subject = 'Subject="CN=deployer,OU=Robots,O=Acme\\, Inc."'
  const hash = `Hash=${hex('client-es256')}`
  const envoyed = (name, about, step) => steps(`envoy-${name}`, about, 'mtls-envoy', [step])
  envoyed('hash-and-subject', 'Envoy says thumbprint and subject (MTLS-12).', granted({ ...envoy(`By=spiffe://x;${hash};${subject};URI=`), expect: bound() }))
  envoyed('certificate', 'Envoy may hand in the certificate (MTLS-12).', granted({ ...envoy(`hash=${hex('client-es256').toUpperCase()};cert="${encodeURIComponent(pem('client-es256'))}"`), expect: bound() }))
  const escaped = encodeURIComponent(pem('client-es256'))
  envoyed('certificate-alone', 'nginx can write the same field with the certificate alone (MTLS-14).', granted({ ...envoy(`Cert="${escaped}"`), expect: bound() }))
  envoyed('certificate-empty', 'A certificate that is empty is none: without one the field must be left out (MTLS-14).', refused('client.certificate.unreadable', envoy('Cert=""')))
  envoyed('last-element', 'The last element is of the proxy that sent the request (MTLS-12).', granted({ ...envoy(`Hash=${hex('client-spiffe')};Subject="CN=other",${hash};${subject}`), expect: bound() }))
  envoyed('first-element', 'Those before it are what somebody sent to that proxy (MTLS-12).', failed(other, envoy(`${hash};${subject},Hash=${hex('client-spiffe')};Subject="O=SPIRE"`)))
  envoyed('quoted', 'What stands in quotes separates nothing (MTLS-12).', failed(other, envoy(`Hash=${hex('client-spiffe')};URI="urn:x;${hash},${hash}"`)))
  envoyed('uri', 'A URI of the certificate may name the client (MTLS-12).', granted({ ...asked('by-spiffe', { peer: '::1' }, { headers: [['x-forwarded-client-cert', `Hash=${hex('client-spiffe')};URI=spiffe://acme.example/agent`]] }), expect: { claims: { client_id: 'by-spiffe' } } }))
  envoyed('two-uris', 'Two URIs are no SPIFFE id (CA-13).', failed(other, asked('by-spiffe', { peer: '::1' }, { headers: [['x-forwarded-client-cert', `Hash=${hex('client-spiffe')};URI=spiffe://acme.example/agent;URI=spiffe://acme.example/other`]] })))
  for (const [name, value] of Object.entries({ 'hash-short': 'Hash=abcd', 'hash-base64': `Hash=${x5t('client-es256')}`, 'hash-twice': `${hash};${hash}`, 'not-of-the-certificate': `Hash=${hex('client-spiffe')};Cert="${encodeURIComponent(pem('client-es256'))}"`, 'cert-broken': 'Cert="abc"', 'no-pairs': 'abc', 'open-quote': `${hash};Subject="CN=a`, 'subject-broken': `${hash};Subject="deployer"` })) {
    envoyed(name, 'A field that cannot be read is refused (MTLS-12).', refused('client.certificate.unreadable', envoy(value)))
  }
  envoyed('no-certificate', 'A field without a certificate says that there is none (MTLS-12).', failed(missing, envoy('By=spiffe://x')))
  steps('envoy-unverified', 'Names count only where the proxy verifies chains (MTLS-02).', 'mtls-unverified', [failed('client.certificate.unverified', envoy(`${hash};${subject}`)), granted(asked('by-certificate', { peer: '::1' }, { headers: [['x-forwarded-client-cert', hash]] }))])

  one('metadata', 'The metadata say what there is (MTLS-08, MTLS-09, FAPI-03, FAPI-05).', {
    request: { method: 'GET', target: '/.well-known/oauth-authorization-server' },
    expect: {
      status: 200,
      body: {
        issuer: 'https://sts.example', token_endpoint: 'https://sts.example/oauth2/token', tls_client_certificate_bound_access_tokens: true,
        token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth', 'none'],
        mtls_endpoint_aliases: { token_endpoint: 'https://mtls.sts.example/oauth2/token', introspection_endpoint: 'https://mtls.sts.example/oauth2/introspect', revocation_endpoint: 'https://mtls.sts.example/oauth2/revoke' },
      },
    },
  })
  steps('metadata-without', 'Where nothing is said of certificates, the metadata say nothing (MTLS-08).', 'machines', [
    { request: { method: 'GET', target: '/.well-known/oauth-authorization-server' }, expect: { status: 200, body: { tls_client_certificate_bound_access_tokens: null, mtls_endpoint_aliases: null } } },
  ])

  one('bound-by-a-secret', 'A client may authenticate by a secret and have its tokens bound to a certificate (MTLS-05).', granted({ ...asked('bound', tls('client-spiffe', false)), expect: bound('client-spiffe') }))
  one('bound-without', 'Without a certificate nothing is issued (FAPI-17).', refused(missing, asked('bound', undefined)))
  one('not-bound', 'A certificate that the application does not ask for binds nothing.', granted({ ...asked('web', tls()), expect: { claims: { cnf: null }, body: { token_type: 'Bearer' } } }))
  steps('introspected', 'Introspection says what a JWT is bound to (MTLS-06).', config, [granted(asked('by-subject', tls())), introspect('web', from(1, 'access_token'), { active: true, token_type: 'Bearer', cnf: { 'x5t#S256': x5t('client-es256') } })])
  steps('introspected-opaque', 'And what an opaque token is bound to (MTLS-06).', config, [
    granted(asked('by-certificate', tls())),
    { request: { target: '/oauth2/introspect', connection: tls(), form: { client_id: 'by-certificate', token: from(1, 'access_token') } }, expect: { status: 200, body: { active: true, token_type: 'Bearer', cnf: { 'x5t#S256': x5t('client-es256') } } } },
  ])
  one('foreign', 'A foreign token that is bound to a certificate is exchanged over a connection with it, and what comes out is bound to it.', granted({ ...exchange('web', foreign({ 'x5t#S256': x5t('client-es256') }), tls('client-es256', false)), expect: bound() }))
  one('foreign-without', 'Without its certificate it is refused.', notGranted('subject_token.binding.no_certificate', exchange('web', foreign({ 'x5t#S256': x5t('client-es256') }), undefined)))
  one('foreign-other', 'So it is with another one.', notGranted('subject_token.binding.other_certificate', exchange('web', foreign({ 'x5t#S256': x5t('client-es256') }), tls('client-spiffe'))))
  one('foreign-assertion', 'So is an assertion.', notGranted('assertion.binding.no_certificate', asked('web', undefined, { form: { grant_type: BEARER, assertion: foreign({ 'x5t#S256': x5t('client-es256') }) } })))
  one('foreign-both', 'A token that is bound to a key as well needs both.', notGranted('subject_token.binding.no_proof', exchange('web', foreign({ 'x5t#S256': x5t('client-es256'), jkt: 'A'.repeat(43) }), tls())))
  for (const [name, cnf] of Object.entries({ short: { 'x5t#S256': 'abc' }, number: { 'x5t#S256': 1 }, more: { 'x5t#S256': x5t('client-es256'), kid: 'a' }, 'other-hash': { 'x5t#S512': x5t('client-es256') } })) {
    one(`foreign-cnf-${name}`, 'A confirmation that cannot be checked refuses.', notGranted('subject_token.binding.unknown', exchange('web', foreign(cnf), tls())))
  }
  one('rebind', 'With `dpop.rebind` the certificate of the application takes its place, and what comes out is bound.', granted({ ...exchange('relay', foreign({ 'x5t#S256': x5t('client-es256') }), tls('client-spiffe')), expect: bound('client-spiffe') }))
  one('rebind-without', 'Without any it is refused.', notGranted('subject_token.binding.no_certificate', exchange('relay', foreign({ 'x5t#S256': x5t('client-es256') }), undefined)))
  steps('exchanged-on', 'An issued token that is bound is exchanged with its certificate only, and stays bound (the law).', config, [
    granted(asked('by-subject', tls())),
    notGranted('subject_token.binding.no_certificate', exchange('web', from(1, 'access_token'), undefined)),
    notGranted('subject_token.binding.other_certificate', exchange('web', from(1, 'access_token'), tls('client-spiffe'))),
  ])
  steps('exchanged-twice', 'What was issued for a bound token is bound, and is exchanged in the same way.', config, [
    granted({ ...exchange('web', foreign({ 'x5t#S256': x5t('client-es256') }), tls('client-es256', false)), expect: bound() }),
    notGranted('subject_token.binding.no_certificate', exchange('web', from(1, 'access_token'), undefined)),
    granted({ ...exchange('web', from(1, 'access_token'), tls('client-es256', false)), expect: bound() }),
  ])
  steps('refresh-of-a-public-client', 'The refresh token of a public client is bound to its certificate (MTLS-10).', config, [
    granted({ ...exchange('pocket', { claims: {} }, tls('client-es256', false)), expect: bound() }),
    notGranted('refresh_token.binding.other_certificate', refresh('pocket', from(1, 'refresh_token'), tls('client-spiffe', false))),
    granted({ ...refresh('pocket', from(1, 'refresh_token'), tls('client-es256', false)), expect: bound() }),
    refused(missing, refresh('pocket', from(3, 'refresh_token'), undefined)),
  ])
  steps('refresh-of-a-confidential-client', 'A confidential client may have a new certificate (RFC 8705 section 4).', config, [
    granted(exchange('bound', { claims: {} }, tls('client-es256', false))),
    granted({ ...refresh('bound', from(1, 'refresh_token'), tls('client-spiffe', false)), expect: bound('client-spiffe') }),
  ])
  steps('refresh-stays-bound', 'A family that began bound stays bound.', config, [
    granted({ ...exchange('web', foreign({ 'x5t#S256': x5t('client-es256') }), tls()), expect: bound() }),
    notGranted('refresh_token.binding.no_certificate', refresh('web', from(1, 'refresh_token'), undefined)),
    granted({ ...refresh('web', from(1, 'refresh_token'), tls()), expect: bound() }),
  ])
})
