/** Makes one exchange and prints when it was done, on the clock of the machine, and with how much CPU time. */
const [what, text] = process.argv.slice(2)
const { keys, token } = JSON.parse(text)

/** Loads only what this party needs. */
const PARTIES = {
  exchequer: async () => (await import('./exchequer.mjs')).exchequer(keys),
  jose: async () => (await import('./jose.mjs')).handWritten(keys),
  signatures: async () => (await import('./node-signatures.mjs')).twoSignatures(keys),
  nothing: () => () => undefined,
}

const exchange = await PARTIES[what]()
const issued = await exchange(token)
const at = process.hrtime.bigint()
const { user, system } = process.cpuUsage()
console.log(JSON.stringify({ issued: issued?.access_token, at: String(at), cpu: user + system }))
