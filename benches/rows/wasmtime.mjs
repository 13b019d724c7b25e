/** One exchange through the engine's component in wasmtime, embedded in Python. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { measured } from '../support/program.mjs'
import { told } from '../support/report.mjs'

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))
const PYTHON = path('../../tests/.venv/bin/python')
const NAMES = {
  own: 'exchequer, signatures by `cryptography`',
  alone: 'exchequer, its own signatures',
  peer: 'PyJWT, hand-written',
  map: 'PyJWT and a dict of verified tokens',
  limit: 'the limit: two native signatures',
  one: 'one native signature',
}
const CALLED = { peer: 'PyJWT', map: 'PyJWT with a dict' }

export async function measure({ smoke }) {
  const size = smoke ? { rounds: 2, warmup: 0, tokens: 5 } : { rounds: 25, warmup: 3, tokens: 50 }
  const { cold, repeated, length } = await measured(PYTHON, [path('../inside/embedded.py')], size, { names: NAMES })
  const how = `${size.rounds} rounds of ${size.tokens} tokens of ${length} bytes for each party, all in one Python process. What a
call into a component costs in Python is in the figures. The limit is that of
\`cryptography\`, which PyJWT has below it, too.`
  return {
    title: 'one exchange in wasmtime',
    versions: { wasmtime: version('component', 'wasmtime'), PyJWT: version('.', 'PyJWT'), cryptography: version('.', 'cryptography') },
    ...told(cold, repeated, { where: 'In wasmtime', how, names: NAMES, called: CALLED }),
  }
}

/** The version of a package in a folder's requirements. */
function version(folder, name) {
  return new RegExp(`^${name}==(\\S+)`, 'm').exec(readFileSync(path(`../../tests/${folder}/requirements.txt`), 'utf8'))[1]
}
