/** Members of issuers, applications and users, as text. */
import type { Certificate, Condition } from '../model.ts'

const LABELS: Record<string, string> = {
  isEnabled: 'Enabled',
  active: 'Enabled',
  userName: 'Username',
  displayName: 'Display name',
  emails: 'E-mail addresses',
  phoneNumbers: 'Phone numbers',
  clientId: 'Client id',
  certificate: 'Keys',
  claims: 'Claim mapping',
  implicitAssociation: 'Implicit account linking',
  grantTypes: 'Allowed grant types',
  trustedTokenIssuers: 'Allowed issuers',
  subject: 'Subject of the tokens',
  jwks: 'Key set',
  jwksUri: 'JWKS URL',
  'urn:scim:wso2:schema': 'State of the account',
}

/** `maxTokenAgeSeconds` as words. */
const spaced = (name: string) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

/** The label of the member in the form. */
export const labelOf = (name: string) => LABELS[name] ?? spaced(name).replace(/^./, (letter) => letter.toUpperCase())

const condition = ({ claim, mode, ...test }: Condition) => {
  const [[name, value] = ['', '']] = Object.entries(test)
  const words = name === 'present' ? (value === true ? 'is present' : 'is absent') : `${name === 'oneOf' ? 'is one of' : name} ${described(value)}`
  return `${claim} ${words}${mode === 'audit' ? ' (audit only)' : ''}`
}

function keys({ jwksUri, certificates, jwks }: Certificate): string {
  if (jwksUri !== undefined) return jwksUri
  if (certificates !== undefined) return certificates.length === 1 ? 'one certificate' : `${certificates.length} certificates`
  return jwks === undefined ? 'found by discovery' : keySet(jwks)
}

const keySet = (jwks: unknown) => `the key set ${((jwks as { keys?: { kid?: string }[] }).keys ?? []).map(({ kid }) => kid ?? 'of one key').join(', ')}`

/** A value as text. */
export function described(value: unknown, name?: string): string {
  if (value === undefined || value === null || value === '') return 'nothing'
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (name === 'certificate') return keys(value)
  if (name === 'jwks') return keySet(value)
  if (Array.isArray(value)) return value.length === 0 ? 'nothing' : value.map((item) => described(item)).join(', ')
  if (typeof value !== 'object') return String(value)
  return object(value)
}

function object(value: object): string {
  if ('claim' in value) return condition(value as Condition)
  if ('from' in value && 'to' in value) return `${String(value.from)} as ${String(value.to)}`
  if ('value' in value) return described(value.value)
  return Object.entries(value)
    .filter(([, inner]) => inner !== null && inner !== undefined)
    .map(([name, inner]) => `${spaced(name)}: ${described(inner)}`)
    .join('; ')
}
