/** What the vectors leave out because it is the platform's: its `fetch`, clock, randomness and environment. */
import { SignJWT, exportJWK, generateKeyPair } from 'jose'

const STS = 'https://sts.example.com'
const SECRET = 'a-secret-of-the-application-0123456789'

const document = (issuer, certificate) => ({
  issuer: STS,
  trustedTokenIssuers: [{ name: 'Issuer', issuer, certificate }],
  applications: [{
    name: 'App', clientId: 'app', clientSecret: SECRET, type: 'machine', trustedTokenIssuers: ['Issuer'],
    grantTypes: ['urn:ietf:params:oauth:grant-type:token-exchange'], audiences: ['https://api.example.com'], scopes: ['read'],
  }],
})

const form = (token) =>
  new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: token, subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    client_id: 'app', client_secret: SECRET,
  })

export function own(createExchequer, validate, keys) {
  const tests = {
    'platform: makes its own key and signs with it, by the real clock': async () => {
      const issuer = 'https://idp.example.com'
      const pair = await generateKeyPair('ES256', { extractable: true })
      const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256' }
      const sts = await createExchequer(document(issuer, { jwks: { keys: [jwk] } }))
      const token = await new SignJWT({ sub: 'ada' }).setProtectedHeader({ alg: 'ES256', kid: 'one' })
        .setIssuer(issuer).setAudience(STS).setIssuedAt().setExpirationTime('5m').sign(pair.privateKey)
      const response = await sts.fetch(new Request(`${STS}/oauth2/token`, { method: 'POST', body: form(token) }))
      const { access_token } = await response.json()
      if (response.status !== 200) return [`the exchange is answered ${response.status}`]
      const jwks = await (await sts.fetch(new Request(`${STS}/oauth2/jwks`))).json()
      const good = validate(access_token, { jwks, issuer: STS, audience: 'https://api.example.com' })
      const bad = validate(access_token.slice(0, -6), { jwks, issuer: STS, audience: 'https://api.example.com' })
      await sts.close()
      return good.ok && good.claims.sub === 'ada' && !bad.ok ? [] : [JSON.stringify({ good, bad })]
    },
    'platform: refuses a body that is too long': async () => {
      const sts = await createExchequer(document('https://idp.example.com', { discovery: true }))
      const body = `grant_type=${'a'.repeat(100_000)}`
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const response = await sts.fetch(new Request(`${STS}/oauth2/token`, { method: 'POST', body, headers }))
      await sts.close()
      return response.status === 413 ? [] : [`it is answered ${response.status}`]
    },
    'platform: says that a secret is not there': async () => {
      const config = document('https://idp.example.com', { discovery: true })
      config.applications[0].clientSecret = { env: 'EXCHEQUER_NOT_SET' }
      const error = await createExchequer(config).then(() => undefined, (error) => error)
      return error?.name === 'ConfigurationError' && error.problems[0].path === 'applications[0].clientSecret' ? [] : [String(error)]
    },
  }
  if (keys !== undefined) {
    tests['platform: fetches keys by its own `fetch`'] = async () => {
      const sts = await createExchequer(document(keys.issuer, { jwksUri: `${keys.issuer}/jwks` }))
      const response = await sts.fetch(new Request(`${STS}/oauth2/token`, { method: 'POST', body: form(keys.token) }))
      await sts.close()
      return response.status === 200 ? [] : [await response.text()]
    }
  }
  return tests
}
