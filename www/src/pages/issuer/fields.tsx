/** The groups of an issuer's form, besides its keys and conditions. */
import { ALGORITHMS, LOOKUP } from '../../model.ts'
import { route } from '../../route.ts'
import { bind, Choice, Text, Tick } from '../../ui/fields.tsx'
import { Fold, Group, Rows } from '../../ui/groups.tsx'
import type { Piece } from './form.ts'

export function Identity({ form, set }: Piece) {
  const { text, tick } = bind(form, set)
  return (
    <Group title="Identity">
      <div class="grid-2">
        <Text label="Name" {...text('name')} required placeholder="GitHub Actions" />
        <Text label="Description" {...text('description')} />
      </div>
      <Text label="Issuer" {...text('issuer')} required type="url" placeholder="https://idp.example.com" hint="Exactly the iss claim of its tokens, a trailing slash included." />
      <Text label="Alias" {...text('alias')} hint="An aud value in its tokens that means this server. Leave it empty if its tokens name this server’s issuer or token endpoint." />
      <Tick label="Enabled" {...tick('isEnabled')} toggle hint="While it is disabled, its tokens are refused, and tokens issued for them do not work." />
    </Group>
  )
}

/** Which claims of its tokens are used, and their names here. */
export function Mapping({ form, set }: Piece) {
  const hint = 'Only the subject is taken from a token, and claims that are listed both here and in the attributes of the application.'
  return (
    <Group title="Claim mapping" name="claims" hint={hint}>
      <Rows
        items={form.claims}
        blank={{ from: '', to: '' }}
        add="Add a claim"
        onChange={(claims) => set({ claims })}
        remove={(item, index) => `Remove claim ${item.from || index + 1}`}
        row={(item, change, index) => {
          const { text } = bind(item, (part) => change({ ...item, ...part }))
          return (
            <div class="grid-2">
              <Text label="Claim of the token" {...text('from', `claims[${index}].from`)} placeholder="email" />
              <Text label="Name here" {...text('to', `claims[${index}].to`)} placeholder="email" />
            </div>
          )
        }}
      />
    </Group>
  )
}

const ATTRIBUTES = LOOKUP.map(({ name, label }) => ({ value: name, label }))

/** How subjects without a link find their local account. */
export function Linking({ form, set }: Piece) {
  const { text, tick } = bind(form, set)
  return (
    <Group title="Implicit account linking" name="implicitAssociation">
      <Tick
        label="Link local accounts automatically"
        {...tick('implicit', 'implicitAssociation.isEnabled')}
        toggle
        hint="A subject is linked to the one local account with the same value of the attribute. If several accounts have it, the request is refused."
      />
      {form.implicit && (
        <>
          <div class="grid-2">
            <Choice label="Primary lookup attribute" {...text('primary', 'implicitAssociation.lookupAttribute[0]')} options={ATTRIBUTES} />
            <Choice
              label="Secondary lookup attribute"
              {...text('secondary', 'implicitAssociation.lookupAttribute[1]')}
              options={[{ value: '', label: 'none' }, ...ATTRIBUTES]}
              hint="Used when no account has the value of the primary attribute."
            />
          </div>
          <Tick
            label="Trust unverified addresses (dangerous)"
            {...tick('trustUnverified', 'implicitAssociation.trustUnverified')}
            toggle
            hint="Only for an issuer that verifies every address and does not say so in email_verified or phone_number_verified. At any other issuer, somebody could take over an account."
          />
        </>
      )}
    </Group>
  )
}

/** Settings that most issuers leave at the defaults. */
export function Strictness({ form, set }: Piece) {
  const { text, tick } = bind(form, set)
  return (
    <Fold title="Algorithms, times and replay" open={route.value.query.has('field')}>
      <Algorithms form={form} set={set} />
      <div class="grid-3">
        <Text label="Clock skew, seconds" {...text('clockSkewSeconds')} inputMode="numeric" placeholder="default" />
        <Text label="Maximum token age, seconds" {...text('maxTokenAgeSeconds')} inputMode="numeric" placeholder="default" />
        <Text label="Time to fetch keys, ms" {...text('readTimeoutMs')} inputMode="numeric" placeholder="1000" />
      </div>
      <Tick label="Accept each token once" {...tick('replay', 'replayProtection')} toggle hint="Recognised by its jti; a token without a jti is refused." />
      <Tick label="Allow plain HTTP (dangerous)" {...tick('dangerAllowHttp')} toggle hint="Anybody on the network path can replace the keys. Loopback addresses do not need this." />
    </Fold>
  )
}

function Algorithms({ form, set }: Piece) {
  const put = (alg: string, on: boolean) => set({ algorithms: ALGORITHMS.filter((one) => (one === alg ? on : form.algorithms.includes(one))) })
  return (
    <Group title="Algorithms" name="algorithms" hint="If none is ticked, every algorithm that fits its keys is accepted.">
      <div class="ticks">
        {ALGORITHMS.map((alg) => (
          <Tick key={alg} label={alg} checked={form.algorithms.includes(alg)} onChange={(on) => put(alg, on)} />
        ))}
      </div>
    </Group>
  )
}
