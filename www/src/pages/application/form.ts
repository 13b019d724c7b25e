/** The form of an application, and the object of the API that it stands for. */
import { type Application, type IdJagAudience, isPublic, type IssuerGrant, issuerNameOf, REFRESH_TOKEN, TOKEN_EXCHANGE } from '../../model.ts'
import { t } from '../../texts/index.ts'
import { demand } from '../../ui/form.tsx'
import { lines } from '../../ui/groups.tsx'
import { type ConditionForm, conditionForm, conditionOf } from '../conditions.tsx'
import { json, number, numeric } from '../editing.ts'

/** An issuer whose tokens the application may exchange, with what this application adds. */
export interface Allowed {
  name: string
  /** What the issuer calls the application. */
  clientId: string
  conditions: ConditionForm[]
}

/** An authorization server of another domain. */
export interface ElsewhereForm {
  issuer: string
  clientId: string
  resources: string
  scopes: string
}

export interface ApplicationForm {
  name: string
  description: string
  clientId: string
  type: string
  grants: string[]
  issuers: Allowed[]
  audiences: string
  resources: string
  scopes: string
  defaultScopes: string
  tokenType: string
  lifetime: string
  attributes: string
  outlive: boolean
  refreshLifetime: string
  refreshAbsoluteLifetime: string
  refreshReuseGrace: string
  useLinked: boolean
  linkedMandatory: boolean
  identifier: string
  withoutActor: boolean
  dpopRequired: boolean
  dpopRebind: boolean
  dpopNonce: boolean
  elsewhere: ElsewhereForm[]
  mtlsRequired: boolean
  keepsFapi: boolean
  proof: 'secret' | 'jwks' | 'jwksUri' | 'platform' | 'certificate'
  /** Which member of `mtls` says which certificate it is, and its value: a name in the certificate, or certificates. */
  certificateBy: CertificateBy
  certificate: string
  certificates: string[]
  jwks: string
  jwksUri: string
  platformIssuer: string
  platformSubject: string
  platformConditions: ConditionForm[]
  /** What the form does not show of an application that signs its assertions. */
  endpointAudience: boolean
}

export const CERTIFICATE_BY = ['subjectDn', 'sanDns', 'sanUri', 'sanIp', 'sanEmail', 'certificates'] as const
export type CertificateBy = (typeof CERTIFICATE_BY)[number]

/** What the parts of the form are given. */
export interface Piece {
  form: ApplicationForm
  set: (change: Partial<ApplicationForm>) => void
}

export const TEMPLATES = ['web', 'mobile', 'machine'] as const

/** What a template fills in. */
export function templateOf(type: string): Pick<ApplicationForm, 'type' | 'useLinked' | 'linkedMandatory' | 'grants'> {
  const isMachine = type === 'machine'
  return { type, useLinked: !isMachine, linkedMandatory: false, grants: isMachine ? [TOKEN_EXCHANGE] : [TOKEN_EXCHANGE, REFRESH_TOKEN] }
}

/** A new application begins as a template. */
export const blank = (): ApplicationForm => ({ ...formOf({} as Application), ...templateOf('web') })

/** What has to be filled in before anything is sent. */
export function demands({ name, proof, jwks, jwksUri, platformIssuer, platformSubject, certificateBy, certificate, certificates, type }: ApplicationForm): void {
  const words = t().application
  const keys = {
    secret: [],
    jwks: [{ path: 'jwks', value: jwks, text: words.enterJwks }],
    jwksUri: [{ path: 'jwksUri', value: jwksUri, text: words.enterJwksUri }],
    platform: [
      { path: 'clientAssertion.issuer', value: platformIssuer, text: words.choosePlatform },
      { path: 'clientAssertion.subject', value: platformSubject, text: words.enterPlatformSubject },
    ],
    certificate: [
      certificateBy === 'certificates'
        ? { path: 'mtls.certificates[0]', value: certificates.join(''), text: words.enterCertificate }
        : { path: `mtls.${certificateBy}`, value: certificate, text: words.enterCertificate },
    ],
  }
  demand([{ path: 'name', value: name, text: t().form.enterName }, ...(isPublic({ type }) ? [] : keys[proof])])
}

