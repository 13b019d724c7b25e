/** `exchequer token`: a client of our server, of npm `oidc-provider`, and of servers that misbehave. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { calculateJwkThumbprint, decodeJwt, exportJWK, generateKeyPair } from 'jose'
import { Provider } from 'oidc-provider'

import { CLI, run } from './support/command.mjs'
import { API, CLIENT, SECRET, TOKEN_EXCHANGE, start } from './support/parties.mjs'

const directory = mkdtempSync(join(tmpdir(), 'exchequer-token-'))
after(() => rmSync(directory, { recursive: true, force: true }))
const env = { STS_SECRET: SECRET }
const python = spawnSync('python3', ['-c', 'import pty']).status === 0
const credentials = ['--client', CLIENT, '--secret-env', 'STS_SECRET']

/** A server of which every answer is said. */
async function answering(answer) {
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { status = 200, headers = {}, json } = answer({ request, form: new URLSearchParams(body), url: self.url })
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof json === 'string' ? json : JSON.stringify(json))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const self = {
    url: `http://127.0.0.1:${server.address().port}`,
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
  return self
}

describe('exchequer token, at Exchequer', () => {
  let op, sts, clientKey, subject
  before(async () => {
    ;({ op, sts, clientKey } = await start())
    subject = (await op.jobTokens()).access_token
  })
  after(async () => {
    await op?.stop()
    await sts?.stop()
  })
  const exchange = (args, { input = subject, ...more } = {}) =>
    run(['token', sts.url, ...credentials, '--subject-token', '-', ...args], { input, env, cwd: directory, ...more })

  it('finds the endpoint by the issuer and prints the token alone', async () => {
    const { code, out, err } = await exchange(['--audience', API, '--scope', 'read'])
    assert.equal(code, 0, err)
    assert.equal(out.trimEnd().split('\n').length, 1)
    const { sub, aud, scope } = decodeJwt(out.trim())
    assert.deepEqual({ sub, aud, scope }, { sub: 'job', aud: API, scope: 'read' })
    assert.equal(err, '')
  })

  it('takes the endpoint itself, the secret and the token from files', async () => {
    const secret = join(directory, 'secret.txt')
    const token = join(directory, 'token.jwt')
    writeFileSync(secret, `${SECRET}\n`)
    writeFileSync(token, `${subject}\n`)
    const args = ['token', `${sts.url}/oauth2/token`, '--client', CLIENT, '--secret-file', secret, '--subject-token', `@${token}`]
    for (const more of [[], ['--auth', 'post'], ['--auth', 'basic'], ['--endpoint']]) {
      const { code, err } = await run([...args, ...more])
      assert.equal(code, 0, err)
    }
  })

  it('sends the token of its platform as assertion', async () => {
    let seen
    const server = await answering(({ form }) => {
      seen = form
      return { json: { access_token: 'a', token_type: 'Bearer', expires_in: 60 } }
    })
    const file = join(directory, 'platform.jwt')
    writeFileSync(file, 'a.b.c\n')
    const args = ['token', `${server.url}/token`, '--client', 'pod', '--grant', 'client_credentials']
    for (const [flag, type] of [['--assertion-file', 'jwt-bearer'], ['--svid-file', 'jwt-spiffe']]) {
      const { code, err } = await run([...args, flag, file])
      assert.equal(code, 0, err)
      assert.equal(seen.get('client_assertion'), 'a.b.c')
      assert.equal(seen.get('client_id'), 'pod')
      assert.equal(seen.get('client_assertion_type'), `urn:ietf:params:oauth:client-assertion-type:${type}`)
    }
    const both = await run([...args, '--svid-file', file, '--assertion-file', file])
    assert.equal(both.code, 2)
    server.stop()
  })

  it('signs an assertion with the key of the application', async () => {
    const file = join(directory, 'keyed.json')
    const args = ['token', sts.url, '--client', 'keyed', '--key-file', file, '--subject-token', '-']
    const jwk = { ...(await exportJWK(clientKey.privateKey)), alg: 'ES256' }
    writeFileSync(file, JSON.stringify(jwk))
    // Each assertion counts once, so the second is another one.
    for (let turn = 0; turn < 2; turn++) {
      const { code, err } = await run(args, { input: subject })
      assert.equal(code, 0, err)
    }
    // Given the endpoint alone it does not know the issuer, whom an assertion is for.
    const endpoint = await run(['token', `${sts.url}/oauth2/token`, ...args.slice(2), '--endpoint'], { input: subject })
    assert.equal(endpoint.code, 1)
    assert.match(endpoint.out + endpoint.err, /must be the issuer of this server/)
    const other = { ...(await exportJWK((await generateKeyPair('ES256', { extractable: true })).privateKey)), alg: 'ES256' }
    writeFileSync(file, JSON.stringify(other))
    const refused = await run(args, { input: subject })
    assert.match(refused.err, /✗ invalid_client/)
    // What is wrong with a key is said, and nothing of what is in it.
    for (const [text, problem] of [
      ['{', /the file is no JSON/],
      [JSON.stringify({ ...jwk, alg: 'HS256' }), /the key's `alg` must be one of RS256/],
      [JSON.stringify({ ...jwk, d: undefined }), /that is no private key for ES256/],
      [JSON.stringify({ ...jwk, alg: 'RS256' }), /that is no private key for RS256/],
    ]) {
      writeFileSync(file, text)
      const { code, err } = await run(args, { input: subject })
      assert.equal(code, 2)
      assert.match(err, problem)
      assert.ok(!err.includes(jwk.d))
    }
    assert.match((await run([...args, '--auth', 'basic'], { input: subject })).err, /`--auth` is for a secret/)
    assert.match((await run([...args, '--secret-env', 'X'], { input: subject })).err, /give one of/)
  })

  it('prints the whole answer as JSON', async () => {
    const { out } = await exchange(['--json'])
    const reply = JSON.parse(out)
    assert.equal(reply.token_type, 'Bearer')
    assert.ok(reply.access_token && reply.refresh_token)
  })

  it('shows people at a terminal what was issued, and not the token', { skip: !python && 'there is no python3' }, async () => {
    const token = join(directory, 'shown.jwt')
    writeFileSync(token, subject)
    const args = ['token', sts.url, ...credentials, '--subject-token', `@${token}`, '--scope', 'read']
    // A terminal of its own, which Node cannot make.
    const terminal = 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)'
    const child = spawn('python3', ['-c', terminal, process.execPath, CLI, ...args], {
      env: { ...process.env, ...env, TERM: 'xterm', NO_COLOR: '', CI: '' },
    })
    let out = ''
    child.stdout.on('data', (data) => (out += data))
    const [code] = await once(child, 'close')
    assert.equal(code, 0, out)
    assert.match(out, /\u001b\[32m✓\u001b\[0m exchanged/)
    assert.match(out, /scope +read/)
    assert.match(out, /"sub": "job"/)
    assert.ok(!out.includes('eyJ'))
  })

  it('does the JWT bearer grant, delegation, and public clients', async () => {
    const { id_token } = await op.signIn('ada')
    assert.equal((await exchange(['--grant', 'jwt-bearer'], { input: id_token })).code, 0)
    const actor = join(directory, 'actor.jwt')
    writeFileSync(actor, subject)
    const { out } = await exchange(['--actor-token', `@${actor}`, '--requested-token-type', 'access_token'])
    assert.equal(decodeJwt(out.trim()).act.sub, 'job')
    const args = ['token', sts.url, '--client', 'public', '--subject-token', '-']
    assert.equal((await run(args, { input: subject })).code, 0)
  })

  it('gets a token about the application itself', async () => {
    const args = ['token', sts.url, ...credentials, '--grant', 'client_credentials']
    const { code, out, err } = await run([...args, '--scope', 'write', '--resource', API], { env })
    assert.equal(code, 0, err)
    const { sub, aud, scope } = decodeJwt(out.trim())
    assert.deepEqual({ sub, aud, scope }, { sub: CLIENT, aud: API, scope: 'write' })
    const unfit = await run([...args, '--subject-token', '-'], { env, input: subject })
    assert.equal(unfit.code, 2)
    assert.match(unfit.err, /`--subject-token` is not for --grant client_credentials/)
    assert.equal((await run(['token', sts.url, '--client', 'public', '--grant', 'client_credentials'])).code, 1)
  })

  it('binds the token to a key, with the nonce that the server wants', async () => {
    const file = join(directory, 'bound.json')
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
    writeFileSync(file, JSON.stringify({ ...(await exportJWK(privateKey)), alg: 'ES256' }))
    const args = ['token', sts.url, '--client', 'bound', '--secret-env', 'STS_SECRET', '--grant', 'client_credentials']
    const { code, out, err } = await run([...args, '--dpop-key-file', file, '--json'], { env })
    assert.equal(code, 0, err)
    const { token_type, access_token } = JSON.parse(out)
    assert.equal(token_type, 'DPoP')
    assert.equal(decodeJwt(access_token).cnf.jkt, await calculateJwkThumbprint(await exportJWK(publicKey)))
    const refused = await run(args, { env })
    assert.match(refused.err, /✗ invalid_dpop_proof.*\n.*--dpop-key-file/)
  })

  it('says what the server said, and what to look at', async () => {
    const wrong = await exchange([], { env: { STS_SECRET: 'a-wrong-secret-0123456789' } })
    assert.equal(wrong.code, 1)
    assert.equal(wrong.out, '')
    assert.match(wrong.err, /^✗ invalid_client: .* \(HTTP 401\)\n {2}hint: check the client id/)
    const { code, out } = await exchange(['--json', '--audience', 'https://nobody.example.com'])
    assert.equal(code, 1)
    const { ok, error, status, hint } = JSON.parse(out)
    assert.deepEqual({ ok, error, status }, { ok: false, error: 'invalid_target', status: 400 })
    assert.match(hint, /audience or resource/)
  })
})

describe('exchequer token, at npm oidc-provider', () => {
  const keyFile = join(directory, 'provider-client.json')
  let server, url
  before(async () => {
    server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${server.address().port}`
    const { publicKey, privateKey } = await generateKeyPair('PS256', { extractable: true })
    writeFileSync(keyFile, JSON.stringify({ ...(await exportJWK(privateKey)), alg: 'PS256' }))
    const provider = new Provider(url, {
      clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
      clients: [
        { client_id: CLIENT, client_secret: SECRET, grant_types: [TOKEN_EXCHANGE], redirect_uris: [], response_types: [] },
        {
          client_id: 'keyed',
          token_endpoint_auth_method: 'private_key_jwt',
          jwks: { keys: [await exportJWK(publicKey)] },
          grant_types: [TOKEN_EXCHANGE],
          redirect_uris: [],
          response_types: [],
        },
        { client_id: 'none', client_secret: SECRET, grant_types: ['client_credentials'], redirect_uris: [], response_types: [] },
      ],
      features: { clientCredentials: { enabled: true } },
    })
    // The provider has the grant as an extension; it makes the token and the errors.
    const parameters = ['subject_token', 'subject_token_type', 'audience', 'scope']
    provider.registerGrantType(
      TOKEN_EXCHANGE,
      async (context) => {
        const { subject_token, subject_token_type: type } = context.oidc.params
        if (subject_token !== 'good' || !type.startsWith('urn:')) context.throw(400, 'invalid_request', { error_description: 'no such token' })
        const token = new provider.ClientCredentials({ client: context.oidc.client, scope: '' })
        context.body = {
          access_token: await token.save(),
          issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
          token_type: 'Bearer',
          expires_in: token.expiration,
        }
      },
      parameters,
      parameters,
    )
    server.on('request', provider.callback())
  })
  after(() => {
    server.close()
    server.closeAllConnections()
  })

  it('finds the endpoint by OpenID Connect discovery and exchanges', async () => {
    const { code, out, err } = await run(['token', url, ...credentials, '--subject-token', '-'], { env, input: 'good' })
    assert.equal(code, 0, err)
    assert.match(out, /^[\w-]{40,}\n$/)
  })

  it('is believed for its key', async () => {
    const { code, out, err } = await run(['token', url, '--client', 'keyed', '--key-file', keyFile, '--subject-token', '-'], { input: 'good' })
    assert.equal(code, 0, err)
    assert.match(out, /^[\w-]{40,}\n$/)
  })

  it('reads its refusals', async () => {
    const args = (client) => ['token', url, '--client', client, '--secret-env', 'STS_SECRET', '--subject-token', '-']
    const bad = await run(args(CLIENT), { env, input: 'bad' })
    assert.equal(bad.code, 1)
    assert.match(bad.err, /✗ invalid_request.*\(HTTP 400\)/)
    const not = await run(args('none'), { env, input: 'good' })
    assert.match(not.err, /✗ invalid_request: requested grant type is not allowed for this client \(HTTP 400\)/)
  })
})

describe('exchequer token, at servers that misbehave', () => {
  const ask = (url, more = []) => run(['token', url, ...credentials, '--subject-token', '-', ...more], { env, input: 'a.b.c' })

  it('sends nothing to a token endpoint of metadata that speak of another issuer', async () => {
    let asked = 0
    const server = await answering(({ request, url }) => {
      if (request.method === 'POST') asked++
      return { json: { issuer: 'https://other.example.com', token_endpoint: `${url}/oauth2/token` } }
    })
    const { code, err } = await ask(server.url)
    server.stop()
    assert.equal(code, 1)
    assert.match(err, /speaks of another issuer, "https:\/\/other\.example\.com"/)
    assert.equal(asked, 0)
  })

  it('puts the well-known path where RFC 8414 has it', async () => {
    const paths = []
    const server = await answering(({ request }) => (paths.push(request.url), { status: 404, json: {} }))
    const { code, err } = await ask(`${server.url}/tenant`)
    server.stop()
    assert.equal(code, 1)
    assert.match(err, /has no metadata .* say --endpoint/)
    assert.deepEqual(paths, ['/.well-known/oauth-authorization-server/tenant', '/tenant/.well-known/openid-configuration'])
  })

  it('posts the secret where Basic is not taken', async () => {
    let form, authorization
    const server = await answering(({ request, form: sent, url }) => {
      if (request.method === 'GET') {
        return { json: { issuer: url, token_endpoint: `${url}/t`, token_endpoint_auth_methods_supported: ['client_secret_post'] } }
      }
      ;[form, { authorization }] = [sent, request.headers]
      return { json: { access_token: 'issued', token_type: 'Bearer' } }
    })
    const { out } = await ask(server.url, ['--resource', 'https://a.example', '--resource', 'https://b.example'])
    server.stop()
    assert.equal(out, 'issued\n')
    assert.equal(authorization, undefined)
    assert.equal(form.get('client_secret'), SECRET)
    assert.deepEqual(form.getAll('resource'), ['https://a.example', 'https://b.example'])
  })

  it('does not send a token where a redirect leads', async () => {
    let elsewhere = 0
    const other = await answering(() => (elsewhere++, { json: { access_token: 'stolen' } }))
    const server = await answering(() => ({ status: 307, headers: { location: other.url }, json: '' }))
    const { code, err } = await ask(`${server.url}/token`)
    server.stop()
    other.stop()
    assert.equal(code, 1)
    assert.match(err, /answers 307.*redirects/)
    assert.equal(elsewhere, 0)
  })

  it('keeps what a server says from moving the cursor', async () => {
    const server = await answering(() => ({ status: 400, json: { error: 'invalid_request', error_description: '\u001b[2Jgone' } }))
    const { err } = await ask(`${server.url}/token`)
    server.stop()
    assert.ok(!err.includes('\u001b'))
  })

  it('says that it gets no answer, or none that counts', async () => {
    const server = await answering(() => ({ json: '<html>' }))
    assert.match((await ask(`${server.url}/token`)).err, /answers 200, and not as a token endpoint does/)
    server.stop()
    const { code, err, out } = await ask('http://127.0.0.1:1/token', ['--json'])
    assert.equal(code, 1)
    assert.match(err, /http:\/\/127\.0\.0\.1:1 cannot be reached/)
    assert.equal(JSON.parse(out).ok, false)
  })

  it('says how it is used when it is used wrongly', async () => {
    const url = 'https://sts.example.com/token'
    for (const [args, said] of [
      [['token'], /takes one URL/],
      [['token', 'sts'], /`sts` is no URL/],
      [['token', 'http://sts.example.com/token'], /is not https/],
      [['token', 'https://me:secret@sts.example.com/token'], /a password in it/],
      [['token', url], /`--client ID` is missing/],
      [['token', url, '--client', 'a'], /`--subject-token -\|@FILE` is missing/],
      [['token', url, '--client', 'a', '--subject-token', 'eyJ.e.e'], /seen by everybody/],
      [['token', url, '--client', 'a', '--secret', 'x'], /--secret/],
      [['token', url, '--client', 'a', '--secret-env', 'NO_SUCH_VARIABLE'], /NO_SUCH_VARIABLE is not set/],
      [['token', url, '--client', 'a', '--secret-env', 'A', '--secret-file', 'b'], /give one of/],
      [['token', url, '--client', 'a', '--grant', 'password', '--subject-token', '-'], /is none of token-exchange, jwt-bearer, client_credentials/],
      [['token', url, '--client', 'a', '--subject-token', '-', '--actor-token', '-'], /cannot both be `-`/],
    ]) {
      const { code, err } = await run(args, { input: 'token' })
      assert.equal(code, 2, args.join(' '))
      assert.match(err, said)
      assert.ok(!err.includes('eyJ'))
    }
    assert.match((await run(['token', '--help'])).out, /Examples:/)
  })
})
