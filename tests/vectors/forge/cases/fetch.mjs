/** Keys over time: rotation, outage, redirects, discovery, and what is never fetched. */
import { granted, refused, suite, unavailable } from '../case.mjs'
import { publicJwk } from '../keys.mjs'
import { NOW } from '../token.mjs'

const JWKS = 'https://idp.example/jwks'
const notFound = 'subject_token.key.not_found'
const gone = 'subject_token.key.unavailable'
const status = `${gone}.status`
const unusable = 'subject_token.key.document_unusable'
const tooLong = 'subject_token.key.document_too_long'
const elsewhere = 'subject_token.key.document_elsewhere'
const otherIssuer = 'subject_token.key.document_of_another_issuer'
const rejected = 'subject_token.signature.rejected'
const keys = (...names) => ({ body: { $jwks: names } })
const serving = (...answers) => ({ [JWKS]: answers })
const at = (after, step) => ({ now: NOW + after, ...step })
/** A token that lives through a whole case. */
const long = { iat: undefined, exp: NOW + 400_000 }
const token = (key, header) => ({ token: { key, header, claims: long } })
const fetches = (count, more) => ({ expect: { fetches: count, ...more } })

suite('fetch', ({ accept, steps }) => {
  steps('once', 'Keys are fetched once while they are fresh.', 'standard', [
    granted(at(0, { ...token('idp-es256'), ...fetches(1) })),
    granted(at(1, { ...token('idp-es384'), ...fetches(0) })),
    granted(at(3000, { ...token('idp-es256'), ...fetches(0) })),
  ])
  steps('expiry', 'When their time is over keys are fetched again.', 'standard', [
    granted(at(0, { ...token('idp-es256'), ...fetches(1) })), granted(at(3600, { ...token('idp-es256'), ...fetches(1) })),
  ])
  for (const [name, header, fresh] of [
    ['floor', 'max-age=0', 60], ['no-store', 'no-store', 60], ['default', undefined, 900], ['ceiling', 'max-age=31536000', 86400], ['nonsense', 'max-age=soon', 900],
  ]) {
    const headers = header === undefined ? undefined : { 'cache-control': header }
    steps(`lifetime-${name}`, `With \`Cache-Control\` ${header ?? 'left out'} keys are fresh for ${fresh} seconds.`, 'standard', [
      granted(at(0, { ...token('idp-es256'), fetch: serving({ headers, ...keys('idp-es256') }), ...fetches(1) })),
      granted(at(fresh - 1, { ...token('idp-es256'), ...fetches(1) })),
      granted(at(2 * fresh - 2, { ...token('idp-es256'), ...fetches(1) })),
      granted(at(3 * fresh, { ...token('idp-es256'), ...fetches(1) })),
    ])
  }
  steps('ahead', 'Keys in use are fetched ahead of their end, once, and nobody waits for it.', 'standard', [
    granted(at(0, { ...token('idp-es256'), fetch: serving({ headers: { 'cache-control': 'max-age=600' }, ...keys('idp-es256') }), ...fetches(1) })),
    granted(at(479, { ...token('idp-es256'), ...fetches(0) })),
    granted(at(480, { ...token('idp-es256'), ...fetches(1) })),
    granted(at(481, { ...token('idp-es256'), ...fetches(0) })),
    granted(at(900, { ...token('idp-es256'), ...fetches(0) })),
  ])

  steps('rotation', 'A new key is found by its `kid` at once; the old one counts until it is withdrawn.', 'standard', [
    granted(at(0, { ...token('idp-es256'), fetch: serving(keys('idp-es256')), ...fetches(1) })),
    granted(at(60, { ...token('idp-es256-next'), fetch: serving(keys('idp-es256', 'idp-es256-next')), ...fetches(1) })),
    granted(at(61, { ...token('idp-es256'), ...fetches(0) })),
    refused(notFound, at(1100, { ...token('idp-es256'), fetch: serving(keys('idp-es256-next')), ...fetches(1) })),
    granted(at(1101, { ...token('idp-es256-next'), ...fetches(0) })),
  ])
  steps('rotation-under-the-same-kid', 'An issuer that gives its new key the old name is understood.', 'standard', [
    granted(at(0, { ...token('idp-es256'), fetch: serving(keys('idp-es256')), ...fetches(1) })),
    granted(at(60, { ...token('idp-es256-next', { kid: 'idp-es256' }), fetch: serving(keys({ $public: 'idp-es256-next', kid: 'idp-es256' })), ...fetches(1) })),
    refused(rejected, at(61, { ...token('idp-es256'), ...fetches(0) })),
  ])
  steps('rotation-after-an-outage', 'A key that is rotated just after an outage is found at once, and a flood costs no more than one fetch.', 'standard', [
    ...[0, 1, 2, 3, 4, 5].map((after) => unavailable(gone, at(after, { ...token('idp-es256'), fetch: serving('unreachable'), ...fetches(1) }))),
    granted(at(6, { ...token('idp-es256'), fetch: serving(keys('idp-es256')), ...fetches(1) })),
    granted(at(7, { ...token('idp-es256-next'), fetch: serving(keys('idp-es256-next')), ...fetches(1) })),
    refused(notFound, at(8, { ...token('idp-es256'), ...fetches(0) })),
  ])
  steps('rotation-without-kid', 'A token without `kid` finds the new key as well.', 'standard', [
    granted(at(0, { ...token('idp-es256', { kid: undefined }), fetch: serving(keys('idp-es256')), ...fetches(1) })),
    granted(at(60, { ...token('idp-es256-next', { kid: undefined }), fetch: serving(keys('idp-es256-next')), ...fetches(1) })),
  ])
  steps('flood-of-kids', 'A flood of invented names costs one fetch, and none for the next 30 seconds.', 'standard', [
    granted(at(0, { ...token('idp-es256'), ...fetches(1) })),
    ...[0, 0, 1, 2, 29].map((after, index) => refused(notFound, at(after, { ...token('idp-es256', { kid: `invented-${index}` }), ...fetches(index === 0 ? 1 : 0) }))),
    granted(at(29, { ...token('idp-es256'), ...fetches(0) })),
    refused(notFound, at(30, { ...token('idp-es256', { kid: 'invented-9' }), ...fetches(1) })),
  ])
  steps('flood-of-signatures', 'A flood of bad signatures costs one fetch as well, and keeps nobody else out.', 'standard', [
    granted(at(0, { ...token('idp-es256'), ...fetches(1) })),
    ...[0, 0, 5].map((after, index) => refused(rejected, at(after, { ...token('attacker-es256', { kid: 'idp-es256' }), ...fetches(index === 0 ? 1 : 0) }))),
    granted(at(6, { ...token('idp-es256'), ...fetches(0) })),
  ])

  const later = { headers: { 'retry-after': '1' } }
  /** Nothing is decided; nobody else tries within the same second; the first request after it is served. */
  const outage = (name, about, config, reason, answer) => {
    steps(`outage-${name}`, about, config, [
      unavailable(reason, at(0, { ...token('idp-es256'), fetch: serving(answer), ...fetches(1, later) })),
      unavailable(reason, at(0, { ...token('idp-es384'), ...fetches(0, later) })),
      granted(at(1, { ...token('idp-es256'), fetch: serving(keys('idp-es256')), ...fetches(1) })),
    ])
  }
  for (const [name, answer] of Object.entries({
    'unreachable': 'unreachable', 'error': { status: 500, text: 'oops' }, 'busy': { status: 503, headers: { 'retry-after': '120' } }, 'not-found': { status: 404 },
    'no-content': { status: 204 }, 'not-modified': { status: 304 }, 'redirect-without-location': { status: 302 },
  })) {
    outage(name, 'While the keys cannot be reached nothing is decided, with one attempt a second; the first request after it is served.', 'standard', name === 'unreachable' ? gone : status, answer)
  }
  for (const [name, answer] of Object.entries({
    'not-json': { text: '<html>welcome to the hotel</html>' }, 'empty': { text: '' }, 'no-keys': { body: {} },
    'keys-no-list': { body: { keys: {} } }, 'keys-null': { body: { keys: null } }, 'null': { text: 'null' }, 'list': { body: [] },
    'certificates-by-name': { body: { one: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n' } },
    'single-key': { body: { $public: 'idp-es256' } }, 'discovery-document': { body: { issuer: 'https://idp.example', jwks_uri: 'https://idp.example/keys' } },
    'too-large': { text: ['{"keys":[', { repeat: ' ', times: 524288 }, ']}'] }, 'deep': { text: [{ repeat: '[', times: 60000 }] }, 'not-utf8-key': { text: '{"keys":[{"kty":"\\ud800"}]}' },
    'two-byte-order-marks': { text: '\ufeff\ufeff{"keys":[]}' },
  })) {
    outage(name, 'A document that cannot be read is no key set, and the refusal says so; the first request after it was corrected is served.', 'standard', name === 'too-large' ? tooLong : unusable, answer)
  }
  outage('timed-out', 'Keys that do not come in time are as good as unreachable.', 'hasty', `${gone}.timeout`, 'timedOut')
  for (const [answer, name] of Object.entries({ unresolved: 'name', untrusted: 'certificate', proxy: 'proxy' })) {
    outage(answer, 'The cause that the host knows is the reason.', 'standard', `${gone}.${name}`, answer)
  }
  steps('outage-with-old-keys', 'The last good keys go on for a day beyond their time, with retries at growing distances.', 'standard', [
    granted(at(0, { ...token('idp-es256'), fetch: serving({ headers: { 'cache-control': 'max-age=60' }, ...keys('idp-es256') }), ...fetches(1) })),
    granted(at(100, { ...token('idp-es256'), fetch: serving('unreachable'), ...fetches(1) })),
    granted(at(100, { ...token('idp-es256'), ...fetches(0) })),
    granted(at(101, { ...token('idp-es256'), ...fetches(1) })),
    granted(at(102, { ...token('idp-es256'), ...fetches(0) })),
    granted(at(103, { ...token('idp-es256'), ...fetches(1) })),
    granted(at(86459, { ...token('idp-es256'), ...fetches(1) })),
    unavailable(gone, at(86460, { ...token('idp-es256'), ...fetches(1, later) })),
    granted(at(86461, { ...token('idp-es256'), fetch: serving(keys('idp-es256')), ...fetches(1) })),
  ])
  steps('outage-and-unknown-kid', 'While newer keys are not available, a token whose key is not known is not refused for good.', 'standard', [
    granted(at(0, { ...token('idp-es256'), fetch: serving(keys('idp-es256')), ...fetches(1) })),
    unavailable(gone, at(1, { ...token('idp-es256-next'), fetch: serving('unreachable'), ...fetches(1, later) })),
    granted(at(1, { ...token('idp-es256'), ...fetches(0) })),
    granted(at(3, { ...token('idp-es256-next'), fetch: serving(keys('idp-es256', 'idp-es256-next')), ...fetches(1) })),
  ])
  steps('set-emptied', 'A well-formed set without keys counts: the old keys stop working, and nothing is called an outage.', 'standard', [
    granted(at(0, { ...token('idp-es256'), fetch: serving(keys('idp-es256')), ...fetches(1) })),
    refused(notFound, at(900, { ...token('idp-es256'), fetch: serving({ body: { keys: [] } }), ...fetches(1) })),
    refused(notFound, at(901, { ...token('idp-es256'), ...fetches(1) })),
    refused(notFound, at(902, { ...token('idp-es256'), ...fetches(0) })),
    granted(at(931, { ...token('idp-es256'), fetch: serving(keys('idp-es256')), ...fetches(1) })),
  ])
  steps('set-of-other-keys', 'So does a set in which no key is one for signatures.', 'standard', [
    refused('subject_token.key.skipped', at(0, { ...token('idp-es256'), fetch: serving(keys({ $public: 'idp-es256', use: 'enc' })), ...fetches(1) })),
    granted(at(1, { ...token('idp-es256'), fetch: serving(keys('idp-es256')), ...fetches(1) })),
  ])
  steps('set-broken-after-good-keys', 'A set that cannot be read any more is a failure: the last good keys go on.', 'standard', [
    granted(at(0, { ...token('idp-es256'), fetch: serving(keys('idp-es256')), ...fetches(1) })),
    granted(at(900, { ...token('idp-es256'), fetch: serving({ text: '<html>' }), ...fetches(1) })),
    unavailable(unusable, at(901, { ...token('idp-es256-next'), ...fetches(1, { headers: { 'retry-after': '2' } }) })),
  ])
  const set = JSON.stringify({ keys: [publicJwk('idp-es256')] })
  accept('set-of-512-kib', 'A set may be as long as 512 KiB: servers publish old keys with their certificates.', {
    fetch: serving({ text: [set, { repeat: ' ', times: 524288 - set.length }] }), ...fetches(1),
  })
  accept('byte-order-mark', 'A byte order mark in front of a key set is not part of it.', {
    fetch: serving({ text: `\ufeff${set}` }), ...fetches(1),
  })
  steps('outage-of-one-issuer', 'The outage of one issuer is nobody else’s.', 'standard', [
    unavailable(gone, { ...token('idp-es256'), fetch: serving('unreachable') }),
    granted({ token: { key: 'globex-rs2048', claims: { iss: 'https://globex.example' } } }),
  ])

  const redirected = (name, about, location, more, step) => accept(`redirect-${name}`, about, {
    fetch: { [JWKS]: [{ status: 302, headers: { location } }], ...more }, ...step,
  })
  const v2 = 'https://idp.example/v2/jwks'
  redirected('path', 'A redirect on the same host is followed.', '/v2/jwks', { [v2]: [keys('idp-es256')] }, fetches(2))
  redirected('absolute', 'A redirect to the same host by its name is followed.', 'https://IDP.example:443/v2/jwks', { 'https://IDP.example:443/v2/jwks': [keys('idp-es256')] }, fetches(2))
  redirected('relative', 'A relative redirect is resolved.', 'v2/jwks', { [v2]: [keys('idp-es256')] }, fetches(2))
  accept('redirect-thrice', 'Three redirects are followed.', {
    fetch: {
      [JWKS]: [{ status: 301, headers: { location: '/1' } }], 'https://idp.example/1': [{ status: 307, headers: { location: '/2' } }],
      'https://idp.example/2': [{ status: 308, headers: { location: '/3' } }], 'https://idp.example/3': [keys('idp-es256')],
    },
    ...fetches(4),
  })
  steps('redirect-in-a-circle', 'A circle of redirects ends.', 'standard', [
    unavailable(elsewhere, { fetch: { [JWKS]: [{ status: 302, headers: { location: '/jwks' } }] }, ...fetches(4) }),
  ])
  for (const [name, location] of Object.entries({
    'another-host': 'https://attacker.example/jwks', 'another-port': 'https://idp.example:8443/jwks', 'http': 'http://idp.example/jwks', 'metadata-service': 'http://169.254.169.254/',
    'scheme-relative': '//attacker.example/jwks', 'subdomain': 'https://keys.idp.example/jwks', 'user-info': 'https://idp.example@attacker.example/', 'file': 'file:///etc/passwd',
    'backslash': '/\\attacker.example/jwks', 'data': 'data:application/json,{}', 'nonsense': 'http://[', 'trailing-dot': 'https://idp.example./jwks',
  })) {
    steps(`redirect-refused-${name}`, `A redirect to \`${location}\` leaves the host that was configured: it is not followed.`, 'standard', [
      unavailable(elsewhere, { fetch: { [JWKS]: [{ status: 302, headers: { location } }] }, ...fetches(1) }),
    ])
  }

  const issuer = 'https://disco.example'
  const document = `${issuer}/.well-known/openid-configuration`
  const discovery = (members, more) => ({ fetch: { [document]: [{ body: { issuer, jwks_uri: `${issuer}/keys`, ...members } }], [`${issuer}/keys`]: [keys('idp-es256')], ...more } })
  const mine = { token: { claims: { iss: issuer, iat: undefined, exp: NOW + 400_000 } } }
  steps('discovery', 'The key set may be found by discovery; the document is not fetched again for a day.', 'discovery', [
    granted({ ...mine, ...discovery({}), ...fetches(2) }),
    granted({ now: NOW + 1000, ...mine, ...fetches(1) }),
    granted({ now: NOW + 86400, ...mine, ...fetches(2) }),
  ])
  steps('discovery-of-a-tenant', 'The path of an issuer stands in front of the well-known one, and its slash is its own.', 'discovery', [
    granted({
      token: { claims: { iss: `${issuer}/tenant/` } },
      fetch: {
        [`${issuer}/tenant/.well-known/openid-configuration`]: [{ body: { issuer: `${issuer}/tenant/`, jwks_uri: 'https://keys.example/tenant' } }],
        'https://keys.example/tenant': [keys('idp-es256')],
      },
      ...fetches(2),
    }),
  ])
  steps('discovery-moved', 'When keys cannot be fetched any more they are looked for anew.', 'discovery', [
    granted({ ...mine, ...discovery({}) }),
    granted({ now: NOW + 1000, ...mine, fetch: { [`${issuer}/keys`]: [{ status: 404 }] }, ...fetches(1) }),
    granted({
      now: NOW + 1001, ...mine,
      fetch: { [document]: [{ body: { issuer, jwks_uri: `${issuer}/moved` } }], [`${issuer}/moved`]: [keys('idp-es256')] },
      ...fetches(2),
    }),
  ])
  const lasting = (key, more) => ({ token: { key, claims: { iss: issuer, iat: undefined, exp: NOW + 400_000 } }, ...more })
  const moved = { [document]: [{ body: { issuer, jwks_uri: `${issuer}/moved` } }], [`${issuer}/moved`]: [keys('idp-es256-next')] }
  steps('discovery-moved-while-the-old-place-answers', 'A token by a key that is not known has the place of the keys looked for anew: what the old place still answers says nothing about it. A flood costs no more.', 'discovery', [
    granted({ ...lasting('idp-es256'), ...discovery({}), ...fetches(2) }),
    granted({ now: NOW + 60, ...lasting('idp-es256-next'), fetch: moved, ...fetches(2) }),
    ...[61, 62, 89].map((after) => refused(notFound, { now: NOW + after, ...lasting('idp-es384'), ...fetches(0) })),
    granted({ now: NOW + 89, ...lasting('idp-es256-next'), ...fetches(0) }),
  ])
  steps('discovery-moved-long-ago', 'The same where nobody sent a token for so long that the keys were just fetched from the old place.', 'discovery', [
    granted({ ...lasting('idp-es256'), ...discovery({}), ...fetches(2) }),
    granted({ now: NOW + 3600, ...lasting('idp-es256-next'), fetch: moved, ...fetches(3) }),
  ])
  steps('discovery-not-moved', 'A place that is the old one is asked once more, and not for every token.', 'discovery', [
    granted({ ...lasting('idp-es256'), ...discovery({}), ...fetches(2) }),
    refused(notFound, { now: NOW + 3600, ...lasting('idp-es256-next') }),
    refused(notFound, { now: NOW + 3601, ...lasting('idp-es256-next'), ...fetches(0) }),
    granted({ now: NOW + 3602, ...lasting('idp-es256'), ...fetches(0) }),
  ])
  steps('discovery-out-of-reach-and-a-new-key', 'While the discovery document is out of reach, keys are fetched where it said that they are.', 'discovery', [
    granted({ ...lasting('idp-es256'), ...discovery({}), ...fetches(2) }),
    granted({ now: NOW + 60, ...lasting('idp-es256-next'), fetch: { [document]: ['unreachable'], [`${issuer}/keys`]: [keys('idp-es256', 'idp-es256-next')] }, ...fetches(2) }),
  ])
  for (const [name, members] of Object.entries({
    'another-issuer': { issuer: 'https://attacker.example' }, 'issuer-with-slash': { issuer: `${issuer}/` }, 'no-issuer': { issuer: undefined }, 'issuer-list': { issuer: [issuer] },
    'no-keys': { jwks_uri: undefined }, 'keys-by-http': { jwks_uri: 'http://disco.example/keys' }, 'keys-number': { jwks_uri: 1 }, 'keys-relative': { jwks_uri: '/keys' },
    'keys-inside': { jwks_uri: 'https://10.0.0.1/keys' }, 'keys-on-loopback': { jwks_uri: 'http://localhost:6379/' }, 'keys-metadata-service': { jwks_uri: 'https://169.254.169.254/latest' },
    'keys-in-a-file': { jwks_uri: 'file:///etc/passwd' }, 'keys-with-user': { jwks_uri: 'https://user:pw@disco.example/keys' },
  })) {
    steps(`discovery-refused-${name}`, `A discovery document is not believed when it says ${JSON.stringify(members)}: its keys are not fetched.`, 'discovery', [
      unavailable(typeof (members.issuer ?? []) === 'string' ? otherIssuer : unusable, { ...mine, ...discovery(members), ...fetches(1) }),
    ])
  }
  steps('discovery-byte-order-mark', 'A byte order mark in front of a discovery document is not part of it.', 'discovery', [
    granted({ ...mine, ...discovery({}, { [document]: [{ text: `\ufeff${JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` })}` }] }), ...fetches(2) }),
  ])
  steps('discovery-out-of-reach', 'A discovery document that cannot be reached is asked for once a second.', 'discovery', [
    unavailable(status, at(0, { ...mine, fetch: { [document]: [{ status: 502 }] }, ...fetches(1, later) })),
    unavailable(status, at(0, { ...mine, ...fetches(0, later) })),
    granted(at(1, { ...mine, ...discovery({}), ...fetches(2) })),
  ])
  steps('discovery-too-long', 'A discovery document has a limit as well.', 'discovery', [
    unavailable(tooLong, { ...mine, fetch: { [document]: [{ text: ['{', { repeat: ' ', times: 524288 }, '}'] }] }, ...fetches(1, later) }),
  ])
  steps('discovery-not-json', 'A discovery document that is no JSON names nothing.', 'discovery', [
    unavailable(unusable, { ...mine, fetch: { [document]: [{ text: '<html>' }] }, ...fetches(1) }),
  ])
  steps('discovery-redirected-away', 'A discovery document is not fetched from another host.', 'discovery', [
    unavailable(elsewhere, { ...mine, fetch: { [document]: [{ status: 302, headers: { location: 'https://attacker.example/' } }] }, ...fetches(1) }),
  ])
})
