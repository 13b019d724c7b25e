/**
 * An issuer to try things with: signs a token with the claims it is given.
 *
 * Usage: node issuer.mjs '{"iss": …, "sub": …, "aud": …}' > token.jwt
 *
 * The key is made on first use and kept beside, in `issuer-key.json`; its public
 * half is `issuer-jwks.json`. `iat` is now and `exp` in ten minutes, unless the
 * claims say so.
 */
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const KEY = 'issuer-key.json'
if (!existsSync(KEY)) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const named = { kid: 'try', alg: 'RS256', use: 'sig' }
  writeFileSync(KEY, JSON.stringify({ ...privateKey.export({ format: 'jwk' }), ...named }), { mode: 0o600 })
  writeFileSync('issuer-jwks.json', JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), ...named }] }))
}

const now = Math.floor(Date.now() / 1000)
const claims = { iat: now, exp: now + 600, ...JSON.parse(process.argv[2] ?? '{}') }
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
const input = `${part({ alg: 'RS256', kid: 'try', typ: 'JWT' })}.${part(claims)}`
const key = createPrivateKey({ key: JSON.parse(readFileSync(KEY, 'utf8')), format: 'jwk' })
console.log(`${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`)
