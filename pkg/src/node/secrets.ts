/** Secrets from the environment and from files. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

import type { Secrets } from '../engine.js'

/** Finds secrets; paths are relative to a directory. */
export function secretsFrom(directory: string): Secrets {
  return (kind, name) => (kind === 'env' ? fromEnvironment(name) : fromFile(resolve(directory, name)))
}

function fromEnvironment(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error('it is not set')
  if (value === '') throw new Error('it is empty')
  return value
}

function fromFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new Error(code === 'ENOENT' ? `there is no file ${path}` : `${path} gives ${code}`, { cause })
  }
}
