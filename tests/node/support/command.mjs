/** The command `exchequer`, run to its end. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const CLI = fileURLToPath(new URL('../cli.js', import.meta.resolve('exchequer')))

export async function run(args, { env = {}, input = '', cwd } = {}) {
  const child = spawn(process.execPath, [CLI, ...args], { cwd, env: { ...process.env, ...env } })
  let [out, err] = ['', '']
  child.stdout.on('data', (data) => (out += data))
  child.stderr.on('data', (data) => (err += data))
  child.stdin.on('error', () => undefined).end(input)
  const code = await new Promise((resolve) => child.on('close', resolve))
  return { code, out, err }
}
