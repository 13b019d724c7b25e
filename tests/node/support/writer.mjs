/** Writes records one after the other, and says each key once it is kept. Somebody is killed in the middle. */
import { writeSync } from 'node:fs'

const [kind, where] = process.argv.slice(2)
const { [`${kind}Store`]: open } = await import(`exchequer/stores/${kind}`)
const store = await open(where)
for (let i = 0; ; i++) {
  const key = `w${i}`
  if (!(await store.commit([{ key, value: Buffer.from('x'), expect: 'absent', expiresAt: undefined }], 1_790_000_000))) {
    throw new Error('nobody else writes')
  }
  writeSync(1, `${key}\n`)
}
