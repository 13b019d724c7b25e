/** The groups of an application's form. */
import { allIssuers } from '../../known.ts'
import { CLIENT_CREDENTIALS, GRANTS, isPublic, REFRESH_TOKEN } from '../../model.ts'
import { t } from '../../texts/index.ts'
import { Area, bind, Choice, Text, Tick } from '../../ui/fields.tsx'
import { Fold, Group, Rows } from '../../ui/groups.tsx'
import { useLoaded } from '../../ui/loaded.ts'
import { Ticked } from '../../ui/words.tsx'
import { Certificates } from '../certificates.tsx'
import { Conditions } from '../conditions.tsx'
import type { ElsewhereForm, Piece } from './form.ts'

/** The choices of a member, each with its words. */
const options = <K extends string>(words: Record<K, string>) => (Object.entries(words) as [K, string][]).map(([value, label]) => ({ value, label }))

export function Identity({ form, set, isNew }: Piece & { isNew: boolean }) {
  const { text } = bind(form, set)
  const words = t().application
  return (
    <Group title={words.parts.general}>
      <div class="grid-2">
        <Text label={t().form.name} {...text('name')} required placeholder="Deploy bot" />
        <Text label={words.clientId} {...text('clientId')} readOnly={!isNew} hint={isNew ? words.clientIdHint : words.clientIdFixed} />
      </div>
      <Text label={t().form.description} {...text('description')} />
      {!isPublic(form) && <Proof form={form} set={set} />}
    </Group>
  )
}

function Proof({ form, set }: Piece) {
  const { text } = bind(form, set)
  const words = t().application
  return (
    <>
      <Choice label={words.proof} {...text('proof', 'clientSecret')} options={options(words.proofs)} />
      {form.proof === 'jwks' && <Area label={words.jwks} {...text('jwks')} />}
      {form.proof === 'jwksUri' && <Text label={words.jwksUri} {...text('jwksUri')} type="url" />}
      {form.proof === 'platform' && <Platform form={form} set={set} />}
      {form.proof === 'certificate' && <Certificate form={form} set={set} />}
    </>
  )
}

/** The client certificate that authenticates the application (RFC 8705). */
function Certificate({ form, set }: Piece) {
  const { text } = bind(form, set)
  const words = t().application
  return (
    <>
      <div class="grid-2">
        <Choice label={words.certificateBy} {...text('certificateBy', 'mtls')} options={options(words.certificatesBy)} />
        {form.certificateBy !== 'certificates' && (
          <Text label={words.certificate} {...text('certificate', `mtls.${form.certificateBy}`)} placeholder={PLACEHOLDERS[form.certificateBy]} hint={words.certificateHint} />
        )}
      </div>
      {form.certificateBy === 'certificates' && (
        <Certificates name="mtls.certificates" items={form.certificates} onChange={(certificates) => set({ certificates })} words={words.certificates} />
      )}
    </>
  )
}

const PLACEHOLDERS = { subjectDn: 'CN=deployer,O=Acme', sanDns: 'deployer.example.com', sanUri: 'spiffe://example.com/deployer', sanIp: '10.0.0.7', sanEmail: 'deployer@example.com' }

/** The tokens of a platform that authenticate the application. */
function Platform({ form, set }: Piece) {
  const { text } = bind(form, set)
  const words = t().application
  const { data } = useLoaded(allIssuers, [])
  const names = (data ?? []).map(({ name }) => ({ value: name, label: name }))
  return (
    <>
      <div class="grid-2">
        <Choice label={words.platformIssuer} {...text('platformIssuer', 'clientAssertion.issuer')} options={[{ value: '', label: words.platformNone }, ...names]} hint={words.platformIssuerHint} />
        <Text label={words.platformSubject} {...text('platformSubject', 'clientAssertion.subject')} placeholder="system:serviceaccount:ci:deployer" hint={<Ticked text={words.platformSubjectHint} />} />
      </div>
      <Conditions items={form.platformConditions} name="clientAssertion.conditions" title={words.platformConditions} onChange={(platformConditions) => set({ platformConditions })} />
    </>
  )
}

export function Grants({ form, set }: Piece) {
  const put = (name: string, on: boolean) => set({ grants: GRANTS.filter((one) => (one === name ? on : form.grants.includes(one))) })
  return (
    <Group title={t().application.grants} name="grantTypes">
      {/* A public client gets no token about itself; one that is ticked can still be unticked. */}
      {GRANTS.filter((name) => name !== CLIENT_CREDENTIALS || !isPublic(form) || form.grants.includes(name)).map((name) => (
        <Tick key={name} label={t().grants[name].label} hint={t().grants[name].about} checked={form.grants.includes(name)} onChange={(on) => put(name, on)} />
      ))}
    </Group>
  )
}

export function Purpose({ form, set }: Piece) {
  const { text } = bind(form, set)
  const words = t().application
  return (
    <Group title={words.purpose}>
      <div class="grid-2">
        <Area label={words.audiences} {...text('audiences')} rows={3} hint={words.audiencesHint} />
        <Area label={words.resources} {...text('resources')} rows={3} hint={words.resourcesHint} />
        <Area label={words.scopes} {...text('scopes')} rows={3} hint={words.scopesHint} />
        <Area label={words.defaultScopes} {...text('defaultScopes')} rows={3} hint={words.defaultScopesHint} />
      </div>
    </Group>
  )
}

