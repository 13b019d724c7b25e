#!/usr/bin/env node
/** The command `exchequer`: finds the subcommand and says how it is used. */
import { check } from './cli/check.js'
import { type Command, type ExitCode, WRONG_USAGE, usageProblem } from './cli/command.js'
import { explain } from './cli/explain.js'
import { keys } from './cli/keys.js'
import { serve } from './cli/serve.js'
import { token } from './cli/token.js'

const COMMANDS: readonly Command[] = [serve, check, explain, token, keys]

async function main([name, ...rest]: readonly string[]): Promise<ExitCode> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const usages = COMMANDS.map(({ usage }) => `  ${usage}`)
    console.log(`usage:\n${usages.join('\n')}\n\n\`exchequer <command> --help\` says more`)
    return name === undefined ? WRONG_USAGE : 0
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
    console.error(`${problem}\nusage: ${command.usage}`)
    return WRONG_USAGE
  }
}

process.exitCode = await main(process.argv.slice(2))
