/** Keys of an issuer: how they are named, which are usable, certificates. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

import { granted, refused, suite } from '../case.mjs'
import { key, publicJwk } from '../keys.mjs'
import { NOW, b64 } from '../token.mjs'
import { emsa } from './signature.mjs'

const notFound = 'subject_token.key.not_found'
const skipped = 'subject_token.key.skipped'
const URL_OF_KEYS = 'https://idp.example/jwks'
const serving = (...keys) => ({ [URL_OF_KEYS]: [{ body: { $jwks: keys } }] })
const weak = (name) => JSON.parse(readFileSync(new URL(`../../../keys/weak/${name}.json`, import.meta.url))).jwk

suite('jwks', ({ refuse, accept, steps }) => {
  const kids = {
    'path': '../../../../../../dev/null', 'sql': "x' UNION SELECT 'key'; -- ", 'url': 'https://attacker.example/key',
    'nul': 'idp-es256\u0000', 'line-breaks': 'a\r\nX-Injected: 1', 'long': 'k'.repeat(8000), 'empty': '',
    'upper-case': 'IDP-ES256', 'space-after': 'idp-es256 ', 'lookup': '${jndi:ldap://attacker.example/a}', 'prototype': '__proto__',
    'look-alike': 'іdp-es256', 'thumbprint-of-another': 'constructor',
  }
  for (const [name, kid] of Object.entries(kids)) {
    refuse(`kid-${name}`, `A \`kid\` is a name that is looked up and nothing else: \`${kid.slice(0, 30).replace(/[\r\n\0]/g, ' ')}\` is not found.`, notFound, {
      token: { header: { kid } }, expect: { fetches: 1 },
    })
  }

  const weakKeys = {
    'rsa-1024': 'an RSA key of 1024 bits', 'rsa-2047': 'an RSA key of 2047 bits', 'rsa-16384': 'an RSA key of 16384 bits',
    'rsa-even-modulus': 'an even RSA modulus', 'rsa-factor-3': 'an RSA modulus with the factor 3',
    'rsa-exponent-even': 'an even RSA exponent', 'rsa-exponent-0': 'an RSA exponent of 0',
    'rsa-exponent-2048-bits': 'an RSA exponent as large as the modulus', 'rsa-roca-found': 'a modulus with the ROCA fingerprint',
    'p256-off-curve': 'a point that is not on P-256', 'p384-off-curve': 'a point that is not on P-384', 'p521-off-curve': 'a point that is not on P-521',
    'p256-zero': 'the point at zero', 'p256-as-p384': 'coordinates of another curve', 'secp256k1': 'a curve of another algorithm',
    'ed25519-small-order-1': 'an Ed25519 point of small order', 'ed25519-off-curve': 'bytes that are no Ed25519 point',
    'x25519': 'a key for key agreement', 'oct': 'a shared secret', 'base64-not-canonical': 'base64url that is not canonical',
  }
  for (const [name, what] of Object.entries(weakKeys)) {
    const jwk = weak(name)
    const inSet = typeof jwk === 'object' && jwk !== null && !Array.isArray(jwk) ? { ...jwk, kid: 'weak' } : jwk
    steps(`weak-${name}`, `A key set may have ${what} in it: that key does not count, and the others do.`, 'standard', [
      refused(skipped, {
        token: { ...(jwk?.kty === 'RSA' && { key: 'attacker-rs2048' }), ...(jwk?.kty === 'OKP' && { key: 'idp-ed25519' }), header: { kid: 'weak' } },
        fetch: serving(inSet, 'idp-es256'),
        expect: { fetches: 1 },
      }),
      granted({ expect: { fetches: 0 } }),
    ])
  }
  steps('weak-exponent-1', 'With e = 1 everyone signs: such a key does not count.', 'standard', [
    refused(skipped, {
      token: { key: 'attacker-rs2048', header: { kid: 'weak' }, made: (input) => emsa(input, 256) },
      fetch: serving({ ...weak('rsa-exponent-1'), kid: 'weak' }, 'idp-es256'),
    }),
    granted(),
  ])
  steps('weak-rsa-1024-signed', 'A good signature by an RSA key of 1024 bits is worth nothing.', 'standard', [
    refused(skipped, { token: { key: 'weak-rs1024' }, fetch: serving('weak-rs1024', 'idp-es256') }),
  ])
  steps('weak-only', 'A set in which no key is usable makes no token good: its keys are not missing, they do not count.', 'standard', [
    refused(skipped, { token: { key: 'weak-rs1024' }, fetch: serving('weak-rs1024'), expect: { fetches: 1 } }),
  ])

  const { n, e, kty } = key('idp-rs2048').jwk
  const unusable = {
    'for-encryption': [{ $public: 'idp-es256', use: 'enc' }, 'its `use` is `enc`'],
    'use-of-another-type': [{ $public: 'idp-es256', use: ['sig'] }, 'its `use` is no text'],
    'for-x509-svid': [{ $public: 'idp-es256', use: 'x509-svid' }, 'its `use` is `x509-svid`: it signs certificates'],
    'operations-no-list': [{ $public: 'idp-es256', use: null, key_ops: 'verify' }, 'its `key_ops` is no list'],
    'operations-without-verify': [{ $public: 'idp-es256', use: null, key_ops: ['encrypt'] }, 'its `key_ops` does not include `verify`'],
    'alg-of-another-key': [{ $public: 'idp-es256', alg: 'RS256' }, 'its `alg` does not fit its type'],
    'alg-symmetric': [{ kty, n, e, kid: 'idp-es256', alg: 'HS256' }, 'its `alg` is symmetric'],
    'alg-encryption': [{ $public: 'idp-es256', alg: 'ECDH-ES' }, 'its `alg` is one of encryption'],
    'kid-number': [{ $public: 'idp-es256', kid: 1 }, 'its `kid` is no text'],
    'without-kid': [{ $public: 'idp-es256', kid: null }, 'it has no `kid`, and the token names one'],
  }
  for (const [name, [jwk, why]] of Object.entries(unusable)) {
    steps(name, `A key does not serve a token because ${why}.`, 'standard', [
      refused(jwk.kid === null || jwk.kid === 1 ? notFound : skipped, { fetch: serving(jwk, 'idp-es384'), expect: { fetches: 1 } }),
      granted({ token: { key: 'idp-es384' }, expect: { fetches: 0 } }),
    ])
  }
  steps('alg-of-the-key', 'A key that is for one algorithm serves no other, even of its type.', 'standard', [
    refused(notFound, { token: { key: 'idp-rs2048', alg: 'PS256' }, fetch: serving({ $public: 'idp-rs2048', alg: 'RS256' }) }),
    granted({ token: { key: 'idp-rs2048', alg: 'RS256' } }),
  ])
  accept('for-verification', 'A key with `key_ops` `verify` and `use` `sig` is one for signatures.', {
    fetch: serving({ $public: 'idp-es256', use: 'sig', key_ops: ['verify'] }),
  })
  const forgiven = {
    'null-members': [{ use: null, key_ops: null, alg: null, x5c: null, x5t: null, 'x5t#S256': null, x5u: null }, 'Members that are `null` are as good as absent.'],
    'operations-empty': [{ use: undefined, key_ops: [] }, 'An empty `key_ops` says nothing.'],
    'use-in-capitals': [{ use: 'SIG' }, 'The letter case of `use` does not matter.'],
    'for-jwt-svid': [{ use: 'jwt-svid' }, 'SPIFFE calls the keys of its tokens `jwt-svid`.'],
    'certificate-unreadable': [{ x5c: ['?'], x5t: 1 }, 'What cannot be read beside a key does not spoil it.'],
  }
  for (const [name, [members, about]] of Object.entries(forgiven)) {
    accept(name, about, { fetch: { [URL_OF_KEYS]: [{ body: { keys: [{ ...publicJwk('idp-es256'), ...members }] } }] }, expect: { fetches: 1 } })
  }
  steps('kid-null', 'A `kid` that is `null` is none: a token without `kid` finds the key, one with `kid` does not.', 'standard', [
    granted({ token: { header: { kid: undefined } }, fetch: { [URL_OF_KEYS]: [{ body: { keys: [{ ...publicJwk('idp-es256'), kid: null }] } }] } }),
    refused(notFound, { token: { header: { kid: 'null' } } }),
  ])
  const bundle = { keys: [publicJwk('idp-es256', { use: 'jwt-svid' }), publicJwk('idp-es256-next', { use: 'x509-svid', kid: undefined })], spiffe_sequence: 12, spiffe_refresh_hint: 300 }
  steps('spiffe-bundle', 'Of a SPIFFE bundle the `jwt-svid` keys count, and never those for certificates.', 'standard', [
    granted({ fetch: { [URL_OF_KEYS]: [{ body: bundle }] }, expect: { fetches: 1 } }),
    refused('subject_token.signature.rejected', { token: { key: 'idp-es256-next', header: { kid: undefined } } }),
  ])
  accept('private-members-are-ignored', 'A set that publishes private members by mistake still verifies.', {
    fetch: { [URL_OF_KEYS]: [{ body: { keys: [{ $key: 'idp-es256' }] } }] },
  })
  accept('same-kid-twice', 'Two keys may have one name during a rotation: each is tried.', {
    fetch: serving({ $public: 'idp-es256-next', kid: 'idp-es256' }, 'idp-es256'),
  })
  accept('same-kid-of-two-types', 'A name may stand for keys of several types: the one that fits is taken.', {
    fetch: serving({ $public: 'idp-rs2048', kid: 'idp-es256' }, 'idp-es256', { $public: 'idp-ed25519', kid: 'idp-es256' }),
  })
  refuse('no-kid-and-several-keys', 'Without `kid` it must be clear which key is meant.', 'subject_token.key.ambiguous', {
    token: { key: 'idp-rs2048', header: { kid: undefined } }, expect: { fetches: 1 },
  })
  refuse('no-kid-and-no-key', 'Without `kid` and without a key that fits there is no key.', notFound, {
    token: { header: { kid: undefined } }, fetch: serving('idp-rs2048'),
  })
  accept('five-hundredth-key', 'The five hundredth key of a set is looked at.', {
    fetch: { [URL_OF_KEYS]: [{ body: { $jwks: [...Array(499).fill(0), 'idp-es256'] } }] },
  })
  steps('five-hundred-keys', 'No more than five hundred keys of a set are looked at.', 'standard', [
    refused('subject_token.key.beyond_limit', { fetch: { [URL_OF_KEYS]: [{ body: { $jwks: ['idp-es384', ...Array(499).fill(0), 'idp-es256'] } }] } }),
    granted({ token: { key: 'idp-es384' } }),
  ])
  steps('broken-keys-among-good-ones', 'Whatever else is in a set, a good key in it is good.', 'standard', [
    granted({ fetch: { [URL_OF_KEYS]: [{ body: { keys: [null, 1, 'key', [], {}, { kty: null }, { kty: 'EC' }, publicJwk('idp-es256'), { ...publicJwk('idp-es384'), x: 'AA' }] } }] } }),
    refused(skipped, { token: { key: 'idp-es384' } }),
  ])

  const chain = (name) => [der(name)]
  const certified = [publicJwk('idp-es256', { kid: undefined, x5c: chain('cert-es256') }), publicJwk('idp-es256-next', { kid: undefined, x5c: chain('cert-es256-next') })]
  const named = [publicJwk('idp-es256', { kid: undefined, x5t: x5t('cert-es256') }), publicJwk('idp-es256-next', { kid: undefined, 'x5t#S256': x5t('cert-es256-next', 'sha256') })]
  const publishing = (keys) => ({ [URL_OF_KEYS]: [{ body: { keys } }] })
  const by = (header, key = 'idp-es256') => ({ token: { key, header: { kid: undefined, ...header } } })
  steps('x5t-of-a-certificate', 'A token may name its key by the thumbprint of the certificate that the set has for it.', 'standard', [
    refused('subject_token.key.ambiguous', { ...by({}), fetch: publishing(certified) }),
    granted(by({ x5t: x5t('cert-es256') })),
    granted(by({ 'x5t#S256': x5t('cert-es256-next', 'sha256') }, 'idp-es256-next')),
    refused('subject_token.signature.rejected', by({ x5t: x5t('cert-es256') }, 'idp-es256-next')),
    refused(notFound, by({ x5t: x5t('cert-rs2048') })),
  ])
  steps('x5t-of-the-key', 'Or by the `x5t` or `x5t#S256` that the set has beside the key.', 'standard', [
    granted({ ...by({ x5t: x5t('cert-es256') }), fetch: publishing(named) }),
    granted(by({ 'x5t#S256': x5t('cert-es256-next', 'sha256') }, 'idp-es256-next')),
  ])
  steps('x5t-in-hex', 'WSO2 Identity Server writes the hex digits of the thumbprint, in base64url.', 'standard', [
    granted({ ...by({ x5t: hex('cert-es256-next') }, 'idp-es256-next'), fetch: publishing(certified) }),
  ])
  const inHex = [publicJwk('idp-es256', { kid: undefined, x5t: hex('cert-es256') }), publicJwk('idp-es256-next', { kid: undefined, x5t: hex('cert-es256-next') })]
  steps('x5t-in-hex-of-the-key', 'And so does its key set.', 'standard', [
    granted({ ...by({ x5t: hex('cert-es256') }), fetch: publishing(inHex) }),
    granted(by({ x5t: x5t('cert-es256-next') }, 'idp-es256-next')),
  ])
  steps('x5t-beside-kid', 'A `kid` that the set has is the name that counts; one that it has not leaves the thumbprint.', 'standard', [
    granted({ ...by({ kid: 'a', x5t: x5t('cert-es256-next') }), fetch: publishing([{ ...certified[0], kid: 'a' }, { ...certified[1], kid: 'b' }]) }),
    granted(by({ kid: 'c', x5t: x5t('cert-es256-next') }, 'idp-es256-next')),
    refused(notFound, by({ kid: 'c' })),
  ])
  accept('x5t-of-a-key-without-certificate', 'A set may say nothing of certificates: the one key that fits is taken.', {
    ...by({ x5t: x5t('cert-es256') }), fetch: publishing([publicJwk('idp-es256', { kid: undefined })]),
  })
  refuse('x5t-number', 'An `x5t` that is no text is malformed.', 'subject_token.header.malformed', by({ x5t: 1 }))
})

const pem = (name) => new URL(`../../keys/${name}.pem`, import.meta.url).pathname
const der = (name) => execFileSync('openssl', ['x509', '-in', pem(name), '-outform', 'DER']).toString('base64')
const digest = (name, hash = 'sha1') => createHash(hash).update(Buffer.from(der(name), 'base64')).digest()
/** The thumbprint of a certificate, as a header names it. */
const x5t = (name, hash) => b64(digest(name, hash))
const hex = (name) => b64(digest(name).toString('hex'))

