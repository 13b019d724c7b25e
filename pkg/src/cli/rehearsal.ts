/**
 * A service in this process to ask about tokens, which signs nothing that
 * counts: the configuration with stand-ins for the secrets that are not here,
 * and, if wanted, with keys from a file in the place of the network.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'

import { withoutMark } from '../document.js'
import { createExchequer } from '../entry/node.js'
import type { Exchequer } from '../exchequer.js'
import type { FetchFunction } from '../fetch.js'
import { generateKey } from '../node/keys.js'
import { secretsFrom } from '../node/secrets.js'
import type { Store } from '../stores/store.js'
import { UsageError, readConfiguration } from './command.js'
import { fetchOfEnvironment } from './network.js'

/** What of a configuration document is looked at here; the engine checks all of it. */
export interface Document {
  issuer?: string
  keys?: readonly { env?: string; file?: string }[]
  trustedTokenIssuers?: readonly { name?: string; issuer?: string }[]
  applications?: readonly DocumentApplication[]
}

export interface DocumentApplication {
  clientId?: string
  name?: string
  grantTypes?: readonly string[]
  trustedTokenIssuers?: readonly (string | { name?: string })[]
}

export interface Rehearsal {
  exchequer: Exchequer
  document: Document
}

export interface RehearsalOptions {
  open?: (() => Promise<Store>) | undefined
  /** A JWK set that every issuer's URL is answered with. */
  jwks?: string | undefined
}

/** @throws {ConfigurationError} when the configuration cannot be used */
export async function rehearse(file: string, { open, jwks }: RehearsalOptions): Promise<Rehearsal> {
  const text = readConfiguration(file)
  const document = parsed(text)
  const exchequer = await createExchequer(text, {
    store: open,
    secrets: standIns(file, document),
    fetch: jwks === undefined ? await fetchOfEnvironment() : offline(readJwks(jwks), document),
  })
  return { exchequer, document }
}

/** What is not JSON, or of another shape, is explained by the engine. */
function parsed(text: string): Document {
  try {
    const document = JSON.parse(text) as Document | null
    return typeof document === 'object' && document !== null && !Array.isArray(document) ? document : {}
  } catch {
    return {}
  }
}

/** A rehearsal authenticates no client, so client secrets need not be here. The server's keys are needed for its own tokens only. */
function standIns(file: string, { keys }: Document): (kind: 'env' | 'file', name: string) => string {
  const real = secretsFrom(dirname(file))
  const isKey = (kind: 'env' | 'file', name: string) => Array.isArray(keys) && keys.some((key) => key?.[kind] === name)
  return (kind, name) => {
    if (!isKey(kind, name)) return randomBytes(32).toString('base64url')
    try {
      return real(kind, name)
    } catch {
      return JSON.stringify(generateKey())
    }
  }
}

function readJwks(path: string): string {
  try {
    const text = withoutMark(readFileSync(path, 'utf8'))
    if (Array.isArray((JSON.parse(text) as { keys?: unknown } | null)?.keys)) return text
  } catch (error) {
    throw new UsageError(`--jwks: \`${path}\` cannot be read as JSON (${(error as NodeJS.ErrnoException).code ?? 'syntax error'})`)
  }
  throw new UsageError(`--jwks: \`${path}\` is no JWK set: \`{"keys": […]}\` was expected`)
}

const DISCOVERY = '/.well-known/openid-configuration'

/** Answers with the keys whatever is asked for; for a discovery document, with one that leads to them. */
function offline(jwks: string, { trustedTokenIssuers = [] }: Document): FetchFunction {
  return async (url) => {
    const json = (text: string) => new Response(text, { headers: { 'content-type': 'application/json' } })
    const asked = String(url)
    const of = trustedTokenIssuers.find(({ issuer = '' }) => `${issuer.replace(/\/+$/, '')}${DISCOVERY}` === asked)
    if (of === undefined) return json(jwks)
    return json(JSON.stringify({ issuer: of.issuer, jwks_uri: asked.replace(DISCOVERY, '/jwks') }))
  }
}
