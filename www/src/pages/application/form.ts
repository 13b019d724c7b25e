/** An application as the form has it, and as the API has it. */
import { type Application, REFRESH_TOKEN, TOKEN_EXCHANGE } from '../../model.ts'
import { lines } from '../../ui/groups.tsx'
import { type ConditionForm, conditionForm, conditionOf } from '../conditions.tsx'
import { number, numeric } from '../editing.ts'

/** An issuer whose tokens it may bring, with conditions of this application's. */
export interface Allowed {
  name: string
  conditions: ConditionForm[]
}

export interface ApplicationForm {
  name: string
  description: string
  clientId: string
  type: string
  grants: string[]
  issuers: Allowed[]
  audiences: string
  scopes: string
  defaultScopes: string
  tokenType: string
  lifetime: string
  attributes: string
  outlive: boolean
  refreshLifetime: string
  /** Its refresh tokens have members that the form does not show, and that stay. */
  keepsFamily: boolean
  useLinked: boolean
  linkedMandatory: boolean
  withoutActor: boolean
  proof: 'secret' | 'jwks' | 'jwksUri'
  jwks: string
  jwksUri: string
}

/** What the pieces of the form are given. */
export interface Piece {
  form: ApplicationForm
  set: (change: Partial<ApplicationForm>) => void
}

export const TEMPLATES = [
  { value: 'web', label: 'Web application', about: 'a server that keeps a secret; local accounts are linked' },
  { value: 'mobile', label: 'Mobile application', about: 'a public client: it has no secret to keep' },
  { value: 'machine', label: 'Machine', about: 'a job or a service; federated subjects, no accounts' },
]

/** What a template fills in. */
export function templateOf(type: string): Partial<ApplicationForm> {
  const isMachine = type === 'machine'
  return { type, useLinked: !isMachine, linkedMandatory: false, grants: isMachine ? [TOKEN_EXCHANGE] : [TOKEN_EXCHANGE, REFRESH_TOKEN] }
}

/** It has nothing to prove who it is by. */
export const isPublic = ({ type }: { type?: string }) => type === 'mobile' || type === 'spa'

const listed = (values: string[] | undefined) => (values ?? []).join('\n')

export function formOf(application?: Application): ApplicationForm {
  const { accessToken, refreshToken, subject, delegation, jwks, jwksUri } = application ?? {}
  return {
    name: application?.name ?? '',
    description: application?.description ?? '',
    clientId: application?.clientId ?? '',
    type: application?.type ?? 'web',
    grants: application?.grantTypes ?? [TOKEN_EXCHANGE],
    issuers: (application?.trustedTokenIssuers ?? []).map(allowedOf),
    audiences: listed(application?.audiences),
    scopes: listed(application?.scopes),
    defaultScopes: listed(application?.defaultScopes),
    tokenType: accessToken?.type ?? 'jwt',
    lifetime: number(accessToken?.lifetimeSeconds),
    attributes: listed(accessToken?.attributes),
    outlive: accessToken?.outliveSubject ?? false,
    refreshLifetime: number(refreshToken?.lifetimeSeconds),
    keepsFamily: Object.keys(refreshToken ?? {}).some((name) => name !== 'lifetimeSeconds'),
    useLinked: subject?.useMappedLocalSubject ?? false,
    linkedMandatory: subject?.mappedLocalSubjectMandatory ?? false,
    withoutActor: delegation?.allowWithoutActor ?? false,
    proof: jwks !== undefined ? 'jwks' : jwksUri !== undefined ? 'jwksUri' : 'secret',
    jwks: jwks === undefined ? '' : JSON.stringify(jwks, null, 2),
    jwksUri: jwksUri ?? '',
  }
}

function allowedOf(one: NonNullable<Application['trustedTokenIssuers']>[number]): Allowed {
  return typeof one === 'string' ? { name: one, conditions: [] } : { name: one.name, conditions: (one.conditions ?? []).map(conditionForm) }
}

/** The server says what is wrong with a text that is no JSON. */
function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

/** The whole application: what is `null` is not set (RFC 7396). */
export function bodyOf(form: ApplicationForm): Record<string, unknown> {
  const some = (values: string[]) => (values.length > 0 ? values : null)
  const hasKey = !isPublic(form)
  const renews = form.grants.includes(REFRESH_TOKEN) && form.refreshLifetime.trim() !== ''
  return {
    name: form.name.trim(),
    description: form.description === '' ? null : form.description,
    ...(form.clientId.trim() !== '' && { clientId: form.clientId.trim() }),
    type: form.type,
    grantTypes: form.grants,
    trustedTokenIssuers: form.issuers.map(({ name, conditions }) => (conditions.length === 0 ? name : { name, conditions: conditions.map(conditionOf) })),
    audiences: some(lines(form.audiences)),
    scopes: some(lines(form.scopes)),
    defaultScopes: some(lines(form.defaultScopes)),
    accessToken: {
      type: form.tokenType,
      lifetimeSeconds: form.lifetime.trim() === '' ? null : numeric(form.lifetime),
      attributes: some(lines(form.attributes)),
      outliveSubject: form.outlive ? true : null,
    },
    refreshToken: renews || form.keepsFamily ? { lifetimeSeconds: renews ? numeric(form.refreshLifetime) : null } : null,
    subject: { useMappedLocalSubject: form.useLinked, mappedLocalSubjectMandatory: form.linkedMandatory },
    delegation: form.withoutActor ? { allowWithoutActor: true } : null,
    jwks: hasKey && form.proof === 'jwks' ? json(form.jwks) : null,
    jwksUri: hasKey && form.proof === 'jwksUri' ? form.jwksUri.trim() : null,
  }
}
