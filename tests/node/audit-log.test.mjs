/** An audit log that cannot be written: the server goes on, says so once, and counts what is lost. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, closeSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'

import { createExchequer } from 'exchequer'

import { ADMIN_TOKEN } from './support/admin.mjs'
import { CLI } from './support/command.mjs'
import { freePort } from './support/ports.mjs'

const READY_MS = 60_000
const LOST = /the audit log is lost: standard output cannot be written/g
const headers = { authorization: `Bearer ${ADMIN_TOKEN}` }

describe('an audit log that cannot be written', { timeout: 300_000 }, () => {
  let directory
  const children = []
  before(() => (directory = mkdtempSync(join(tmpdir(), 'exchequer-audit-'))))
  after(() => {
    for (const child of children) child.kill('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  })

  /** A server whose standard output is this. */
  async function served(stdout, workers) {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    writeFileSync(join(directory, `${port}.json`), JSON.stringify({ issuer: url, limits: 'off' }))
    const args = ['serve', '--config', `${port}.json`, '--store', `sqlite:${port}.sqlite`, '--port', String(port), '--workers', String(workers)]
    const child = spawn(process.execPath, [CLI, ...args], { cwd: directory, env: { ...process.env, EXCHEQUER_ADMIN_TOKEN: ADMIN_TOKEN }, stdio: ['ignore', stdout, 'pipe'] })
    children.push(child)
    const server = { url, child, said: '' }
    child.stderr.on('data', (data) => (server.said += data))
    await until(() => server.said.includes('exchequer listens on'), server)
    return server
  }

  const decide = async ({ url }) => (await fetch(`${url}/oauth2/token`, { method: 'POST', body: new URLSearchParams({ grant_type: 'x' }) })).status
  const lost = async ({ url }) => {
    const text = await (await fetch(`${url}/metrics`, { headers })).text()
    return [...text.matchAll(/^exchequer_audit_lines_lost_total(?:\{.*\})? (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0)
  }
  const stopped = async ({ child }) => {
    child.kill('SIGTERM')
    const [code] = await once(child, 'exit')
    return code
  }

  for (const workers of [1, 2]) {
    const how = workers === 1 ? 'one process' : 'workers'

    it(`ends no server on a full disk, with ${how}`, { skip: process.platform !== 'linux' && 'there is no /dev/full' }, async () => {
      const full = openSync('/dev/full', 'w')
      const server = await served(full, workers)
      closeSync(full)
      for (let i = 0; i < 4; i++) assert.equal(await decide(server), 401)
      await until(async () => (await lost(server)) === 4, server)
      assert.equal(server.said.match(LOST).length, 1, server.said)
      assert.equal(await stopped(server), 0, server.said)
    })

    it(`ends no server when its reader ends, with ${how}`, async () => {
      const server = await served('pipe', workers)
      assert.equal(await lost(server), 0)
      server.child.stdout.destroy()
      // More than a pipe between two processes takes.
      for (let i = 0; i < 300; i++) assert.equal(await decide(server), 401)
      await until(async () => (await lost(server)) === 300, server)
      assert.equal(server.said.match(LOST).length, 1, server.said)
      assert.equal(await stopped(server), 0, server.said)
    })
  }

  it('is counted in a program, also when it fails later', async () => {
    const errors = []
    for (const audit of [() => { throw new Error('no room') }, async () => { throw new Error('no room') }]) {
      const sts = await createExchequer({ issuer: 'https://sts.example.com' }, { audit, adminToken: ADMIN_TOKEN, onError: ({ message }) => errors.push(message) })
      const { status } = await sts.handle({ method: 'POST', target: '/oauth2/token', headers: ['content-type', 'application/x-www-form-urlencoded'], body: 'grant_type=x' })
      assert.equal(status, 401)
      await setTimeout(0)
      const { body } = await sts.handle({ method: 'GET', target: '/metrics', headers: ['authorization', headers.authorization] })
      assert.match(new TextDecoder().decode(body), /^exchequer_audit_lines_lost_total 1$/m)
      await sts.close()
    }
    assert.deepEqual(errors, ['no room', 'no room'])
  })
})

async function until(what, server) {
  for (const end = Date.now() + READY_MS; !(await what()); await setTimeout(50)) {
    assert.ok(Date.now() < end && server.child.exitCode === null, `never happened: ${what}\n${server.said}`)
  }
}