const listed = (values: string[] | undefined) => (values ?? []).join('\n')

export function formOf(application?: Application): ApplicationForm {
  if (application === undefined) return blank()
  const { accessToken, refreshToken, subject, delegation, dpop, idJag, mtls, jwks, jwksUri, clientAssertion } = application
  const certificateBy = CERTIFICATE_BY.find((name) => mtls?.[name] !== undefined)
  return {
    name: application.name ?? '',
    description: application.description ?? '',
    clientId: application.clientId ?? '',
    type: application.type ?? 'web',
    grants: application.grantTypes ?? [TOKEN_EXCHANGE],
    issuers: (application.trustedTokenIssuers ?? []).map(allowedOf),
    audiences: listed(application.audiences),
    resources: listed(application.resources),
    scopes: listed(application.scopes),
    defaultScopes: listed(application.defaultScopes),
    tokenType: accessToken?.type ?? 'jwt',
    lifetime: number(accessToken?.lifetimeSeconds),
    attributes: listed(accessToken?.attributes),
    outlive: accessToken?.outliveSubject ?? false,
    refreshLifetime: number(refreshToken?.lifetimeSeconds),
    refreshAbsoluteLifetime: number(refreshToken?.absoluteLifetimeSeconds),
    refreshReuseGrace: number(refreshToken?.reuseGraceSeconds),
    useLinked: subject?.useMappedLocalSubject ?? false,
    linkedMandatory: subject?.mappedLocalSubjectMandatory ?? false,
    identifier: subject?.identifier ?? 'sub',
    withoutActor: delegation?.allowWithoutActor ?? false,
    dpopRequired: dpop?.required ?? false,
    dpopRebind: dpop?.rebind ?? false,
    dpopNonce: dpop?.nonce === 'required',
    mtlsRequired: mtls?.required ?? false,
    keepsFapi: application.profile === 'fapi2',
    elsewhere: (idJag?.audiences ?? []).map((one) => ({ issuer: one.issuer, clientId: one.clientId, resources: listed(one.resources), scopes: listed(one.scopes) })),
    proof: proofOf(application),
    certificateBy: certificateBy ?? 'subjectDn',
    certificate: certificateBy === undefined || certificateBy === 'certificates' ? '' : (mtls?.[certificateBy] ?? ''),
    certificates: [...(mtls?.certificates ?? [])],
    jwks: jwks === undefined ? '' : JSON.stringify(jwks, null, 2),
    jwksUri: jwksUri ?? '',
    platformIssuer: clientAssertion?.issuer ?? '',
    platformSubject: clientAssertion?.subject ?? '',
    platformConditions: (clientAssertion?.conditions ?? []).map(conditionForm),
    endpointAudience: clientAssertion?.allowTokenEndpointAudience ?? false,
  }
}

/** Whether an application authenticates with a secret. One that begins to gets a new one. */
export const hasSecret = (application: Application) => !isPublic(application) && proofOf(application) === 'secret'

function proofOf({ jwks, jwksUri, clientAssertion, mtls }: Application): ApplicationForm['proof'] {
  if (CERTIFICATE_BY.some((name) => mtls?.[name] !== undefined)) return 'certificate'
  if (jwks !== undefined) return 'jwks'
  if (jwksUri !== undefined) return 'jwksUri'
  return clientAssertion?.issuer !== undefined ? 'platform' : 'secret'
}

function allowedOf(one: NonNullable<Application['trustedTokenIssuers']>[number]): Allowed {
  const { clientId = '', conditions = [] } = typeof one === 'string' ? {} : one
  return { name: issuerNameOf(one), clientId, conditions: conditions.map(conditionForm) }
}

/** An issuer to which the application adds nothing is its name. */
function grantOf({ name, clientId, conditions }: Allowed): IssuerGrant {
  if (clientId.trim() === '' && conditions.length === 0) return name
  return { name, ...(clientId.trim() !== '' && { clientId: clientId.trim() }), ...(conditions.length > 0 && { conditions: conditions.map(conditionOf) }) }
}

