#!/usr/bin/env node
/** The command `exchequer`: finds the subcommand and says how it is used. */
import { readFileSync } from 'node:fs'

import { check } from './cli/check.js'
import { type Command, type ExitCode, WRONG_USAGE, usageProblem } from './cli/command.js'
import { explain } from './cli/explain.js'
import { keys } from './cli/keys.js'
import { serve } from './cli/serve.js'
import { token } from './cli/token.js'

const COMMANDS: readonly Command[] = [serve, check, explain, token, keys]

async function main([name, ...rest]: readonly string[]): Promise<ExitCode> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    console.log(help())
    return name === undefined ? WRONG_USAGE : 0
  }
  if (name === '--version') {
    console.log(version())
    return 0
  }
  const command = COMMANDS.find((one) => one.name === name)
  if (command === undefined) {
    console.error(`there is no command \`${name}\`; there are ${COMMANDS.map((one) => one.name).join(', ')}`)
    return WRONG_USAGE
  }
  try {
    return await command.run(rest)
  } catch (error) {
    const problem = usageProblem(error)
    if (problem === undefined) throw error
    if (rest.includes('--json')) console.log(JSON.stringify({ ok: false, error: problem }))
    console.error(`${problem}\nusage: ${command.usage}`)
    return WRONG_USAGE
  }
}

function help(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length))
  const commands = COMMANDS.map(({ name, summary }) => `  exchequer ${name.padEnd(width)}  ${summary}`)
  return `usage: exchequer <command> [options]

${commands.join('\n')}

  --version  the version of this package

\`exchequer <command> --help\` says more, with examples.`
}

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
  return version
}

process.exitCode = await main(process.argv.slice(2))
