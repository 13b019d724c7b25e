/** Members of issuers, applications and users, as text. */
import type { Certificate, Condition } from '../model.ts'
import { t } from '../texts/index.ts'
import { moment } from '../ui/times.tsx'

/** `maxTokenAgeSeconds` as words. */
const spaced = (name: string) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

/** The label of a member in the form; of a member of a member, both. */
export const labelOf = (path: string) =>
  // The URN of an extension has dots of its own.
  t().members[path] ??
  path
    .split('.')
    .map((name) => t().members[name] ?? spaced(name).replace(/^./, (letter) => letter.toUpperCase()))
    .join(' › ')

const condition = ({ claim, mode, ...test }: Condition) => {
  const [[name, value] = ['', '']] = Object.entries(test)
  const { tests, auditOnly } = t().conditions
  const words = name === 'present' ? (value === true ? tests.present : tests.absent) : `${tests[name as 'equals'] ?? name} ${described(value)}`
  return `${claim} ${words}${mode === 'audit' ? ` (${auditOnly})` : ''}`
}

function keys({ jwksUri, certificates, jwks }: Certificate): string {
  if (jwksUri !== undefined) return jwksUri
  if (certificates !== undefined) return t().described.certificates(certificates.length)
  return jwks === undefined ? t().described.discovery : keySet(jwks)
}

const keySet = (jwks: unknown) => t().described.keySet(((jwks as { keys?: { kid?: string }[] }).keys ?? []).map(({ kid }) => kid ?? t().described.noKid).join(', '))

/** A value as text. */
export function described(value: unknown, name?: string): string {
  const words = t().described
  if (value === undefined || value === null || value === '') return words.nothing
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? words.yes : words.no
  if (name === 'certificate') return keys(value)
  if (name === 'jwks') return keySet(value)
  if (name === 'created' && typeof value === 'number') return moment(value)
  if (Array.isArray(value)) return value.length === 0 ? words.nothing : value.map((item) => described(item)).join(', ')
  if (typeof value !== 'object') return String(value)
  return object(value)
}

function object(value: object): string {
  if ('claim' in value) return condition(value as Condition)
  if ('from' in value && 'to' in value) return t().described.mapped(String(value.from), String(value.to))
  if ('value' in value) return described(value.value)
  return Object.entries(value)
    .filter(([, inner]) => inner !== null && inner !== undefined)
    .map(([name, inner]) => `${labelOf(name)}: ${described(inner, name)}`)
    .join('; ')
}
