/** The request as one would send it: by curl, from JavaScript, in Envoy. */
import { useState } from 'preact/hooks'

import { JWT_BEARER } from '../model.ts'
import { Code } from '../ui/code.tsx'
import { Segments } from '../ui/fields.tsx'

export interface Wanted {
  /** Our issuer: where the token endpoint is. */
  base: string
  clientId: string
  isPublic: boolean
  /** The form, without the token and the client. */
  parameters: [string, string][]
  grant: string
  /** The configuration for Envoy, if it is at hand. */
  config?: Record<string, unknown>
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
const tokenParameter = (grant: string) => (grant === JWT_BEARER ? 'assertion' : 'subject_token')

export function curl({ base, clientId, isPublic, parameters, grant }: Wanted): string {
  const lines = [`curl ${quoted(`${base}/oauth2/token`)}`]
  if (isPublic) lines.push(`--data-urlencode ${quoted(`client_id=${clientId}`)}`)
  else lines.push(`--user ${quoted(clientId)}:"$CLIENT_SECRET"`)
  for (const [name, value] of parameters) lines.push(`--data-urlencode ${quoted(`${name}=${value}`)}`)
  lines.push(`--data-urlencode "${tokenParameter(grant)}=$TOKEN"`)
  return lines.join(' \\\n  ')
}

export function javascript({ base, clientId, isPublic, parameters, grant }: Wanted): string {
  const pairs = [...(isPublic ? [['client_id', clientId] as [string, string]] : []), ...parameters]
  const authorization = isPublic ? '' : `  headers: { authorization: \`Basic \${btoa(${JSON.stringify(`${clientId}:`)} + process.env.CLIENT_SECRET)}\` },\n`
  return `const response = await fetch(${JSON.stringify(`${base}/oauth2/token`)}, {
  method: 'POST',
${authorization}  body: new URLSearchParams([
${pairs.map(([name, value]) => `    [${JSON.stringify(name)}, ${JSON.stringify(value)}],`).join('\n')}
    [${JSON.stringify(tokenParameter(grant))}, process.env.TOKEN],
  ]),
})
const answer = await response.json()
if (!response.ok) throw new Error(\`\${answer.error}: \${answer.error_description}\`)
const { access_token, expires_in } = answer`
}

/** The filter in gateway mode: it exchanges the bearer token of every request. */
export function envoy({ base, clientId, parameters, config }: Wanted): string {
  const all = (name: string) => parameters.filter(([one]) => one === name).map(([, value]) => value)
  const [scope] = all('scope')
  const gateway = { clientId, ...(all('audience').length > 0 && { audience: all('audience') }), ...(scope !== undefined && { scope }) }
  const issuers = (config?.['trustedTokenIssuers'] ?? []) as { name: string; certificate?: { jwksUri?: string } }[]
  const clusters = Object.fromEntries(issuers.flatMap(({ name, certificate }) => (certificate?.jwksUri === undefined ? [] : [[certificate.jwksUri, name.toLowerCase().replaceAll(/\W+/g, '-')]])))
  const whole = { mode: 'gateway', config: config ?? { issuer: base, trustedTokenIssuers: ['…'], applications: ['…'] }, clusters, gateway }
  const json = JSON.stringify(whole, null, 2).replaceAll('\n', '\n          ')
  return `# A proxy has no store: the configuration also needs \`keys\`, and a cluster for every key set URL.
http_filters:
- name: exchequer
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm
    config:
      vm_config:
        vm_id: exchequer
        runtime: envoy.wasm.runtime.v8
        code: { local: { filename: /etc/envoy/exchequer-envoy.wasm } }
      failure_policy: FAIL_RELOAD
      configuration:
        "@type": type.googleapis.com/google.protobuf.StringValue
        value: |
          ${json}`
}

const KINDS = [
  { name: 'curl', make: curl },
  { name: 'JavaScript', make: javascript },
  { name: 'Envoy', make: envoy },
]

export function Snippets(wanted: Wanted) {
  const [chosen, setChosen] = useState('curl')
  const { name, make } = KINDS.find((one) => one.name === chosen) ?? KINDS[0]!
  return (
    <section aria-label="Snippets">
      <h2>Send it yourself</h2>
      <Segments label="Kind of snippet" value={chosen} onInput={setChosen} options={KINDS.map(({ name }) => ({ value: name, label: name }))} />
      <Code text={make(wanted)} label={`${name} snippet`} />
    </section>
  )
}
