/**
 * Documents that are carried out: every `bash` block in order, in one shell,
 * and what it prints beside the `console` or `json` block behind it.
 *
 * `…` stands for anything on its line of a `console` block; in a `json` block
 * for anything in a string, as a whole string for any value, and as the name of
 * a member for further members.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

const PATIENCE_MS = 30_000
const DONE = '--- the block is done'

/** A document's steps: the heading above each block of commands, and what it must print. */
export function stepsOf(markdown) {
  const steps = []
  let heading = 'the beginning'
  for (const [, title, language, text] of markdown.matchAll(/^#{1,6} (.*)$|^ *```(\w*)\n([^]*?)^ *```$/gm)) {
    if (title !== undefined) heading = title
    else if (language === 'bash') steps.push({ heading, commands: text })
    else if (language === 'console' || language === 'json') {
      const step = steps.at(-1)
      if (step === undefined || step.expected !== undefined) throw new Error(`under “${heading}” stands output of no command:\n${text}`)
      Object.assign(step, { language, expected: text })
    } else throw new Error(`under “${heading}” stands a block that is neither bash, console nor json: ${language}`)
  }
  if (!steps.some(({ expected }) => expected !== undefined)) throw new Error('the document checks nothing')
  return steps
}

/**
 * Carries a document out.
 *
 * @param here what turns the document's text into this machine's: its addresses
 * @throws at the first difference: the step, the commands and what they printed
 */
export async function walk(markdown, { cwd, env, here = (text) => text }) {
  const steps = stepsOf(markdown)
  const shell = new Shell(cwd, env)
  try {
    for (const { heading, commands, language, expected } of steps) {
      const { status, output } = await shell.run(here(commands))
      const told = `“${heading}”\n\n${commands}\nprints\n\n${output}\n`
      if (status !== '0') throw new Error(`${told}\nand fails with ${status}`)
      if (expected === undefined) continue
      const difference = language === 'json' ? differsAsJson(here(expected), output) : differsAsText(here(expected), output)
      if (difference !== undefined) throw new Error(`${told}\n${difference}`)
    }
  } finally {
    await shell.stop()
  }
  return steps.filter(({ expected }) => expected !== undefined).length
}

/** A shell that is told one block after the other. */
class Shell {
  #output = ''
  #heard = () => undefined

  constructor(cwd, env) {
    // In a process group of its own: it is ended with whatever it left running.
    this.process = spawn('bash', ['-u', '-o', 'pipefail'], { cwd, env, stdio: ['pipe', 'pipe', 'pipe'], detached: true })
    this.closed = once(this.process, 'close')
    this.process.stdin.on('error', () => undefined).write('exec 2>&1\n')
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.setEncoding('utf8').on('data', (data) => {
        this.#output += data
        this.#heard()
      })
    }
  }

  async run(commands) {
    this.#output = ''
    const end = new RegExp(`^([^]*)\\n${DONE} (\\d+)\\n$`)
    // Evaluated as one text: what reads standard input does not eat the next block.
    const quoted = commands.replaceAll("'", "'\\''")
    this.process.stdin.write(`eval '${quoted}' </dev/null\nprintf '\\n%s %s\\n' '${DONE}' "$?"\n`)
    let late
    const ended = new Promise((resolve, reject) => {
      const fail = (why) => reject(new Error(`${why}:\n${commands}\n${this.#output}`))
      late = setTimeout(() => fail('it takes too long'), PATIENCE_MS)
      this.closed.then(() => fail('it ends the shell'))
      this.#heard = () => {
        const found = end.exec(this.#output)
        if (found !== null) resolve(found)
      }
    })
    const [, output, status] = await ended.finally(() => clearTimeout(late))
    return { status, output: output.replaceAll('\r', '').trim() }
  }

  async stop() {
    try {
      process.kill(-this.process.pid, 'SIGKILL')
    } catch {
      // It has ended itself.
    }
    await this.closed
  }
}

function differsAsText(expected, output) {
  return glob(expected.trim()).test(output) ? undefined : `instead of\n\n${expected}`
}

function differsAsJson(expected, output) {
  let printed
  try {
    printed = JSON.parse(output)
  } catch {
    return `which is not JSON; expected\n\n${expected}`
  }
  const path = differs(JSON.parse(expected), printed, '')
  return path === undefined ? undefined : `which differs at \`${path || '/'}\` from\n\n${expected}`
}

/** Where two values differ, as a JSON pointer. */
function differs(expected, actual, path) {
  if (expected === '…') return actual === undefined ? path : undefined
  if (typeof expected === 'string') return typeof actual === 'string' && glob(expected).test(actual) ? undefined : path
  if (expected === null || typeof expected !== 'object') return expected === actual ? undefined : path
  if (actual === null || typeof actual !== 'object' || Array.isArray(expected) !== Array.isArray(actual)) return path
  const { '…': more, ...members } = expected
  for (const name of Object.keys(members)) {
    const found = differs(members[name], actual[name], `${path}/${name}`)
    if (found !== undefined) return found
  }
  const unexpected = more === undefined && Object.keys(actual).find((name) => !Object.hasOwn(members, name))
  return unexpected ? `${path}/${unexpected}` : undefined
}

/** The text as it is, `…` for anything on its line. */
function glob(text) {
  const literal = text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${literal.replaceAll('…', '.*')}$`)
}
