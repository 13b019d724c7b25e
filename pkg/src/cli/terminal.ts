/** What is for people at a terminal only: colours, a spinner, and marks. */
import type { WriteStream } from 'node:tty'

/** Colours of one stream; none where nobody sees them (https://no-color.org). */
export interface Colours {
  good(text: string): string
  bad(text: string): string
  faint(text: string): string
  strong(text: string): string
}

type Stream = Pick<WriteStream, 'isTTY' | 'write'>

export function colours(stream: Pick<Stream, 'isTTY'>): Colours {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env
  const wanted = FORCE_COLOR !== undefined && FORCE_COLOR !== '0'
  const possible = stream.isTTY === true && TERM !== 'dumb'
  const colourful = !NO_COLOR && (wanted || possible)
  const paint = (code: number) => (text: string) => (colourful ? `\u001b[${code}m${text}\u001b[0m` : text)
  return { good: paint(32), bad: paint(31), faint: paint(2), strong: paint(1) }
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const FRAME_MS = 80

/** Waits for work; who looks at a terminal sees what for. */
export async function waiting<T>(what: string, work: Promise<T>, stream: Stream = process.stderr): Promise<T> {
  if (stream.isTTY !== true || process.env['TERM'] === 'dumb' || process.env['CI']) return work
  let frame = 0
  const turn = setInterval(() => stream.write(`\r${FRAMES[frame++ % FRAMES.length]} ${what} `), FRAME_MS)
  try {
    return await work
  } finally {
    clearInterval(turn)
    if (frame > 0) stream.write('\r\u001b[K')
  }
}

/** Labels in one column, what they are about in another; what is not there is left out. */
export function table(rows: readonly (readonly [label: string, text: string | null | undefined])[]): string {
  const shown = rows.filter((row): row is readonly [string, string] => !!row[1])
  const width = Math.max(0, ...shown.map(([label]) => label.length))
  return shown.map(([label, text]) => `  ${label.padEnd(width)}  ${printable(text)}`).join('\n')
}

/** Text of others, which must not move the cursor or begin a line of its own: control characters out. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd')
}

/** A value of others, over several lines. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value, null, 2).split('\n').map(printable).join('\n')
}
