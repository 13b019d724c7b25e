/** `exchequer serve` in a process of its own, as a user starts it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const CLI = fileURLToPath(new URL('../cli.js', import.meta.resolve('exchequer')))

/** Serves the configuration that `document` makes for its URL, with a SQLite store in a directory that goes with it. */
export async function serve(document) {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const directory = mkdtempSync(join(tmpdir(), 'exchequer-clients-'))
  writeFileSync(join(directory, 'exchequer.json'), JSON.stringify(document(url)))

  const args = ['serve', '--config', 'exchequer.json', '--store', 'sqlite:store.sqlite', '--port', String(port), '--json']
  const child = spawn(process.execPath, [CLI, ...args], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] })
  const closed = once(child, 'close')
  const stop = async () => {
    child.kill('SIGTERM')
    await closed
    rmSync(directory, { recursive: true, force: true })
  }
  let errors = ''
  child.stderr.on('data', (data) => (errors += data))
  const lines = createInterface({ input: child.stdout })
  const listening = new Promise((resolve) => {
    lines.on('line', (line) => JSON.parse(line).event === 'listening' && resolve(true))
    lines.on('close', () => resolve(false))
  })
  if (await listening) return { url, directory, stop }
  await stop()
  throw new Error(`exchequer does not listen: ${errors}`)
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
