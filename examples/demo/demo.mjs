/**
 * One real token exchange, step by step: a build job's token from an identity
 * provider nobody here wrote becomes a token for the deployment API.
 *
 * Usage: node demo.mjs [--once] [--tethered]. Without `--once` it serves until
 * Ctrl-C; with `--tethered` also no longer than its standard input lasts.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'

import { ServerProcess, freePort } from './servers.mjs'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const command = join(dirname(fileURLToPath(import.meta.resolve('exchequer'))), '../cli.js')

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

const secrets = {
  BUILD_JOB_SECRET: randomBytes(12).toString('hex'),
  DEPLOY_BOT_SECRET: randomBytes(16).toString('hex'),
  EXCHEQUER_ADMIN_TOKEN: randomBytes(16).toString('hex'),
}
const directory = mkdtempSync(join(tmpdir(), 'exchequer-demo-'))
const servers = []

const isOnce = process.argv.includes('--once')
const stop = stopped()

try {
  const finished = await Promise.race([demo().then(() => true), stop.then(() => false)])
  if (!finished) {
    process.exitCode = 1
  } else if (!isOnce) {
    console.log('\nServing until Ctrl-C.')
    await stop
  }
} finally {
  for (const server of servers) await server.stop()
  rmSync(directory, { recursive: true, force: true })
}

async function demo() {
  const { provider, exchequer } = await startServers()

  step(1, `A build job gets a token from its own identity provider, ${provider}`)
  const subjectToken = await post(`${provider}/token`, ['build-job-4711', secrets.BUILD_JOB_SECRET], {
    grant_type: 'client_credentials',
  }).then((reply) => reply.access_token)
  show(decodeJwt(subjectToken))

  step(2, `The deploy bot exchanges it at ${exchequer}/oauth2/token`)
  const audited = servers[1].line((line) => JSON.parse(line).event === 'token')
  const issued = await post(`${exchequer}/oauth2/token`, ['deploy-bot', secrets.DEPLOY_BOT_SECRET], {
    grant_type: TOKEN_EXCHANGE,
    subject_token: subjectToken,
    subject_token_type: ACCESS_TOKEN,
    scope: 'deploy:read',
  })
  show({ ...issued, access_token: `${issued.access_token.slice(0, 24)}…` })

  step(3, 'What was checked, in order (from the audit log)')
  for (const { code, outcome, detail } of JSON.parse(await audited).checks) {
    console.log(`  ${outcome === 'pass' ? '✓' : '✗'} ${code.padEnd(28)} ${detail ?? ''}`)
  }

  step(4, `The token that was issued, verified with the keys at ${exchequer}/oauth2/jwks`)
  const { payload } = await jwtVerify(
    issued.access_token,
    createRemoteJWKSet(new URL(`${exchequer}/oauth2/jwks`)),
    { issuer: exchequer, audience: 'https://deploy.example.com', typ: 'at+jwt' },
  )
  show(payload)

  if (isOnce) return
  step(5, 'Do it yourself, while this runs')
  console.log(curl(provider, exchequer))

  step(6, 'Look around in the console, while this runs')
  console.log(`  ${exchequer}/console/, admin token ${secrets.EXCHEQUER_ADMIN_TOKEN}`)
}

async function startServers() {
  const [own, other] = [await freePort(9443), await freePort(9444)]
  const exchequer = `http://127.0.0.1:${own}`
  const provider = `http://127.0.0.1:${other}`
  const config = readFileSync(here('exchequer.json'), 'utf8')
    .replaceAll('http://127.0.0.1:9443', exchequer)
    .replaceAll('http://127.0.0.1:9444', provider)
  const file = join(directory, 'exchequer.json')
  writeFileSync(file, config)

  servers.push(new ServerProcess(here('provider.mjs'), [String(other), exchequer], secrets))
  const store = `sqlite:${join(directory, 'exchequer.sqlite')}`
  const serve = ['serve', '--config', file, '--store', store, '--port', String(own), '--json']
  servers.push(new ServerProcess(command, serve, secrets))
  await servers[0].line((line) => line === 'listening')
  await servers[1].line((line) => JSON.parse(line).event === 'listening')
  return { provider, exchequer }
}

async function post(url, [id, secret], form) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
    body: new URLSearchParams(form),
  })
  const reply = await response.json()
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${JSON.stringify(reply)}`)
  return reply
}

function curl(provider, exchequer) {
  return `  TOKEN=$(curl -s -u build-job-4711:${secrets.BUILD_JOB_SECRET} ${provider}/token \\
    -d grant_type=client_credentials | node -pe 'JSON.parse(fs.readFileSync(0)).access_token')

  curl -s -u deploy-bot:${secrets.DEPLOY_BOT_SECRET} ${exchequer}/oauth2/token \\
    -d grant_type=${TOKEN_EXCHANGE} \\
    -d subject_token=$TOKEN -d subject_token_type=${ACCESS_TOKEN} \\
    -d scope=deploy:read`
}

function step(number, title) {
  console.log(`\n${number}. ${title}\n`)
}

function show(value) {
  console.log(JSON.stringify(value, null, 2).replace(/^/gm, '  '))
}

/** Ctrl-C, or whoever started this has gone. */
async function stopped() {
  const reasons = [once(process, 'SIGINT'), once(process, 'SIGTERM')]
  if (process.argv.includes('--tethered')) {
    reasons.push(once(process.stdin, 'end'))
    process.stdin.resume().unref()
  }
  await Promise.race(reasons)
}
