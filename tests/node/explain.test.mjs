/** `exchequer explain`: what it says of tokens, and what it does not need. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { run } from './support/command.mjs'
import { ISSUER, config, issuer } from './support/tokens.mjs'

const directory = mkdtempSync(join(tmpdir(), 'exchequer-explain-'))
after(() => rmSync(directory, { recursive: true, force: true }))

function file(name, content) {
  const path = join(directory, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const now = () => Math.floor(Date.now() / 1000)
const fresh = (claims) => ({ iat: now() - 10, exp: now() + 600, ...claims })
const [application] = config().applications

describe('exchequer explain', () => {
  let idp, document, jwks, token, foreign
  before(async () => {
    idp = await issuer()
    document = file('exchequer.json', config())
    jwks = file('jwks.json', idp.jwks)
    token = await idp.token(fresh())
    foreign = await idp.token(fresh({ aud: 'https://somebody-else.example.com' }))
  })
  const explain = (args, input = token) => run(['explain', '--config', document, '--jwks', jwks, ...args], { input, cwd: directory })

  it('says what would be issued', async () => {
    const { code, out, err } = await explain(['--client', 'app', '--scope', 'read', '-'])
    assert.equal(code, 0, err)
    assert.match(out, /^✓ client\.authentication/)
    assert.match(out, /✓ subject_token\.signature/)
    assert.match(out, /granted to app\n {2}issuer {5}IdP\n {2}subject {4}ada\n {2}would get {2}access_token/)
    assert.match(out, /"aud": "https:\/\/api\.example\.com"/)
    assert.equal(err, '')
  })

  it('says why not, what was compared, and what to do', async () => {
    const { code, out } = await explain(['-'], foreign)
    assert.equal(code, 1)
    assert.match(out, /✗ subject_token\.claim\.aud\.no_alias {2}aud https:\/\/somebody-else\.example\.com/)
    assert.match(out, /refused: invalid_request, the token's audience/)
    assert.match(out, /reason {2}subject_token\.claim\.aud\.no_alias\n {2}cause .+\n {2}remedy .*`alias`/)
  })

  it('shows both values of every condition, of those that hold, too', async () => {
    const [trusted] = config().trustedTokenIssuers
    const conditions = [{ claim: 'scope', word: 'foo.write' }, { claim: 'ref', like: 'refs/heads/*' }, { claim: 'level', equals: 2 }]
    const conditioned = file('conditions.json', config({ trustedTokenIssuers: [{ ...trusted, conditions }] }))
    const asked = async (claims) => {
      const { out } = await run(['explain', '--config', conditioned, '--jwks', jwks, '--json', '-'], { input: await idp.token(fresh(claims)) })
      const { granted, checks, reason, remedy } = JSON.parse(out)
      return { granted, reason, remedy, seen: checks.filter(({ code }) => code.includes('condition')).map(({ detail }) => detail) }
    }
    const held = await asked({ scope: 'foo.read foo.write', ref: 'refs/heads/main', level: 2 })
    assert.equal(held.granted, true)
    assert.deepEqual(held.seen, [
      '`scope` is "foo.read foo.write"; wanted: word `foo.write`',
      '`ref` is "refs/heads/main"; wanted: like `refs/heads/*`',
      '`level` is 2; wanted: equals 2',
    ])
    const typed = await asked({ scope: 'foo.write', ref: 'refs/heads/main', level: '2' })
    assert.equal(typed.reason, 'subject_token.condition.wrong_type')
    assert.equal(typed.seen.at(-1), '`level` is "2" (a string); wanted: equals 2')
    assert.match(typed.remedy, /in the type that the claim has/)
    const missing = await asked({ scope: 'foo.write' })
    assert.equal(missing.reason, 'subject_token.condition.claim_missing')
    assert.equal(missing.seen.at(-1), '`ref` is missing; wanted: like `refs/heads/*`')
  })

  it('says the same as JSON', async () => {
    const granted = JSON.parse((await explain(['--json', '-'])).out)
    assert.equal(granted.granted, true)
    assert.equal(granted.issued.claims.sub, 'ada')
    const { code, out } = await explain(['--json', '-'], foreign)
    assert.equal(code, 1)
    const refused = JSON.parse(out)
    assert.equal(refused.reason, 'subject_token.claim.aud.no_alias')
    assert.equal(refused.checks.at(-1).outcome, 'fail')
  })

  it('takes the token from a file, from standard input, or as it is; and never shows it', async () => {
    for (const args of [[`@${file('token.jwt', `${token}\n`)}`], ['-'], [token]]) {
      for (const json of [[], ['--json']]) {
        const { code, out, err } = await explain([...json, ...args])
        assert.equal(code, 0, err)
        for (const part of token.split('.')) assert.ok(!`${out}${err}`.includes(part))
      }
    }
  })

  it('explains a token about the application itself, without a token', async () => {
    const applications = [{ ...application, type: 'machine', grantTypes: ['client_credentials'], scopes: ['read'] }]
    const path = file('itself.json', config({ applications }))
    const args = ['explain', '--config', path, '--client-credentials']
    const granted = await run([...args, '--scope', 'read'])
    assert.match(granted.out, /granted to app/)
    assert.match(granted.out, /"sub": "app"/)
    const refused = await run([...args, '--scope', 'admin', '--json'])
    assert.deepEqual([refused.code, JSON.parse(refused.out).reason], [1, 'scope.not_allowed'])
    for (const wrong of [['-'], ['--assertion'], ['--actor', '-']]) assert.equal((await run([...args, ...wrong], { input: token })).code, 2)
  })

  it('needs no secret', async () => {
    const applications = [{ ...application, clientSecret: { env: 'NO_SUCH_SECRET' } }]
    const keys = [{ file: 'no-such-key.json' }]
    const path = file('secretless.json', config({ applications, keys }))
    const { code, err } = await run(['explain', '--config', path, '--jwks', jwks, '-'], { input: token })
    assert.equal(code, 0, err)
  })

  it('knows which application must be meant, or names those that could be', async () => {
    const other = { ...application, clientId: 'other', name: 'Other', trustedTokenIssuers: [] }
    const one = file('one-meant.json', config({ applications: [other, application] }))
    const meant = await run(['explain', '--config', one, '--jwks', jwks, '-'], { input: token })
    assert.match(meant.out, /granted to app/)

    const both = file('two-meant.json', config({ applications: [{ ...other, trustedTokenIssuers: ['IdP'] }, application] }))
    const several = await run(['explain', '--config', both, '--jwks', jwks, '-'], { input: token })
    assert.equal(several.code, 2)
    assert.match(several.err, /several applications could be meant:\n {2}other {2}Other\n {2}app {2}App/)
  })

  it('explains the JWT bearer grant', async () => {
    const grantTypes = ['urn:ietf:params:oauth:grant-type:jwt-bearer']
    const path = file('bearer.json', config({ applications: [{ ...application, grantTypes }] }))
    const bearer = (input) => run(['explain', '--config', path, '--jwks', jwks, '--assertion', '-'], { input })
    assert.equal((await bearer(token)).code, 0)
    const refused = await bearer(foreign)
    assert.equal(refused.code, 1)
    assert.match(refused.out, /refused: invalid_grant/)
    assert.match(refused.out, /✗ assertion\.claim\.aud/)
  })

  it('takes an actor, audiences and types', async () => {
    const actor = file('actor.jwt', await idp.token(fresh({ sub: 'worker' })))
    const args = ['--actor', `@${actor}`, '--audience', 'https://api.example.com', '--requested-type', 'jwt', '--json', '-']
    const { issued } = JSON.parse((await explain(args)).out)
    assert.equal(issued.claims.act.sub, 'worker')
    const { code, out } = await explain(['--audience', 'https://other.example.com', '--json', '-'])
    assert.equal(code, 1)
    assert.equal(JSON.parse(out).error, 'invalid_target')
  })

  it('fetches the issuer’s keys, and says when it cannot', async () => {
    const server = createServer((_, response) => response.end(JSON.stringify(idp.jwks))).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${server.address().port}`
    const trustedTokenIssuers = [{ name: 'IdP', issuer: ISSUER, certificate: { jwksUri: `${url}/jwks` } }]
    const path = file('fetches.json', config({ trustedTokenIssuers }))
    const asked = () => run(['explain', '--config', path, '-'], { input: token })
    assert.equal((await asked()).code, 0)
    server.close()
    server.closeAllConnections()
    const { code, out } = await asked()
    assert.equal(code, 1)
    assert.match(out, /\? subject_token\.key\.unavailable[^]*refused: temporarily_unavailable/)
  })

  it('answers discovery from the file of keys, too', async () => {
    const trustedTokenIssuers = [{ name: 'IdP', issuer: ISSUER, certificate: { discovery: true } }]
    const path = file('discovers.json', config({ trustedTokenIssuers }))
    assert.equal((await run(['explain', '--config', path, '--jwks', jwks, '-'], { input: token })).code, 0)
  })

  it('uses nothing up in the store it looks into', async () => {
    const trustedTokenIssuers = [{ ...config().trustedTokenIssuers[0], replayProtection: 'jti' }]
    document = file('replay.json', config({ trustedTokenIssuers }))
    const once = await idp.token(fresh({ jti: 'once' }))
    for (let time = 0; time < 2; time++) {
      assert.equal((await explain(['--store', 'sqlite:looked-into.sqlite', '-'], once)).code, 0)
    }
    assert.ok(existsSync(join(directory, 'looked-into.sqlite')))
    document = file('exchequer.json', config())
  })

  it('says how it is used when it is used wrongly', async () => {
    const cases = [
      [['explain'], /`--config FILE` is missing/],
      [['explain', '--config', document], /takes one token/],
      [['explain', '--config', document, '@none.jwt'], /`none\.jwt` cannot be read \(ENOENT\)/],
      [['explain', '--config', document, '-'], /standard input is empty/],
      [['explain', '--config', document, '--actor', token, token], /--actor takes `-` for standard input or `@FILE`/],
      [['explain', '--config', document, '--jwks', document, token], /is no JWK set/],
      [['explain', '--config', 'none.json', token], /there is no such file/],
      [['explain', '--config', document, '--assertion', token], /no application of the configuration may use this grant/],
    ]
    for (const [args, said] of cases) {
      const { code, out, err } = await run(args, { cwd: directory })
      assert.equal(code, 2, `${args} ${out}${err}`)
      assert.match(err, said)
      assert.ok(!err.includes(token.split('.')[2]))
    }
    assert.equal((await run(['explain', '--help'])).code, 0)
  })

  it('has colours only where they are seen', async () => {
    const escape = '\u001b'
    assert.ok(!(await explain(['-'])).out.includes(escape))
    const forced = await run(['explain', '--config', document, '--jwks', jwks, '-'], { input: token, env: { FORCE_COLOR: '1', NO_COLOR: '' } })
    assert.ok(forced.out.includes(escape))
    const not = await run(['explain', '--config', document, '--jwks', jwks, '-'], { input: token, env: { FORCE_COLOR: '1', NO_COLOR: '1' } })
    assert.ok(!not.out.includes(escape))
  })
})
