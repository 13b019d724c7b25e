/** What the subcommands share: their shape, exit codes, and how problems are printed. */
import { readFileSync } from 'node:fs'

import { withoutMark } from '../document.js'
import { ConfigurationError } from '../errors.js'
import type { Problem } from '../generated/results.js'
import { colours } from './terminal.js'

/** 0 done, 1 refused or failed, 2 wrong usage or a configuration that cannot be used. */
export type ExitCode = 0 | 1 | 2

export const FAILED = 1
export const WRONG_USAGE = 2

export interface Command {
  name: string
  /** What it does, in one line. */
  summary: string
  /** How it is called, in one line. */
  usage: string
  run(args: string[]): Promise<ExitCode>
}

/** Wrong usage, found behind the flags. */
export class UsageError extends Error {}

/** The sentence to print when an error means that the command was used wrongly. */
export function usageProblem(error: unknown): string | undefined {
  if (error instanceof UsageError) return error.message
  const { code, message } = error as { code?: unknown; message?: string }
  return typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS_') ? message : undefined
}

/** What to say of an error. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // Several addresses that all failed have a code, and no message.
  return error.message || ((error as NodeJS.ErrnoException).code ?? error.name)
}

/** Says that something failed; the exit code for it. */
export function failure(message: string, json: boolean): 1 {
  if (json) console.log(JSON.stringify({ ok: false, error: message }))
  console.error(message)
  return FAILED
}

/** The text of a configuration file, which `JSON.parse` reads, too. */
export function readConfiguration(file: string): string {
  try {
    return withoutMark(readFileSync(file, 'utf8'))
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new ConfigurationError([
      {
        path: file,
        problem: code === 'ENOENT' ? 'there is no such file' : `the file cannot be read (${code})`,
        remedy: 'name the configuration document, a JSON file',
      },
    ])
  }
}

/** Prints what is wrong with a configuration: JSON for programs, a block for each problem for people. */
export function printProblems(file: string, problems: readonly Problem[], json: boolean): void {
  if (json) {
    console.log(JSON.stringify({ ok: false, problems, warnings: [] }))
    return
  }
  printAll(file, 'problem', problems)
}

/** Prints what is probably not meant. */
export function printWarnings(file: string, warnings: readonly Problem[]): void {
  if (warnings.length > 0) printAll(file, 'warning', warnings)
}

function printAll(file: string, what: 'problem' | 'warning', problems: readonly Problem[]): void {
  const { bad, faint, strong } = colours(process.stderr)
  const head = `${problems.length} ${what}${problems.length === 1 ? '' : 's'}`
  console.error(`${file}: ${what === 'problem' ? bad(head) : strong(head)}`)
  for (const { path, problem, remedy } of problems) {
    console.error(`\n  ${strong(path)}\n    ${problem}\n    ${faint('remedy:')} ${remedy}`)
  }
}
