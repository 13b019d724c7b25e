/** `exchequer serve` in a process of its own, as a user starts it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { freePort } from './ports.mjs'

const CLI = fileURLToPath(new URL('../cli.js', import.meta.resolve('exchequer')))
const START_MS = 60_000

/**
 * Serves the configuration that `document` makes for its URL, from a directory
 * that goes with it, where its store is unless it is given one; on a free port
 * unless it is given one. `mark` stands in front of the document.
 */
export async function serve(document, { store = 'sqlite:store.sqlite', adminToken, env: more = {}, port = 0, args: options = [], mark = '', ownGroup = false } = {}) {
  port ||= await freePort()
  const url = `http://127.0.0.1:${port}`
  const directory = mkdtempSync(join(tmpdir(), 'exchequer-clients-'))
  writeFileSync(join(directory, 'exchequer.json'), mark + JSON.stringify(document(url)))

  const args = ['serve', '--config', 'exchequer.json', '--store', store, '--port', String(port), '--json', ...options]
  const env = { ...process.env, ...more }
  delete env.EXCHEQUER_ADMIN_TOKEN
  if (adminToken !== undefined) env.EXCHEQUER_ADMIN_TOKEN = adminToken
  const child = spawn(process.execPath, [CLI, ...args], { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'], detached: ownGroup })
  const closed = once(child, 'close')
  const end = async (signal) => {
    child.kill(signal)
    const [code] = await closed
    rmSync(directory, { recursive: true, force: true })
    return code
  }
  const stop = () => end('SIGTERM')
  let [said, errors] = ['', '']
  const written = []
  child.stderr.on('data', (data) => (errors += data))
  const late = setTimeout(() => child.kill('SIGKILL'), START_MS)
  const lines = createInterface({ input: child.stdout })
  const listening = new Promise((resolve) => {
    lines.on('line', (line) => {
      said += `${line}\n`
      written.push(JSON.parse(line))
      if (written.at(-1).event === 'listening') resolve(true)
    })
    lines.on('close', () => resolve(false))
  })
  const listens = await listening
  clearTimeout(late)
  if (listens) {
    return {
      url,
      directory,
      pid: child.pid,
      stop,
      /** Its exit code, when it has ended by itself. */
      ended: closed.then(([code]) => code),
      kill: () => end('SIGKILL'),
      /** Each line of its standard output up to now. */
      written,
      /** Everything it has written up to now. */
      said: () => said + errors,
    }
  }
  await stop()
  throw new Error(`exchequer does not listen: ${said}${errors}`)
}