const publicPem = (name) => key(name).publicKey.export({ type: 'spki', format: 'pem' })

/** A configuration whose issuer has these certificates. */
const certified = (...certificates) => ({
  issuer: 'https://sts.example',
  keys: [{ $key: 'ours' }],
  trustedTokenIssuers: [{ name: 'Acme', issuer: 'https://idp.example', certificate: { certificates } }],
  applications: [
    {
      clientId: 'web', clientSecret: 'web-secret-for-tests',
      grantTypes: ['urn:ietf:params:oauth:grant-type:token-exchange'], trustedTokenIssuers: ['Acme'],
    },
  ],
})

suite('certificates', ({ accept, refuse, steps }) => {
  const cert = ($certificate) => ({ $certificate })
  const expect = { fetches: 0 }
  accept('rsa', 'A token is verified with the RSA key of a certificate, whatever its `kid`.', {
    config: certified(cert('cert-rs2048')), token: { key: 'idp-rs2048', header: { kid: 'anything' } }, expect,
  })
  accept('rsa-pss', 'The RSA key of a certificate serves PSS as well.', {
    config: certified(cert('cert-rs2048')), token: { key: 'idp-rs2048', alg: 'PS384' }, expect,
  })
  accept('ec', 'A token is verified with the EC key of a certificate.', { config: certified(cert('cert-es256')), expect })
  accept('public-key', 'A public key may stand in the place of a certificate, and counts for ever.', {
    config: certified(publicPem('idp-rs2048')), token: { key: 'idp-rs2048', header: { kid: 'anything' } }, expect,
  })
  accept('public-key-beside-an-expired-certificate', 'And beside certificates.', {
    config: certified(cert('cert-es256-expired'), publicPem('idp-es256')), expect,
  })
  refuse('public-key-of-another', 'Only the tokens that it signed are good.', 'subject_token.signature.rejected', {
    config: certified(publicPem('idp-es256-next')), expect,
  })
  accept('der', 'A certificate may be given as base64 of DER.', { config: certified(der('cert-es256')), expect })
  accept('without-kid', 'With certificates a token needs no `kid`: each that fits is tried.', {
    config: certified(cert('cert-es256-next'), cert('cert-es256')), token: { header: { kid: undefined } }, expect,
  })
  accept('one-expired', 'An expired certificate is passed over while another holds.', {
    config: certified(cert('cert-es256-expired'), cert('cert-es256-next'), cert('cert-rs2048')), token: { key: 'idp-es256-next' }, expect,
  })
  refuse('expired-key-does-not-count', 'A key whose certificate has expired verifies nothing, even while another certificate holds.', 'subject_token.signature.rejected', {
    config: certified(cert('cert-es256-expired'), cert('cert-es256-next')), expect,
  })
  refuse('all-expired', 'When every certificate that fits has expired there is no key.', 'subject_token.key.certificate_expired', {
    config: certified(cert('cert-es256-expired'), cert('cert-rs2048')), expect,
  })
  refuse('not-valid-yet', 'A certificate that is not valid yet is no key either.', 'subject_token.key.certificate_expired', {
    config: certified(cert('cert-es256-future')), token: { key: 'idp-es256-next' }, expect,
  })
  refuse('of-another-type', 'A certificate of another type of key does not fit: its issuer may not use that algorithm.', 'subject_token.algorithm.not_allowed', {
    config: certified(cert('cert-rs2048')), expect,
  })
  const named = (name, key) => ({ token: { key, header: { kid: undefined, x5t: x5t(name) } }, expect })
  steps('x5t', 'A thumbprint chooses among certificates; one of none of them leaves each to be tried.', certified(cert('cert-es256'), cert('cert-es256-next')), [
    granted(named('cert-es256', 'idp-es256')),
    granted(named('cert-es256-next', 'idp-es256-next')),
    refused('subject_token.signature.rejected', named('cert-es256', 'idp-es256-next')),
    granted(named('cert-rs2048', 'idp-es256-next')),
  ])
  steps('x5t-of-an-expired-one', 'A certificate that is named and has expired verifies nothing, and is what is said to have expired.', certified(cert('cert-es256-expired'), cert('cert-es256-next')), [
    refused('subject_token.key.certificate_expired', named('cert-es256-expired', 'idp-es256')),
    granted(named('cert-es256-next', 'idp-es256-next')),
  ])
  const until = Date.UTC(2021, 0, 1) / 1000
  const at = (now) => ({ now, token: { claims: { iat: now - 10, exp: now + 600 } } })
  steps('validity-to-the-second', 'A certificate holds to its last second and no longer.', certified(cert('cert-es256-expired')), [
    granted({ ...at(until), expect }),
    refused('subject_token.key.certificate_expired', { ...at(until + 1), expect }),
    refused('subject_token.key.certificate_expired', { ...at(Date.UTC(2020, 0, 1) / 1000 - 1), expect }),
    granted({ ...at(Date.UTC(2020, 0, 1) / 1000), expect }),
  ])
  refuse('x5c-is-ignored', 'A certificate in the header does not become one of the issuer.', 'subject_token.signature.rejected', {
    config: certified(cert('cert-es256')), now: NOW,
    token: { key: 'idp-es256-next', header: { kid: 'idp-es256', x5c: [der('cert-es256-next')] } }, expect,
  })
})
