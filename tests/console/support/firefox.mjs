/**
 * Debian's Firefox over WebDriver BiDi, which it speaks by itself. Playwright drives
 * only a Firefox that its authors have changed.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import WebSocket from 'ws'

/** Keys of WebDriver that are no characters. */
const KEYS = { Tab: '\uE004', Enter: '\uE006', Escape: '\uE00C', Space: ' ', ArrowDown: '\uE015', ArrowUp: '\uE013', Control: '\uE009' }

/** What is not set by `--remote-debugging-port` already. */
const PREFERENCES = {
  // Links and buttons are reached by Tab on every system.
  'accessibility.tabfocus': 7,
  'intl.accept_languages': 'en-US',
  'ui.prefersReducedMotion': 1,
}

const PROGRAM = ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find(existsSync)

/** Whether there is a Firefox on this machine. */
export const isThere = PROGRAM !== undefined

/** Starts it. Each page has cookies and storage of its own. */
export async function firefox(size) {
  const profile = mkdtempSync(join(tmpdir(), 'exchequer-firefox-'))
  const lines = Object.entries(PREFERENCES).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`)
  writeFileSync(join(profile, 'user.js'), lines.join('\n'))
  const child = spawn(PROGRAM, ['--headless', '--profile', profile, '--remote-debugging-port', '0', 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, HOME: profile },
  })
  const entries = []
  const { send, close } = await connect(await addressOf(child), (entry) => entries.push(entry))
  await send('session.new', { capabilities: {} })
  await send('session.subscribe', { events: ['log.entryAdded'] })
  const { contexts } = await send('browsingContext.getTree', {})
  return {
    page: () => newPage({ send, entries, first: contexts[0].context }, size),
    async stop() {
      close()
      child.kill('SIGTERM')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Where it listens, which it writes when it has started. */
function addressOf(child) {
  return new Promise((resolve, reject) => {
    const said = []
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line)
      const found = /WebDriver BiDi listening on (ws:\S+)/.exec(line)
      if (found) resolve(found[1])
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`Firefox ended with ${code}: ${said.slice(-5).join('\n')}`)))
  })
}

/** A connection for commands and their answers. `note` gets what pages write to their logs. */
async function connect(address, note) {
  const socket = new WebSocket(`${address}/session`)
  await once(socket, 'open')
  const waiting = new Map()
  let last = 0
  socket.on('message', (data) => {
    const { id, type, result, error, message, params } = JSON.parse(data)
    if (type === 'event') return note(params)
    const asked = waiting.get(id)
    waiting.delete(id)
    if (type === 'error') asked?.reject(new Error(`${error}: ${message}`))
    else asked?.resolve(result)
  })
  socket.on('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('Firefox closed the connection'))
  })
  return {
    send: (method, params) =>
      new Promise((resolve, reject) => {
        waiting.set(++last, { resolve, reject })
        socket.send(JSON.stringify({ id: last, method, params }))
      }),
    close: () => socket.close(),
  }
}

async function newPage({ send, entries, first }, viewport) {
  const { userContext } = await send('browser.createUserContext', {})
  const { context } = await send('browsingContext.create', { type: 'tab', userContext })
  const size = (viewport) => send('browsingContext.setViewport', { context, viewport })
  /**
   * Gives the page the focus of the keyboard, which only a change of tabs does. The next Tab leads to its first
   * element, or to that of the dialog that is open: the rest of the page takes no focus then.
   */
  const enter = async () => {
    await send('browsingContext.activate', { context: first })
    await send('browsingContext.activate', { context })
    await evaluated(`(() => {
      const top = document.querySelector('dialog:modal') ?? document.body
      top.tabIndex = -1
      top.focus()
      top.removeAttribute('tabindex')
    })()`)
  }
  const press = (actions) => send('input.performActions', { context, actions: [{ type: 'key', id: 'keyboard', actions }] })
  const evaluated = async (expression) => {
    const { type, result, exceptionDetails } = await send('script.evaluate', { expression, target: { context }, awaitPromise: true })
    if (type === 'exception') throw new Error(exceptionDetails.text)
    return result.value === undefined ? undefined : JSON.parse(result.value)
  }
  const hasFocus = () => evaluated('JSON.stringify(document.hasFocus())')
  await size(viewport)
  await enter()
  return {
    goto: (url) => send('browsingContext.navigate', { context, url, wait: 'complete' }),
    async press(key) {
      const values = key.split('+').map((part) => KEYS[part] ?? part.toLowerCase())
      await press([...values.map((value) => ({ type: 'keyDown', value })), ...values.toReversed().map((value) => ({ type: 'keyUp', value }))])
      // Behind its last element the keyboard leaves the page for the window of the
      // browser, and a button would not hear the next key.
      if (key === 'Tab' && (await hasFocus()) === false) await enter()
    },
    type: (text) => press([...text].flatMap((value) => [{ type: 'keyDown', value }, { type: 'keyUp', value }])),
    evaluate: (look, ...args) => evaluated(`(async () => JSON.stringify(await (${look})(...${JSON.stringify(args)})))()`),
    run: (script) => evaluated(`(() => { ${script}; return undefined })()`),
    size,
    async picture(path) {
      const { data } = await send('browsingContext.captureScreenshot', { context, origin: 'document' })
      writeFileSync(path, Buffer.from(data, 'base64'))
    },
    errors: () => entries.filter(({ level, source }) => level === 'error' && source.context === context).map(({ text }) => text),
    close: () => send('browser.removeUserContext', { userContext }),
  }
}
