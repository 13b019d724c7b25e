/**
 * Exchanges tokens that are all different, for as long as it is told, and prints a
 * line of JSON with its memory now and then.
 *
 *     node --expose-gc inside/memory.mjs exchequer 300000
 */
import { exchequer } from './exchequer.mjs'
import { handWrittenWithMap } from './jose.mjs'
import { makeKeys, tokenMaker } from './tokens.mjs'

const [what, count] = process.argv.slice(2)
const CHUNK = 1000
const SAMPLES = 30

const keys = makeKeys()
const tokens = tokenMaker(keys)
const exchange = await { exchequer, map: handWrittenWithMap }[what](keys)

/** Bytes of WebAssembly memories are `external`, and so are buffers. */
function report(done) {
  gc()
  const { rss, heapUsed, external } = process.memoryUsage()
  console.log(JSON.stringify({ done, rss, heapUsed, external }))
}

const every = Math.max(CHUNK, Number(count) / SAMPLES)
for (let done = 0; done < Number(count); done += CHUNK) {
  if (done % every < CHUNK) report(done)
  for (const token of tokens(CHUNK)) await exchange(token)
}
report(Number(count))
// What it keeps is in the last report only if it is still needed.
await exchange(tokens(1)[0])
