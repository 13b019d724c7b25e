/** `exchequer keys`: makes a signing key for the configuration, and rotates those that a server makes. */
import { parseArgs } from 'node:util'

import { generateKey } from '../node/keys.js'
import { ALGORITHMS } from '../algorithms.js'
import { type Command, UsageError } from './command.js'
import { SERVER_KEYS, serverKeys } from './server-keys.js'

const usage = `exchequer keys new [--alg ${ALGORITHMS.join('|')}] | list URL | rotate URL [--overlap-days N] [--alg ALG] | withdraw URL KID [--json]`

const HELP = `usage: ${usage}

\`new\` prints a fresh private JWK for \`keys\` in the configuration. It is a secret.

The others are for the keys that a server makes and keeps in its store. They call
the administration API of the server at URL with the token in the environment
variable EXCHEQUER_ADMIN_TOKEN. \`list\` shows the keys. \`rotate\` publishes the next
key, which signs after the overlap; the old one is published until the last token
that it signed has ended. \`withdraw\` takes a key away that does not sign: tokens
that it signed do not count any more.

  --alg ALG            the algorithm it signs with (default: ES256; for \`rotate\`
                       that of the key before, and no RSA)
  --overlap-days N     days until the next key signs, 0 to 30 (default: as
                       configured, or 2). With 0 it signs at once
  --danger-allow-http  URL may be http on another machine, although the token of an
                       administrator is sent there
  --json               JSON for programs

Examples:

  (umask 077; exchequer keys new > signing-key.json)
  exchequer keys new --alg RS256 > rsa-key.json
  exchequer keys new --alg EdDSA | vault kv put secret/exchequer key=-

  exchequer keys rotate https://sts.example.com
  exchequer keys rotate --overlap-days 0 https://sts.example.com

In the configuration: "keys": [{ "file": "signing-key.json" }].

Exit code: 0 done, 1 refused or failed, 2 wrong usage.`

export const keys: Command = {
  name: 'keys',
  summary: 'makes a signing key, and rotates those of a server',
  usage,
  async run(args) {
    const action = SERVER_KEYS.find((one) => one === args[0])
    if (action !== undefined && !args.includes('--help') && !args.includes('-h')) return serverKeys(action, args.slice(1))
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { alg: { type: 'string', default: 'ES256' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    })
    if (values.help) {
      console.log(HELP)
      return 0
    }
    if (positionals.length !== 1 || positionals[0] !== 'new') throw new UsageError('`keys` takes `new`, `list`, `rotate` or `withdraw`')
    const alg = ALGORITHMS.find((one) => one === values.alg)
    if (alg === undefined) throw new UsageError(`\`${values.alg}\` is none of ${ALGORITHMS.join(', ')}`)
    console.log(JSON.stringify(generateKey(alg)))
    return 0
  },
}
