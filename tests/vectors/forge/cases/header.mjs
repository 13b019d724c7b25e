/** What a header says without effect: algorithms, keys that it brings along, extensions. */
import { createHmac } from 'node:crypto'

import { suite } from '../case.mjs'
import { key, publicJwk } from '../keys.mjs'

const forbidden = 'subject_token.header.alg.forbidden'
const rejected = 'subject_token.signature.rejected'

/** A signature by whoever knows the issuer's public key. */
function hmacWith(bytes, hash = 'sha256') {
  return { made: (input) => createHmac(hash, bytes).update(input).digest() }
}

suite('header', ({ refuse, accept }) => {
  for (const [name, alg] of Object.entries({
    'none': 'none', 'none-capital': 'None', 'none-upper': 'NONE', 'none-mixed': 'nOnE', 'none-space': 'none ',
    'empty': '', 'number': 0, 'null': null, 'boolean': true, 'list': ['ES256'], 'object': { name: 'ES256' },
    'lower-case': 'es256', 'unknown': 'ES256K', 'trailing-nul': 'ES256\u0000', 'look-alike': 'ЕS256',
  })) {
    refuse(`alg-${name}`, `A token whose \`alg\` is ${JSON.stringify(alg)} is refused.`, forbidden, {
      token: { header: { alg }, made: () => '' },
    })
  }
  refuse('alg-none-with-signature', 'An unsigned token does not pass by carrying the signature of another.', forbidden, {
    token: { header: { alg: 'none' } },
  })
  refuse('alg-absent', 'A token without `alg` is refused.', forbidden, {
    token: { headerText: '{"kid":"idp-es256","typ":"JWT"}' },
  })

  const { publicKey } = key('idp-rs2048')
  const spki = (format) => publicKey.export({ type: 'spki', format })
  for (const [name, bytes] of Object.entries({
    pem: spki('pem'),
    'pem-trimmed': spki('pem').trim(),
    der: spki('der'),
    pkcs1: publicKey.export({ type: 'pkcs1', format: 'pem' }),
    jwk: JSON.stringify(publicJwk('idp-rs2048')),
    modulus: Buffer.from(publicJwk('idp-rs2048').n, 'base64url'),
    empty: '',
  })) {
    refuse(`hs256-with-${name}`, `The issuer's public RSA key (${name}) is no HMAC secret: an HS256 token made with it is refused.`, forbidden, {
      token: { header: { alg: 'HS256', kid: 'idp-rs2048' }, ...hmacWith(bytes) },
    })
  }
  for (const [alg, hash] of [['HS384', 'sha384'], ['HS512', 'sha512']]) {
    refuse(alg.toLowerCase(), `The issuer's public key is no ${alg} secret either.`, forbidden, {
      token: { header: { alg, kid: 'idp-rs2048' }, ...hmacWith(spki('pem'), hash) },
    })
  }
  refuse('hmac-as-rs256', 'An HMAC that is called RS256 is no RS256 signature.', rejected, {
    token: { header: { alg: 'RS256', kid: 'idp-rs2048' }, ...hmacWith(spki('pem')) }, expect: { fetches: 1 },
  })

  const attacker = { key: 'attacker-es256' }
  const jwk = publicJwk('attacker-es256')
  const brought = {
    'jwk': { jwk },
    'jwk-with-private-part': { jwk: key('attacker-es256').jwk },
    'jku': { jku: 'https://attacker.example/jwks' },
    'jku-of-the-issuer': { jku: 'https://idp.example/../attacker/jwks' },
    'jku-with-user': { jku: 'https://idp.example@attacker.example/jwks' },
    'x5u': { x5u: 'https://attacker.example/chain.pem' },
    'x5c': { x5c: ['MIIBtjCCAVugAwIBAgIUattacker'] },
    'x5t': { x5t: 'attacker', 'x5t#S256': 'attacker' },
    'everything': { jwk, jku: 'https://attacker.example/jwks', x5u: 'https://attacker.example/x', x5c: ['AA'] },
  }
  for (const [name, header] of Object.entries(brought)) {
    refuse(`${name}-ignored`, `A key that a header brings along (${name}) is not looked at: the attacker's signature is rejected under the issuer's key, and nobody but the issuer is asked.`, rejected, {
      token: { ...attacker, header: { kid: 'idp-es256', ...header } }, expect: { fetches: 1 },
    })
  }
  refuse('jwk-names-the-key', "A `kid` that only the brought key has is not found among the issuer's.", 'subject_token.key.not_found', {
    token: { ...attacker, header: { jwk } }, expect: { fetches: 1 },
  })
  accept('jku-harmless', 'An honest token is not refused for the parameters that are ignored, and nothing is fetched for them.', {
    token: { header: { jku: 'https://attacker.example/jwks', jwk } }, expect: { fetches: 1 },
  })

  for (const [name, crit] of Object.entries({
    'b64': ['b64'], 'exp': ['exp'], 'empty': [], 'unknown': ['https://idp.example/x'], 'string': 'b64', 'null': null,
  })) {
    refuse(`crit-${name}`, `A token with \`crit\` ${JSON.stringify(crit)} is refused: no extension is understood (RFC 7515 section 4.1.11).`, 'subject_token.header.crit.present', {
      token: { header: { crit, ...(name === 'b64' && { b64: false }) } },
    })
  }
  for (const b64 of [false, true]) {
    refuse(`b64-${b64}`, `A token with \`b64\` ${b64} is refused: a JWT must not use it (RFC 7797 section 7).`, 'subject_token.header.b64.present', {
      token: { header: { b64 } },
    })
  }
  for (const [name, header] of Object.entries({
    'kid-number': { kid: 1 }, 'kid-list': { kid: ['idp-es256'] }, 'kid-null': { kid: null }, 'typ-number': { typ: 1 }, 'typ-list': { typ: ['JWT'] },
  })) {
    refuse(name, 'A header parameter of the wrong type is refused, not passed over.', 'subject_token.header.malformed', {
      token: { header },
    })
  }
})
