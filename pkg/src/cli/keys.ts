/** `exchequer keys new`: makes a signing key for the configuration. */
import { parseArgs } from 'node:util'

import { generateKey } from '../node/keys.js'
import { ALGORITHMS } from '../algorithms.js'
import { type Command, UsageError } from './command.js'

const usage = `exchequer keys new [--alg ${ALGORITHMS.join('|')}] [--json]`

const HELP = `usage: ${usage}

Prints a fresh private JWK for \`keys\` in the configuration. It is a secret.

  --alg ALG  the algorithm it signs with (default: ES256)
  --json     the same; a key is JSON always

Examples:

  (umask 077; exchequer keys new > signing-key.json)
  exchequer keys new --alg RS256 > rsa-key.json
  exchequer keys new --alg EdDSA | vault kv put secret/exchequer key=-

In the configuration: "keys": [{ "file": "signing-key.json" }].

Exit code: 0 done, 2 wrong usage.`

export const keys: Command = {
  name: 'keys',
  summary: 'makes a signing key',
  usage,
  async run(args) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { alg: { type: 'string', default: 'ES256' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    })
    if (values.help) {
      console.log(HELP)
      return 0
    }
    if (positionals.length !== 1 || positionals[0] !== 'new') throw new UsageError('`keys` makes a key with `new`')
    const alg = ALGORITHMS.find((one) => one === values.alg)
    if (alg === undefined) throw new UsageError(`\`${values.alg}\` is none of ${ALGORITHMS.join(', ')}`)
    console.log(JSON.stringify(generateKey(alg)))
    return 0
  },
}
