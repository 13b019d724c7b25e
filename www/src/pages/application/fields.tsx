/** The groups of an application's form: who it is, and what its tokens are like. */
import { GRANTS, REFRESH_TOKEN } from '../../model.ts'
import { Area, Choice, Text, Tick } from '../../ui/fields.tsx'
import { Fold, Group } from '../../ui/groups.tsx'
import { type ApplicationForm, isPublic, type Piece } from './form.ts'

const PROOFS = [
  { value: 'secret', label: 'a secret, shown once' },
  { value: 'jwks', label: 'a key of its own, pasted' },
  { value: 'jwksUri', label: 'a key of its own, at a URL' },
]

export function Identity({ form, set, isNew }: Piece & { isNew: boolean }) {
  return (
    <Group title="Who it is">
      <div class="grid-2">
        <Text label="Name" name="name" value={form.name} onInput={(name) => set({ name })} required placeholder="Deploy bot" />
        <Text
          label="Client id"
          name="clientId"
          value={form.clientId}
          onInput={(clientId) => set({ clientId })}
          readOnly={!isNew}
          hint={isNew ? 'Left empty, one is made.' : 'Stays the same: tokens name it.'}
        />
      </div>
      <Text label="Description" name="description" value={form.description} onInput={(description) => set({ description })} />
      {!isPublic(form) && <Proof form={form} set={set} />}
    </Group>
  )
}

function Proof({ form, set }: Piece) {
  return (
    <>
      <Choice
        label="It proves who it is by"
        name="clientSecret"
        value={form.proof}
        onInput={(proof) => set({ proof: proof as ApplicationForm['proof'] })}
        options={PROOFS}
      />
      {form.proof === 'jwks' && <Area label="Public key set (JWKS)" name="jwks" value={form.jwks} onInput={(jwks) => set({ jwks })} />}
      {form.proof === 'jwksUri' && <Text label="JWKS URL" name="jwksUri" type="url" value={form.jwksUri} onInput={(jwksUri) => set({ jwksUri })} />}
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
  const several = (label: string, name: 'audiences' | 'scopes' | 'defaultScopes', rows: number, hint: string) => (
    <Area label={label} name={name} rows={rows} value={form[name]} onInput={(value) => set({ [name]: value })} hint={hint} />
  )
  return (
    <Group title="What its tokens are for">
      <div class="grid-2">
        {several('Audiences', 'audiences', 3, 'One a line. None: tokens are for the application itself.')}
        {several('Scopes', 'scopes', 3, 'One a line: what may be asked for. A local user’s roles add theirs.')}
      </div>
      {several('Default scopes', 'defaultScopes', 2, 'Granted when nothing is asked for.')}
    </Group>
  )
}

const KINDS = [
  { value: 'jwt', label: 'JWT, verified with the keys' },
  { value: 'opaque', label: 'opaque, by introspection' },
]

export function Tokens({ form, set }: Piece) {
  const seconds = (label: string, name: string, member: 'lifetime' | 'refreshLifetime', placeholder: string) => (
    <Text label={label} name={name} inputMode="numeric" placeholder={placeholder} value={form[member]} onInput={(value) => set({ [member]: value })} />
  )
  return (
    <Group title="Tokens" name="accessToken">
      <div class="grid-2">
        <Choice label="Access token" name="accessToken.type" value={form.tokenType} onInput={(tokenType) => set({ tokenType })} options={KINDS} />
        {seconds('Lifetime, seconds', 'accessToken.lifetimeSeconds', 'lifetime', '3600')}
      </div>
      {form.grants.includes(REFRESH_TOKEN) && seconds('Lifetime of refresh tokens, seconds', 'refreshToken.lifetimeSeconds', 'refreshLifetime', '86400')}
      <Area
        label="Attributes"
        name="accessToken.attributes"
        rows={2}
        value={form.attributes}
        onInput={(attributes) => set({ attributes })}
        hint="Claims that go into the token, one a line: those that the issuer’s mapping or the local account has."
      />
      <Tick
        label="May outlive the subject token"
        name="accessToken.outliveSubject"
        toggle
        checked={form.outlive}
        onChange={(outlive) => set({ outlive })}
        hint="Otherwise the token ends with the one it came from."
      />
    </Group>
  )
}

/** Whether tokens are about local accounts. Mandatory makes no sense without it. */
export function LinkedAccounts({ form, set }: Piece) {
  return (
    <Group title="Linked accounts" name="subject">
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
        hint="Who has none is refused."
      />
    </Group>
  )
}

export function Delegation({ form, set }: Piece) {
  return (
    <Fold title="Delegation">
      <Tick
        label="Accept tokens with may_act and no actor"
        name="delegation"
        toggle
        checked={form.withoutActor}
        onChange={(withoutActor) => set({ withoutActor })}
        hint="A token that names who may act for its subject is refused without an actor unless this is on."
      />
    </Fold>
  )
}
