/** The groups of an application's form. */
import { GRANTS, isPublic, REFRESH_TOKEN } from '../../model.ts'
import { Area, bind, Choice, Text, Tick } from '../../ui/fields.tsx'
import { Fold, Group } from '../../ui/groups.tsx'
import type { Piece } from './form.ts'

const PROOFS = [
  { value: 'secret', label: 'client secret' },
  { value: 'jwks', label: 'private key: paste the public key set' },
  { value: 'jwksUri', label: 'private key: URL of the public key set' },
]

export function Identity({ form, set, isNew }: Piece & { isNew: boolean }) {
  const { text } = bind(form, set)
  return (
    <Group title="Identity">
      <div class="grid-2">
        <Text label="Name" {...text('name')} required placeholder="Deploy bot" />
        <Text label="Client id" {...text('clientId')} readOnly={!isNew} hint={isNew ? 'Leave it empty to have one made.' : 'It cannot be changed: tokens name it.'} />
      </div>
      <Text label="Description" {...text('description')} />
      {!isPublic(form) && <Proof form={form} set={set} />}
    </Group>
  )
}

function Proof({ form, set }: Piece) {
  const { text } = bind(form, set)
  return (
    <>
      <Choice label="Client authentication" {...text('proof', 'clientSecret')} options={PROOFS} />
      {form.proof === 'jwks' && <Area label="Public key set (JWKS)" {...text('jwks')} />}
      {form.proof === 'jwksUri' && <Text label="JWKS URL" {...text('jwksUri')} type="url" />}
    </>
  )
}

export function Grants({ form, set }: Piece) {
  const put = (name: string, on: boolean) => set({ grants: GRANTS.map((one) => one.name).filter((one) => (one === name ? on : form.grants.includes(one))) })
  return (
    <Group title="Allowed grant types" name="grantTypes">
      {GRANTS.map(({ name, label, about }) => (
        <Tick key={name} label={label} hint={about} checked={form.grants.includes(name)} onChange={(on) => put(name, on)} />
      ))}
    </Group>
  )
}

export function Purpose({ form, set }: Piece) {
  const { text } = bind(form, set)
  return (
    <Group title="Audiences, resources and scopes">
      <div class="grid-2">
        <Area label="Audiences" {...text('audiences')} rows={3} hint="The audiences that the application may ask for, one per line. Without any, its tokens are for the application itself." />
        <Area label="Resources" {...text('resources')} rows={3} hint="The APIs that the application serves, one per line: it may introspect and exchange tokens issued for them. Without any, that is its client id." />
        <Area label="Scopes" {...text('scopes')} rows={3} hint="The scopes that the application may ask for, one per line. The roles of a local user add theirs." />
        <Area label="Default scopes" {...text('defaultScopes')} rows={3} hint="Granted when a request asks for no scope." />
      </div>
    </Group>
  )
}

const KINDS = [
  { value: 'jwt', label: 'JWT, verified with the keys of this server' },
  { value: 'opaque', label: 'opaque, verified by introspection' },
]

export function Tokens({ form, set }: Piece) {
  const { text, tick } = bind(form, set)
  return (
    <Group title="Tokens" name="accessToken">
      <div class="grid-2">
        <Choice label="Access token" {...text('tokenType', 'accessToken.type')} options={KINDS} />
        <Text label="Lifetime, seconds" {...text('lifetime', 'accessToken.lifetimeSeconds')} inputMode="numeric" placeholder="3600" />
      </div>
      {form.grants.includes(REFRESH_TOKEN) && <RefreshTokens form={form} set={set} />}
      <Area
        label="Attributes"
        {...text('attributes', 'accessToken.attributes')}
        rows={2}
        hint="Claims that go into the token, one per line: those that the issuer’s claim mapping or the local account has."
      />
      <Tick label="May outlive the subject token" {...tick('outlive', 'accessToken.outliveSubject')} toggle hint="Otherwise an issued token expires no later than the subject token." />
    </Group>
  )
}

function RefreshTokens({ form, set }: Piece) {
  const { text } = bind(form, set)
  return (
    <div class="grid-3">
      <Text label="Refresh token lifetime, seconds" {...text('refreshLifetime', 'refreshToken.lifetimeSeconds')} inputMode="numeric" placeholder="86400" hint="How long one refresh token is valid." />
      <Text
        label="Absolute lifetime, seconds"
        {...text('refreshAbsoluteLifetime', 'refreshToken.absoluteLifetimeSeconds')}
        inputMode="numeric"
        placeholder="2592000"
        hint="After this time the subject has to be authenticated again, however often the tokens were refreshed."
      />
      <Text
        label="Reuse grace, seconds"
        {...text('refreshReuseGrace', 'refreshToken.reuseGraceSeconds')}
        inputMode="numeric"
        placeholder="0"
        hint="How long after its first use a refresh token may be used once more, for clients that lose a reply."
      />
    </div>
  )
}

const IDENTIFIERS = [
  { value: 'sub', label: 'the sub of the subject token' },
  { value: 'qualified', label: 'qualified: <issuer id>|<sub>' },
]

/** What `sub` of the issued tokens is. A mandatory link needs linked accounts. */
export function Subjects({ form, set }: Piece) {
  return (
    <Group title="Subject of the tokens" name="subject">
      <Tick
        label="Use the linked local account"
        name="subject.useMappedLocalSubject"
        toggle
        checked={form.useLinked}
        onChange={(useLinked) => set({ useLinked, linkedMandatory: useLinked && form.linkedMandatory })}
        hint="The token is then about the local account, with its attributes and the scopes of its roles."
      />
      <Tick
        label="A linked account is mandatory"
        name="subject.mappedLocalSubjectMandatory"
        toggle
        checked={form.linkedMandatory}
        onChange={(linkedMandatory) => set({ linkedMandatory, useLinked: linkedMandatory || form.useLinked })}
        hint="Subjects without a linked account are refused."
      />
      <Choice
        label="Subject without a linked account"
        {...bind(form, set).text('identifier', 'subject.identifier')}
        options={IDENTIFIERS}
        hint="Choose qualified when subjects of several issuers could have the same sub."
      />
    </Group>
  )
}

export function Delegation({ form, set }: Piece) {
  return (
    <Fold title="Delegation">
      <Tick
        label="Accept tokens with may_act and no actor"
        {...bind(form, set).tick('withoutActor', 'delegation')}
        toggle
        hint="Otherwise a subject token with a may_act claim is refused when the request has no actor token."
      />
    </Fold>
  )
}
