/** The engine, run in the page. It fetches nothing but its own module, and sends nothing. */
import { create } from '../../../pkg/dist/create.js'
import type { ConfigurationError } from '../../../pkg/dist/errors.js'
import wasm from '../../../pkg/dist/exchequer.wasm?url'
import type { ExchequerConfig } from '../../../pkg/dist/generated/config.js'
import { initSync } from '../../../pkg/dist/glue.js'
import type { Complaint } from '../api.ts'
import type { Explanation, Problem } from '../model.ts'

/** The configuration is wrong; nothing was tried. */
export class BadConfiguration extends Error {
  readonly complaints: Complaint[]

  constructor(problems: Problem[]) {
    const lines = problems.map(({ path, problem, remedy }) => `${path === '' ? '' : `\`${path}\`: `}${problem}; ${remedy}`)
    super(lines.join('\n'))
    this.complaints = lines.map((text) => ({ path: 'config', text }))
  }
}

let memory: Promise<{ buffer: ArrayBuffer }> | undefined

function loaded(): Promise<{ buffer: ArrayBuffer }> {
  memory ??= (async () => {
    const response = await fetch(wasm)
    if (!response.ok) throw new Error(`the engine could not be loaded: ${response.url} answers ${response.status}`)
    const module = await WebAssembly.compile(await response.arrayBuffer())
    return initSync({ module }).memory as unknown as { buffer: ArrayBuffer }
  })()
  memory.catch(() => (memory = undefined))
  return memory
}

/** The decision of the token endpoint of a server with this configuration. */
export async function explain(config: Record<string, unknown>, form: URLSearchParams): Promise<Explanation> {
  const instance = await loaded()
  const adminToken = crypto.randomUUID()
  const platform = {
    memory: () => instance,
    // The engine computes signatures itself.
    crypto: { verifies: [], signs: [], publicKey: none, privateKey: none, verify: none, sign: none },
    // Explaining needs no secret, so any text will do.
    secrets: () => adminToken,
    joinsFetches: true,
  }
  // What was typed may have any shape: the engine says what is wrong with it.
  const sts = await create(platform, config as unknown as ExchequerConfig, {
    adminToken,
    fetch: () => Promise.reject(new Error('this page fetches nothing')),
  }).catch((error: ConfigurationError) => {
    throw Array.isArray(error.problems) ? new BadConfiguration([...error.problems]) : error
  })
  try {
    const headers = ['authorization', `Bearer ${adminToken}`, 'content-type', 'application/x-www-form-urlencoded']
    const reply = await sts.handle({ method: 'POST', target: '/oauth2/explain', headers, body: form.toString() })
    return JSON.parse(new TextDecoder().decode(reply.body)) as Explanation
  } finally {
    await sts.close()
  }
}

function none(): never {
  throw new Error('the engine computes signatures itself')
}
