/** The token request as a command and as a program. Secrets and tokens are taken from the environment. */
import { tokenParameter } from './draft.ts'

export interface Sent {
  /** The issuer of the server, below which the token endpoint is. */
  base: string
  clientId: string
  /** How the application authenticates. */
  proof: 'none' | 'secret' | 'key'
  /** The form, without the token and the client. */
  parameters: [string, string][]
  grant: string
  hasActor: boolean
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
const KEY_PROOF: [string, string] = ['client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer']

/** Parameters with a fixed value, and those whose value is in the environment. */
function form({ clientId, proof, parameters, grant, hasActor }: Sent): { fixed: [string, string][]; variable: [string, string][] } {
  const variable: [string, string][] = [[tokenParameter(grant), 'TOKEN']]
  if (hasActor) variable.push(['actor_token', 'ACTOR_TOKEN'])
  if (proof === 'key') variable.push(['client_assertion', 'CLIENT_ASSERTION'])
  const client: [string, string][] = proof === 'none' ? [['client_id', clientId]] : proof === 'key' ? [KEY_PROOF] : []
  return { fixed: [...client, ...parameters], variable }
}

export function curl(sent: Sent): string {
  const { fixed, variable } = form(sent)
  const lines = [`curl ${quoted(`${sent.base}/oauth2/token`)}`]
  if (sent.proof === 'secret') lines.push(`--user ${quoted(sent.clientId)}:"$CLIENT_SECRET"`)
  for (const [name, value] of fixed) lines.push(`--data-urlencode ${quoted(`${name}=${value}`)}`)
  for (const [name, value] of variable) lines.push(`--data-urlencode "${name}=$${value}"`)
  return lines.join(' \\\n  ')
}

export function javascript(sent: Sent): string {
  const { base, clientId, proof } = sent
  const { fixed, variable } = form(sent)
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
