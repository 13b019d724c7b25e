/** The form of a trusted token issuer, and the object of the API that it stands for. */
import { type Issuer, shortName } from '../../model.ts'
import { t } from '../../texts/index.ts'
import { demand } from '../../ui/form.tsx'
import { type ConditionForm, conditionForm, conditionOf } from '../conditions.tsx'
import { differences } from '../conflict.tsx'
import { number, numeric } from '../editing.ts'
import { certificateOf, type KeyForm, keyForm } from './keys.tsx'

export interface IssuerForm {
  name: string
  description: string
  issuer: string
  alias: string
  isEnabled: boolean
  keys: KeyForm
  algorithms: string[]
  conditions: ConditionForm[]
  claims: { from: string; to: string }[]
  implicit: boolean
  primary: string
  secondary: string
  trustUnverified: boolean
  /** Empty: grants count once, other tokens are not remembered. */
  replay: string
  /** `require`, `refuse` or `ignore`. */
  boundTokens: string
  clockSkewSeconds: string
  maxTokenAgeSeconds: string
  readTimeoutMs: string
  dangerAllowHttp: boolean
}

/** What the parts of the form are given. */
export interface Piece {
  form: IssuerForm
  set: (change: Partial<IssuerForm>) => void
}

export function formOf(issuer?: Issuer): IssuerForm {
  const [primary = 'email', secondary = ''] = issuer?.implicitAssociation?.lookupAttribute?.map(shortName) ?? []
  return {
    name: issuer?.name ?? '',
    description: issuer?.description ?? '',
    issuer: issuer?.issuer ?? '',
    alias: issuer?.alias ?? '',
    isEnabled: issuer?.isEnabled ?? true,
    keys: keyForm(issuer?.certificate),
    algorithms: issuer?.algorithms ?? [],
    conditions: (issuer?.conditions ?? []).map(conditionForm),
    claims: issuer?.claims ?? [],
    implicit: issuer?.implicitAssociation?.isEnabled ?? false,
    primary,
    secondary,
    trustUnverified: issuer?.implicitAssociation?.trustUnverified ?? false,
    replay: issuer?.replayProtection ?? '',
    boundTokens: issuer?.boundTokens ?? 'require',
    clockSkewSeconds: number(issuer?.clockSkewSeconds),
    maxTokenAgeSeconds: number(issuer?.maxTokenAgeSeconds),
    readTimeoutMs: number(issuer?.readTimeoutMs),
    dangerAllowHttp: issuer?.dangerAllowHttp ?? false,
  }
}

/** The members of the issuer. An absent member has its default. */
export function bodyOf(form: IssuerForm): Record<string, unknown> {
  const given = (name: 'clockSkewSeconds' | 'maxTokenAgeSeconds' | 'readTimeoutMs') => (form[name].trim() === '' ? {} : { [name]: numeric(form[name]) })
  const implicitAssociation = {
    isEnabled: true,
    lookupAttribute: [form.primary, form.secondary].filter(Boolean),
    ...(form.trustUnverified && { trustUnverified: true }),
  }
  return {
    name: form.name.trim(),
    issuer: form.issuer.trim(),
    isEnabled: form.isEnabled,
    certificate: certificateOf(form.keys),
    ...(form.description !== '' && { description: form.description }),
    ...(form.alias.trim() !== '' && { alias: form.alias.trim() }),
    ...(form.algorithms.length > 0 && { algorithms: form.algorithms }),
    ...(form.conditions.length > 0 && { conditions: form.conditions.map(conditionOf) }),
    ...(form.claims.length > 0 && { claims: form.claims }),
    ...(form.replay !== '' && { replayProtection: form.replay }),
    ...(form.boundTokens !== 'require' && { boundTokens: form.boundTokens }),
    ...(form.implicit && { implicitAssociation }),
    ...(form.dangerAllowHttp && { dangerAllowHttp: true }),
    ...given('clockSkewSeconds'),
    ...given('maxTokenAgeSeconds'),
    ...given('readTimeoutMs'),
  }
}

/** What has to be filled in before anything is sent. */
export function demands({ name, issuer, keys }: IssuerForm): void {
  const words = t().issuer
  const source = {
    jwksUri: { path: 'certificate.jwksUri', value: keys.jwksUri, text: words.enterJwksUri },
    certificates: { path: 'certificate.certificates[0]', value: keys.certificates.join(''), text: words.enterCertificate },
    jwks: { path: 'certificate.jwks', value: keys.jwks, text: words.enterJwks },
    discovery: undefined,
  }[keys.source]
  demand([{ path: 'name', value: name, text: t().form.enterName }, { path: 'issuer', value: issuer, text: words.enterIssuer }, ...(source === undefined ? [] : [source])])
}

/** The operations that turn the one into the other. */
export function operations(before: Record<string, unknown>, after: Record<string, unknown>) {
  const operation = (name: string) =>
    name in after ? { operation: 'REPLACE', path: `/${name}`, value: after[name] } : { operation: 'REMOVE', path: `/${name}` }
  return differences(before, after).map(operation)
}
