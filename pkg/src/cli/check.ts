/** `exchequer check`: says what is wrong with a configuration document. */
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'

import { createExchequer } from '../entry/node.js'
import { ConfigurationError } from '../errors.js'
import { secretsFrom } from '../node/secrets.js'
import { type Command, FAILED, UsageError, WRONG_USAGE, printProblems, printWarnings, readConfiguration } from './command.js'

const usage = 'exchequer check FILE [--strict] [--json]'

const HELP = `usage: ${usage}

Checks a configuration document, the secrets it names included.
Prints \`ok\`, or every problem with what to do about it; warnings go to
standard error and do not change the exit code.

  --json    the same as JSON: {"ok", "problems", "warnings"}
  --strict  warnings, too, make it fail

Examples:

  exchequer check exchequer.json
  exchequer check --strict --json exchequer.json | jq '.warnings[].path'

Exit code: 0 it can be used, 1 there are warnings and --strict was said,
2 it cannot be used.`

export const check: Command = {
  name: 'check',
  summary: 'says what is wrong with a configuration, and what to do about it',
  usage,
  async run(args) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        strict: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h' },
      },
    })
    if (values.help) {
      console.log(HELP)
      return 0
    }
    const [file, ...more] = positionals
    if (file === undefined || more.length > 0) throw new UsageError('`check` takes one file')
    try {
      const exchequer = await createExchequer(readConfiguration(file), { secrets: secretsFrom(dirname(file)) })
      const { warnings } = exchequer
      await exchequer.close()
      if (values.json) console.log(JSON.stringify({ ok: true, problems: [], warnings }))
      else printWarnings(file, warnings)
      if (values.strict && warnings.length > 0) return FAILED
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      printProblems(file, error.problems, values.json)
      return WRONG_USAGE
    }
    if (!values.json) console.log('ok')
    return 0
  },
}