export function Tokens({ form, set }: Piece) {
  const { text, tick } = bind(form, set)
  const words = t().application
  return (
    <Group title={words.tokens} name="accessToken">
      <div class="grid-2">
        <Choice label={words.accessToken} {...text('tokenType', 'accessToken.type')} options={options(words.tokenTypes)} />
        <Text label={words.lifetime} {...text('lifetime', 'accessToken.lifetimeSeconds')} inputMode="numeric" placeholder="3600" />
      </div>
      {form.grants.includes(REFRESH_TOKEN) && <RefreshTokens form={form} set={set} />}
      <Tick label={words.outlive} {...tick('outlive', 'accessToken.outliveSubject')} toggle hint={words.outliveHint} />
    </Group>
  )
}

function RefreshTokens({ form, set }: Piece) {
  const { text } = bind(form, set)
  const words = t().application
  return (
    <div class="grid-3">
      <Text label={words.refreshLifetime} {...text('refreshLifetime', 'refreshToken.lifetimeSeconds')} inputMode="numeric" placeholder="86400" hint={words.refreshLifetimeHint} />
      <Text label={words.absoluteLifetime} {...text('refreshAbsoluteLifetime', 'refreshToken.absoluteLifetimeSeconds')} inputMode="numeric" placeholder="2592000" hint={words.absoluteLifetimeHint} />
      <Text label={words.reuseGrace} {...text('refreshReuseGrace', 'refreshToken.reuseGraceSeconds')} inputMode="numeric" placeholder="0" hint={words.reuseGraceHint} />
    </div>
  )
}

/** Claims of the issued tokens besides those that every token has. */
export function Attributes({ form, set }: Piece) {
  const words = t().application
  return (
    <Group title={words.attributesTitle}>
      <Area label={words.attributes} {...bind(form, set).text('attributes', 'accessToken.attributes')} rows={2} hint={words.attributesHint} />
    </Group>
  )
}

/** What `sub` of the issued tokens is. A mandatory link needs linked accounts. */
export function Subjects({ form, set }: Piece) {
  const words = t().application
  return (
    <Group title={words.subject} name="subject">
      <Tick
        label={words.useLinked}
        name="subject.useMappedLocalSubject"
        toggle
        checked={form.useLinked}
        onChange={(useLinked) => set({ useLinked, linkedMandatory: useLinked && form.linkedMandatory })}
        hint={words.useLinkedHint}
      />
      <Tick
        label={words.mandatory}
        name="subject.mappedLocalSubjectMandatory"
        toggle
        checked={form.linkedMandatory}
        onChange={(linkedMandatory) => set({ linkedMandatory, useLinked: linkedMandatory || form.useLinked })}
        hint={words.mandatoryHint}
      />
      <Choice label={words.identifier} {...bind(form, set).text('identifier', 'subject.identifier')} options={options(words.identifiers)} hint={<Ticked text={words.identifierHint} />} />
    </Group>
  )
}

export function Delegation({ form, set }: Piece) {
  const words = t().application
  return (
    <Fold title={words.delegation}>
      <Tick label={<Ticked text={words.withoutActor} />} {...bind(form, set).tick('withoutActor', 'delegation')} toggle hint={<Ticked text={words.withoutActorHint} />} />
    </Fold>
  )
}

/** Tokens that are bound to the key or the certificate of a client (RFC 9449, RFC 8705). */
export function BoundTokens({ form, set }: Piece) {
  const words = t().application
  const { tick } = bind(form, set)
  return (
    <Fold title={words.dpop}>
      <Tick label={words.dpopRequired} {...tick('dpopRequired', 'dpop.required')} toggle hint={words.dpopRequiredHint} />
      <Tick label={words.dpopNonce} {...tick('dpopNonce', 'dpop.nonce')} toggle hint={words.dpopNonceHint} />
      <Tick label={words.dpopRebind} {...tick('dpopRebind', 'dpop.rebind')} toggle hint={words.dpopRebindHint} />
      <Tick label={words.keepsFapi} {...tick('keepsFapi', 'profile')} toggle hint={words.keepsFapiHint} />
      <Tick label={words.mtlsRequired} {...tick('mtlsRequired', 'mtls.required')} toggle hint={words.mtlsRequiredHint} />
    </Fold>
  )
}

const NOWHERE: ElsewhereForm = { issuer: '', clientId: '', resources: '', scopes: '' }

/** Grants for authorization servers of other domains (ID-JAG). A public client gets none. */
export function Elsewhere({ form, set }: Piece) {
  const words = t().application
  if (isPublic(form) && form.elsewhere.length === 0) return null
  return (
    <Fold title={words.elsewhere}>
      <Group title={words.elsewhereTitle} name="idJag" hint={words.elsewhereHint}>
        <Rows
          items={form.elsewhere}
          blank={NOWHERE}
          add={words.elsewhereAdd}
          onChange={(elsewhere) => set({ elsewhere })}
          remove={(item, index) => words.elsewhereRemove(index + 1, item.issuer)}
          row={(item, change, index) => {
            const at = (member: string) => `idJag.audiences[${index}].${member}`
            return (
              <div class="grid-2">
                <Text label={words.elsewhereIssuer} name={at('issuer')} type="url" placeholder="https://as.example" value={item.issuer} onInput={(issuer) => change({ ...item, issuer })} />
                <Text label={words.elsewhereClientId} name={at('clientId')} value={item.clientId} onInput={(clientId) => change({ ...item, clientId })} />
                <Area label={words.elsewhereResources} name={at('resources')} rows={2} value={item.resources} onInput={(resources) => change({ ...item, resources })} />
                <Area label={words.elsewhereScopes} name={at('scopes')} rows={2} value={item.scopes} onInput={(scopes) => change({ ...item, scopes })} />
              </div>
            )
          }}
        />
      </Group>
    </Fold>
  )
}
