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
    'platform: keeps requests apart that wait for signatures at the same time': async () => {
      const issuer = 'https://idp.example.com'
      const pair = await generateKeyPair('RS256', { extractable: true })
      const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'RS256' }
      const sts = await createExchequer(document(issuer, { jwks: { keys: [jwk] } }))
      const problems = []
      const one = async (n) => {
        const subject = `user-${n}-${'x'.repeat(n * 31)}`
        const token = await new SignJWT({ sub: subject }).setProtectedHeader({ alg: 'RS256', kid: 'one' })
          .setIssuer(issuer).setAudience(STS).setIssuedAt().setExpirationTime('5m').sign(pair.privateKey)
        const sent = n % 5 === 4 ? token.slice(0, -8) + (token.endsWith('AAAAAAAA') ? 'BBBBBBBB' : 'AAAAAAAA') : token
        return { n, subject, sent }
      }
      const all = await Promise.all(Array.from({ length: 40 }, (_, n) => one(n)))
      // The first request parses the keys. Those that follow find them, and make the memory grow meanwhile.
      for (const some of [all.slice(0, 1), all.slice(1)]) {
        await Promise.all(some.map(async ({ n, subject, sent }) => {
          const request = { clientId: 'app', subjectToken: sent, subjectTokenType: 'jwt' }
          const said = await sts.exchange(request).then(
            ({ access_token }) => JSON.parse(atob(access_token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/'))).sub,
            ({ reason }) => reason,
          )
          const wanted = n % 5 === 4 ? 'subject_token.signature.rejected' : subject
          if (said !== wanted) problems.push(`${n}: ${said}`)
        }))
      }
      await sts.close()
      return problems
    },
    'platform: WebCrypto has read its bytes when its call returns': async () => {
      const memory = new WebAssembly.Memory({ initial: 1 })
      const bytes = (content) => {
        const view = new Uint8Array(memory.buffer, 64, content.length)
        view.set(content)
        return view
      }
      const text = new TextEncoder().encode('what is signed')
      const problems = []
      for (const [key, signature] of [
        [{ name: 'ECDSA', namedCurve: 'P-256' }, { name: 'ECDSA', hash: 'SHA-256' }],
        [{ name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' }, 'RSASSA-PKCS1-v1_5'],
        [{ name: 'RSA-PSS', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' }, { name: 'RSA-PSS', saltLength: 32 }],
      ]) {
        const pair = await crypto.subtle.generateKey(key, false, ['sign', 'verify'])
        const message = bytes(text)
        const signing = crypto.subtle.sign(signature, pair.privateKey, message)
        message.fill(0)
        const signed = new Uint8Array(await signing)
        if (!(await crypto.subtle.verify(signature, pair.publicKey, signed, text))) problems.push(`${key.name}: signs what came later`)
        const view = bytes(signed)
        const verifying = crypto.subtle.verify(signature, pair.publicKey, view, text)
        view.fill(0)
        // The view is detached by this.
        memory.grow(1)
        if (!(await verifying)) problems.push(`${key.name}: verifies what came later`)
        const spoilt = bytes(text)
        const verified = crypto.subtle.verify(signature, pair.publicKey, signed, spoilt)
        spoilt.fill(0)
        memory.grow(1)
        if (!(await verified)) problems.push(`${key.name}: verifies another message`)
      }
      return problems
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
