/** Writes records one after the other, and says each key once it is kept. Is killed in the middle. */
import { writeSync } from 'node:fs'

import { sqliteStore } from 'exchequer/stores/sqlite'

const store = await sqliteStore(process.argv[2])
for (let i = 0; ; i++) {
  const key = `w${i}`
  if (!(await store.commit([{ key, value: Buffer.from('x'), expect: 'absent', expiresAt: undefined }], 1_790_000_000))) {
    throw new Error('nobody else writes')
  }
  writeSync(1, `${key}\n`)
}