const idJagOf = (elsewhere: ElsewhereForm[]) => ({
  audiences: elsewhere.map(({ issuer, clientId, resources, scopes }): IdJagAudience => ({ issuer: issuer.trim(), clientId: clientId.trim(), resources: lines(resources), scopes: lines(scopes) })),
})

const dpopOf = ({ dpopRequired, dpopRebind, dpopNonce }: ApplicationForm) => ({
  required: dpopRequired ? true : null,
  rebind: dpopRebind ? true : null,
  nonce: dpopNonce ? 'required' : null,
})

/** Every name that is not said is `null`: another may have stood there. */
function mtlsOf(form: ApplicationForm) {
  const hasCertificate = !isPublic(form) && form.proof === 'certificate'
  if (!hasCertificate && !form.mtlsRequired) return null
  const none = Object.fromEntries(CERTIFICATE_BY.map((name) => [name, null]))
  const value = form.certificateBy === 'certificates' ? form.certificates.filter((one) => one.trim() !== '') : form.certificate.trim()
  return { ...none, ...(hasCertificate && { [form.certificateBy]: value }), required: form.mtlsRequired ? true : null }
}

function assertionOf(form: ApplicationForm) {
  if (!isPublic(form) && form.proof === 'platform') {
    return {
      issuer: form.platformIssuer,
      subject: form.platformSubject,
      conditions: form.platformConditions.length === 0 ? null : form.platformConditions.map(conditionOf),
      allowTokenEndpointAudience: null,
    }
  }
  return form.endpointAudience ? { issuer: null, subject: null, conditions: null, allowTokenEndpointAudience: true } : null
}

/** The whole application: a member that is `null` is not set (RFC 7396). */
export function bodyOf(form: ApplicationForm): Record<string, unknown> {
  const some = (text: string) => (lines(text).length > 0 ? lines(text) : null)
  const given = (text: string) => (text.trim() === '' ? null : numeric(text))
  const hasKey = !isPublic(form)
  const refreshToken = {
    lifetimeSeconds: given(form.refreshLifetime),
    absoluteLifetimeSeconds: given(form.refreshAbsoluteLifetime),
    reuseGraceSeconds: given(form.refreshReuseGrace),
  }
  const hasRefreshToken = form.grants.includes(REFRESH_TOKEN) && Object.values(refreshToken).some((value) => value !== null)
  return {
    name: form.name.trim(),
    description: form.description === '' ? null : form.description,
    ...(form.clientId.trim() !== '' && { clientId: form.clientId.trim() }),
    type: form.type,
    grantTypes: form.grants,
    trustedTokenIssuers: form.issuers.map(grantOf),
    audiences: some(form.audiences),
    resources: some(form.resources),
    scopes: some(form.scopes),
    defaultScopes: some(form.defaultScopes),
    accessToken: {
      type: form.tokenType,
      lifetimeSeconds: given(form.lifetime),
      attributes: some(form.attributes),
      outliveSubject: form.outlive ? true : null,
    },
    refreshToken: hasRefreshToken ? refreshToken : null,
    subject: {
      useMappedLocalSubject: form.useLinked,
      mappedLocalSubjectMandatory: form.linkedMandatory,
      identifier: form.identifier === 'sub' ? null : form.identifier,
    },
    delegation: form.withoutActor ? { allowWithoutActor: true } : null,
    dpop: form.dpopRequired || form.dpopRebind || form.dpopNonce ? dpopOf(form) : null,
    mtls: mtlsOf(form),
    profile: form.keepsFapi ? 'fapi2' : null,
    idJag: form.elsewhere.length > 0 ? idJagOf(form.elsewhere) : null,
    jwks: hasKey && form.proof === 'jwks' ? json(form.jwks) : null,
    jwksUri: hasKey && form.proof === 'jwksUri' ? form.jwksUri.trim() : null,
    clientAssertion: assertionOf(form),
  }
}
