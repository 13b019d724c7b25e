/** The groups of an issuer's form that are its own. */
import { ALGORITHMS, LOOKUP } from '../../model.ts'
import { route } from '../../route.ts'
import { Choice, Text, Tick } from '../../ui/fields.tsx'
import { Fold, Group, Rows } from '../../ui/groups.tsx'
import type { Piece } from './form.ts'

export function Identity({ form, set }: Piece) {
  return (
    <Group title="Who it is">
      <div class="grid-2">
        <Text label="Name" name="name" value={form.name} onInput={(name) => set({ name })} required placeholder="GitHub Actions" />
        <Text label="Description" name="description" value={form.description} onInput={(description) => set({ description })} />
      </div>
      <Text
        label="Issuer"
        name="issuer"
        value={form.issuer}
        onInput={(issuer) => set({ issuer })}
        required
        type="url"
        placeholder="https://idp.example.com"
        hint="Exactly the iss of its tokens, a trailing slash included."
      />
      <Text
        label="Alias"
        name="alias"
        value={form.alias}
        onInput={(alias) => set({ alias })}
        hint="An aud in its tokens that means this server. Leave it empty if they name this server’s issuer or token endpoint."
      />
      <Tick
        label="Enabled"
        name="isEnabled"
        toggle
        checked={form.isEnabled}
        onChange={(isEnabled) => set({ isEnabled })}
        hint="Switched off, its tokens are refused, and so is what was issued for them."
      />
    </Group>
  )
}

/** Which claims of its tokens are taken, and what they are called here. */
export function Mapping({ form, set }: Piece) {
  const hint = 'Nothing but the subject is taken from a token, unless it is named here and among the application’s attributes.'
  return (
    <Group title="Claim mapping" name="claims" hint={hint}>
      <Rows
        items={form.claims}
        blank={{ from: '', to: '' }}
        add="Add a claim"
        onChange={(claims) => set({ claims })}
        remove={(item, index) => `Remove claim ${item.from || index + 1}`}
        row={(item, change, index) => (
          <div class="grid-2">
            <Text label="Claim of the token" name={`claims[${index}].from`} value={item.from} onInput={(from) => change({ ...item, from })} placeholder="email" />
            <Text label="Name here" name={`claims[${index}].to`} value={item.to} onInput={(value) => change({ ...item, to: value })} placeholder="email" />
          </div>
        )}
      />
    </Group>
  )
}

const ATTRIBUTES = LOOKUP.map(({ name, label }) => ({ value: name, label }))

/** How accounts are found that nobody has linked yet. */
export function Linking({ form, set }: Piece) {
  return (
    <Group title="Implicit account linking" name="implicitAssociation">
      <Tick
        label="Link local accounts on first sight"
        toggle
        checked={form.implicit}
        onChange={(implicit) => set({ implicit })}
        hint="The one account that has the same value is linked, if the token says that the address was verified. If several accounts have it, none is linked. Administrators’ accounts are linked by hand only."
      />
      {form.implicit && <Lookup form={form} set={set} />}
    </Group>
  )
}

function Lookup({ form, set }: Piece) {
  return (
    <>
      <div class="grid-2">
        <Choice
          label="Primary lookup attribute"
          name="implicitAssociation.lookupAttribute[0]"
          value={form.primary}
          onInput={(primary) => set({ primary })}
          options={ATTRIBUTES}
        />
        <Choice
          label="Secondary lookup attribute"
          name="implicitAssociation.lookupAttribute[1]"
          value={form.secondary}
          onInput={(secondary) => set({ secondary })}
          options={[{ value: '', label: 'none' }, ...ATTRIBUTES]}
          hint="Tried when nobody has the primary one."
        />
      </div>
      <Tick
        label="Accept addresses without email_verified (dangerous)"
        name="implicitAssociation.trustUnverified"
        toggle
        checked={form.trustUnverified}
        onChange={(trustUnverified) => set({ trustUnverified })}
        hint="Only for an issuer that verifies every address and does not say so in its tokens. At any other issuer a user could take over another user’s account."
      />
    </>
  )
}

/** What most issuers leave at the defaults. */
export function Strictness({ form, set }: Piece) {
  const seconds = (label: string, name: 'clockSkewSeconds' | 'maxTokenAgeSeconds' | 'readTimeoutMs', placeholder: string) => (
    <Text label={label} name={name} inputMode="numeric" value={form[name]} onInput={(value) => set({ [name]: value })} placeholder={placeholder} />
  )
  return (
    <Fold title="Algorithms, times and replay" open={route.value.query.has('field')}>
      <Algorithms form={form} set={set} />
      <div class="grid-3">
        {seconds('Clock skew, seconds', 'clockSkewSeconds', 'default')}
        {seconds('Oldest token, seconds', 'maxTokenAgeSeconds', 'default')}
        {seconds('Time to fetch keys, ms', 'readTimeoutMs', '1000')}
      </div>
      <Tick
        label="Each token counts once"
        name="replayProtection"
        toggle
        checked={form.replay}
        onChange={(replay) => set({ replay })}
        hint="By its jti; a token without one is refused."
      />
      <Tick
        label="Allow plain HTTP (dangerous)"
        name="dangerAllowHttp"
        toggle
        checked={form.dangerAllowHttp}
        onChange={(dangerAllowHttp) => set({ dangerAllowHttp })}
        hint="Whoever is on the way can replace the keys. Loopback addresses need no leave."
      />
    </Fold>
  )
}

function Algorithms({ form, set }: Piece) {
  const put = (alg: string, on: boolean) => set({ algorithms: ALGORITHMS.filter((one) => (one === alg ? on : form.algorithms.includes(one))) })
  return (
    <Group title="Algorithms" name="algorithms" hint="None ticked: every one that its keys can be used with.">
      <div class="ticks">
        {ALGORITHMS.map((alg) => (
          <Tick key={alg} label={alg} checked={form.algorithms.includes(alg)} onChange={(on) => put(alg, on)} />
        ))}
      </div>
    </Group>
  )
}
