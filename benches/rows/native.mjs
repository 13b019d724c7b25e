/** One exchange in a native program that has the engine as a crate. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { measured } from '../support/program.mjs'
import { told } from '../support/report.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))
const PROGRAM = join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'native/exchequer-bench')
const NAMES = {
  own: 'exchequer, signatures by `aws-lc-rs`',
  alone: 'exchequer, its own signatures',
  peer: '`jsonwebtoken`, hand-written',
  map: '`jsonwebtoken` and a map of verified tokens',
  limit: 'the limit: two native signatures',
  one: 'one native signature',
}
const CALLED = { peer: '`jsonwebtoken`', map: '`jsonwebtoken` with a map' }

export async function measure({ smoke }) {
  const size = smoke ? { rounds: 2, warmup: 1, tokens: 10 } : { rounds: 30, warmup: 3, tokens: 200 }
  const { cold, repeated, length } = await measured(PROGRAM, [], size)
  const how = `${size.rounds} rounds of ${size.tokens} tokens of ${length} bytes for each party, all in one thread. The limit is
\`aws-lc-rs\`'s, which \`jsonwebtoken\` has below it, too.`
  return {
    title: 'one exchange in a native program',
    versions: { 'aws-lc-rs': version('aws-lc-rs'), jsonwebtoken: version('jsonwebtoken') },
    ...told(inOrder(cold), inOrder(repeated), { where: 'In a native program', how, names: NAMES, called: CALLED }),
  }
}

/** The program sorts its parties by name. */
const inOrder = (samples) => Object.fromEntries(Object.values(NAMES).flatMap((name) => (name in samples ? [[name, samples[name]]] : [])))

/** The version of a crate that the program is built with. */
function version(crate) {
  return new RegExp(`name = "${crate}"\nversion = "(.*)"`).exec(readFileSync(`${root}benches/native/Cargo.lock`, 'utf8'))[1]
}
