/** The configuration of the filter in gateway mode, which exchanges the bearer token of every request. */
import { type IssuerGrant, issuerNameOf, TOKEN_EXCHANGE } from '../model.ts'
import { applicationsOf, issuersOf } from './draft.ts'
import type { Document } from './sample.ts'
import type { Wanted } from './snippets.tsx'

type Issuer = ReturnType<typeof issuersOf>[number]
type Application = ReturnType<typeof applicationsOf>[number]

/** Members that need a store, which a proxy does not have. */
const OF_ISSUERS = ['replayProtection', 'implicitAssociation']
const OF_APPLICATIONS = ['refreshToken']
const OF_SUBJECTS = ['useMappedLocalSubject', 'mappedLocalSubjectMandatory']

function without<T extends object>(object: T, names: string[], leftOut: Set<string>): T {
  for (const name of names) if (name in object) leftOut.add(name)
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name))) as T
}

function application(found: Application, leftOut: Set<string>): Application {
  const kept = without(found, OF_APPLICATIONS, leftOut)
  const { identifier, ...linking } = (found['subject'] ?? {}) as Record<string, unknown>
  if (!Object.values(linking).includes(true)) leftOut.delete('subject')
  for (const grant of found.grantTypes ?? []) if (grant !== TOKEN_EXCHANGE) leftOut.add(grant)
  const accessToken = kept['accessToken'] as { type?: string } | undefined
  if (accessToken?.type === 'opaque') leftOut.add('opaque tokens')
  const subject = kept['subject'] as object | undefined
  return {
    ...kept,
    grantTypes: [TOKEN_EXCHANGE],
    ...(subject !== undefined && { subject: without(subject, OF_SUBJECTS, leftOut) }),
    ...(accessToken !== undefined && { accessToken: { ...accessToken, type: 'jwt' } }),
  }
}

/** The part of the configuration that the proxy needs for this application. */
function configuration(config: Document, clientId: string, leftOut: Set<string>): Document {
  const found = applicationsOf(config).find((one) => one.clientId === clientId)
  const allowed = ((found?.['trustedTokenIssuers'] ?? []) as IssuerGrant[]).map(issuerNameOf)
  const issuers = issuersOf(config).filter(({ name }) => allowed.includes(name))
  return {
    issuer: config.issuer,
    keys: [{ env: 'EXCHEQUER_KEY' }],
    trustedTokenIssuers: issuers.map((issuer) => without(issuer, OF_ISSUERS, leftOut)),
    applications: found === undefined ? [] : [application(found, leftOut)],
  }
}

/** The cluster through which an issuer's keys are fetched: its origin, and a name after the issuer. */
function cluster({ name, issuer, certificate }: Issuer): [string, string][] {
  const url = certificate?.['discovery'] === true ? issuer : certificate?.['jwksUri']
  if (typeof url !== 'string' || !URL.canParse(url)) return []
  return [[new URL(url).origin, name.toLowerCase().replaceAll(/\W+/g, '-')]]
}

/** Environment variables that a configuration names. */
const variables = (config: Document) => [...new Set([...JSON.stringify(config).matchAll(/\{"env":"(\w+)"\}/g)].map(([, name]) => name!))]

export function envoy({ clientId, parameters, config }: Wanted): string {
  const all = (name: string) => parameters.filter(([one]) => one === name).map(([, value]) => value)
  const leftOut = new Set<string>()
  const whole = configuration(config, clientId, leftOut)
  const [scope] = all('scope')
  const type = all('subject_token_type')[0]?.split(':').at(-1)
  const gateway = {
    clientId,
    ...(type !== undefined && type !== 'access_token' && { subjectTokenType: type }),
    ...(all('audience').length > 0 && { audience: all('audience') }),
    ...(scope !== undefined && { scope }),
  }
  const plugin = { mode: 'gateway', config: whole, clusters: Object.fromEntries(issuersOf(whole).flatMap(cluster)), gateway }
  const notes = ['# EXCHEQUER_KEY is a key that `exchequer keys new` makes. `clusters` names clusters of this Envoy.']
  if (leftOut.size > 0) notes.push(`# A proxy has no store, so this lacks ${[...leftOut].join(', ')}.`)
  return `${notes.join('\n')}
http_filters:
- name: exchequer
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm
    config:
      vm_config:
        vm_id: exchequer
        runtime: envoy.wasm.runtime.v8
        code: { local: { filename: /etc/envoy/exchequer-envoy.wasm } }
        environment_variables: { host_env_keys: [${variables(whole).join(', ')}] }
      failure_policy: FAIL_RELOAD
      configuration:
        "@type": type.googleapis.com/google.protobuf.StringValue
        value: |
          ${JSON.stringify(plugin, null, 2).replaceAll('\n', '\n          ')}`
}
