/** What is for people at a terminal only. */
import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { describe, it } from 'node:test'

const { colours, printable, table, waiting } = await import(new URL('../cli/terminal.js', import.meta.resolve('exchequer')))

class Stream {
  written = ''
  constructor(isTTY) {
    this.isTTY = isTTY
  }
  write(text) {
    this.written += text
    return true
  }
}

/** With the environment changed for a while. */
async function where(changes, run) {
  const before = { ...process.env }
  for (const [name, value] of Object.entries({ NO_COLOR: '', FORCE_COLOR: '', CI: '', TERM: 'xterm', ...changes })) {
    if (value === '') delete process.env[name]
    else process.env[name] = value
  }
  try {
    return await run()
  } finally {
    process.env = before
  }
}

describe('the spinner', () => {
  it('turns while it waits, and is gone afterwards', async () => {
    const stream = new Stream(true)
    const result = await where({}, () => waiting('asking', setTimeout(300, 'done'), stream))
    assert.equal(result, 'done')
    assert.match(stream.written, /^\r⠋ asking \r⠙ asking /)
    assert.ok(stream.written.endsWith('\r\u001b[K'))
  })

  it('is gone when the work fails', async () => {
    const stream = new Stream(true)
    const work = setTimeout(200).then(() => Promise.reject(new Error('no')))
    await assert.rejects(where({}, () => waiting('asking', work, stream)), /no/)
    assert.ok(stream.written.endsWith('\r\u001b[K'))
  })

  it('is not there where nobody looks', async () => {
    for (const [isTTY, changes] of [[false, {}], [true, { CI: '1' }], [true, { TERM: 'dumb' }]]) {
      const stream = new Stream(isTTY)
      await where(changes, () => waiting('asking', setTimeout(200), stream))
      assert.equal(stream.written, '')
    }
  })
})

describe('colours', () => {
  const painted = (isTTY, changes) => where(changes, () => colours({ isTTY }).good('x') !== 'x')

  it('are for terminals, and for nobody who does not want them', async () => {
    assert.equal(await painted(true, {}), true)
    assert.equal(await painted(false, {}), false)
    assert.equal(await painted(true, { NO_COLOR: '1' }), false)
    assert.equal(await painted(true, { TERM: 'dumb' }), false)
    assert.equal(await painted(false, { FORCE_COLOR: '1' }), true)
    assert.equal(await painted(false, { FORCE_COLOR: '1', NO_COLOR: '1' }), false)
  })
})

describe('text of others', () => {
  it('does not move the cursor', () => {
    assert.equal(printable('a\u001b[2Jb\r\nc\u009bd\u007f'), 'a\ufffd[2Jb\ufffd\ufffdc\ufffdd\ufffd')
    assert.equal(table([['a', 'x\u001b'], ['longer', undefined], ['bb', 'y']]), '  a   x\ufffd\n  bb  y')
  })
})
