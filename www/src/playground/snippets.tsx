/** The request for curl, JavaScript and Envoy. */
import { useState } from 'preact/hooks'

import { Code } from '../ui/code.tsx'
import { Segments } from '../ui/fields.tsx'
import { tokenParameter } from './draft.ts'
import { envoy } from './envoy.ts'
import type { Document } from './sample.ts'

export interface Wanted {
  /** The issuer of the server, below which the token endpoint is. */
  base: string
  clientId: string
  /** How the application authenticates. */
  proof: 'none' | 'secret' | 'key'
  /** The form, without the token and the client. */
  parameters: [string, string][]
  grant: string
  hasActor: boolean
  /** The configuration, for Envoy. */
  config: Document
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
const KEY_PROOF: [string, string] = ['client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer']

/** Parameters with a fixed value, and those whose value is in the environment. */
function form({ clientId, proof, parameters, grant, hasActor }: Wanted): { fixed: [string, string][]; variable: [string, string][] } {
  const variable: [string, string][] = [[tokenParameter(grant), 'TOKEN']]
  if (hasActor) variable.push(['actor_token', 'ACTOR_TOKEN'])
  if (proof === 'key') variable.push(['client_assertion', 'CLIENT_ASSERTION'])
  const client: [string, string][] = proof === 'none' ? [['client_id', clientId]] : proof === 'key' ? [KEY_PROOF] : []
  return { fixed: [...client, ...parameters], variable }
}

export function curl(wanted: Wanted): string {
  const { fixed, variable } = form(wanted)
  const lines = [`curl ${quoted(`${wanted.base}/oauth2/token`)}`]
  if (wanted.proof === 'secret') lines.push(`--user ${quoted(wanted.clientId)}:"$CLIENT_SECRET"`)
  for (const [name, value] of fixed) lines.push(`--data-urlencode ${quoted(`${name}=${value}`)}`)
  for (const [name, value] of variable) lines.push(`--data-urlencode "${name}=$${value}"`)
  return lines.join(' \\\n  ')
}

export function javascript(wanted: Wanted): string {
  const { base, clientId, proof } = wanted
  const { fixed, variable } = form(wanted)
  const authorization =
    proof === 'secret' ? `  headers: { authorization: \`Basic \${btoa(${JSON.stringify(`${clientId}:`)} + process.env.CLIENT_SECRET)}\` },\n` : ''
  return `const response = await fetch(${JSON.stringify(`${base}/oauth2/token`)}, {
  method: 'POST',
${authorization}  body: new URLSearchParams([
${fixed.map(([name, value]) => `    [${JSON.stringify(name)}, ${JSON.stringify(value)}],`).join('\n')}
${variable.map(([name, value]) => `    [${JSON.stringify(name)}, process.env.${value}],`).join('\n')}
  ]),
})
const answer = await response.json()
if (!response.ok) throw new Error(\`\${answer.error}: \${answer.error_description}\`)
const { access_token, expires_in } = answer`
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
