/** The groups of an issuer's form, besides its keys and conditions. */
import { metadata } from '../../api.ts'
import { ALGORITHMS, LOOKUP } from '../../model.ts'
import { route, to } from '../../route.ts'
import { t } from '../../texts/index.ts'
import { Value } from '../../ui/code.tsx'
import { bind, Choice, Text, Tick } from '../../ui/fields.tsx'
import { Fold, Group, Rows } from '../../ui/groups.tsx'
import { useLoaded } from '../../ui/loaded.ts'
import { Notice, Ticked } from '../../ui/words.tsx'
import type { Usage } from '../usage.tsx'
import type { Piece } from './form.ts'

export function Identity({ form, set }: Piece) {
  const { text, tick } = bind(form, set)
  const words = t().issuer
  const own = useLoaded(metadata, []).data?.issuer
  return (
    <Group title={words.parts.general}>
      <div class="grid-2">
        <Text label={t().form.name} {...text('name')} required placeholder="GitHub Actions" />
        <Text label={t().form.description} {...text('description')} />
      </div>
      <Text label={words.issuer} {...text('issuer')} required type="url" placeholder="https://idp.example.com" hint={<Ticked text={words.issuerHint} />} />
      {own !== undefined && (
        <p class="ask">
          <Value label={words.audience} text={own} />
        </p>
      )}
      <Text label={words.alias} {...text('alias')} hint={<Ticked text={words.aliasHint} />} />
      <SeenAudience alias={form.alias} onTake={(alias) => set({ alias })} />
      <Tick label={t().form.enabled} {...tick('isEnabled')} toggle hint={words.enabledHint} />
    </Group>
  )
}

/** Offers the audience of the token that was just refused because of it. */
function SeenAudience({ alias, onTake }: { alias: string; onTake: (alias: string) => void }) {
  const seen = route.value.query.get('seen')
  if (seen === null || seen === alias) return null
  return (
    <p class="ask">
      <Ticked text={t().issuer.seenAudience(seen)} />{' '}
      <button type="button" class="small outline" onClick={() => onTake(seen)}>
        {t().issuer.useAudience}
      </button>
    </p>
  )
}

/** Which claims of its tokens are used, and their names here. */
export function Mapping({ form, set }: Piece) {
  const words = t().issuer
  return (
    <Group title={words.mapping} name="claims" hint={words.mappingHint}>
      <Rows
        items={form.claims}
        blank={{ from: '', to: '' }}
        add={words.addClaim}
        onChange={(claims) => set({ claims })}
        remove={(item, index) => words.removeClaim(item.from || String(index + 1))}
        row={(item, change, index) => {
          const { text } = bind(item, (part) => change({ ...item, ...part }))
          return (
            <div class="grid-2">
              <Text label={words.claimOfToken} {...text('from', `claims[${index}].from`)} placeholder="email" />
              <Text label={words.claimHere} {...text('to', `claims[${index}].to`)} placeholder="email" />
            </div>
          )
        }}
      />
    </Group>
  )
}

/** How subjects without a link find their local account. */
export function Linking({ form, set, usage }: Piece & { usage: Usage }) {
  const { text, tick } = bind(form, set)
  const words = t().issuer
  const attributes = LOOKUP.map((name) => ({ value: name, label: words.lookup[name] }))
  return (
    <Group title={words.linking} name="implicitAssociation">
      <Tick label={words.implicit} {...tick('implicit', 'implicitAssociation.isEnabled')} toggle hint={words.implicitHint} />
      {form.implicit && (
        <>
          <div class="grid-2">
            <Choice label={words.primary} {...text('primary', 'implicitAssociation.lookupAttribute[0]')} options={attributes} />
            <Choice
              label={words.secondary}
              {...text('secondary', 'implicitAssociation.lookupAttribute[1]')}
              options={[{ value: '', label: words.noSecondary }, ...attributes]}
              hint={words.secondaryHint}
            />
          </div>
          {!form.trustUnverified && [form.primary, form.secondary].some((name) => name in words.verified) && (
            <Notice kind="warn" title={words.verifiedTitle}>
              <p>
                <Ticked text={words.verifiedAbout([form.primary, form.secondary].flatMap((name) => words.verified[name] ?? []))} />
              </p>
            </Notice>
          )}
          <Effect usage={usage} />
          <Tick label={words.trustUnverified} {...tick('trustUnverified', 'implicitAssociation.trustUnverified')} toggle hint={<Ticked text={words.trustUnverifiedHint} />} />
        </>
      )}
    </Group>
  )
}

/** Linking does nothing until an application uses linked accounts. */
function Effect({ usage: { data } }: { usage: Usage }) {
  const applications = data?.applications
  if (applications === undefined || applications.some(({ subject }) => subject?.useMappedLocalSubject === true)) return null
  return (
    <Notice kind="warn" title={t().issuer.noEffectTitle}>
      <p>
        <Ticked text={t().issuer.noEffectAbout} to={[to('applications')]} />
      </p>
    </Notice>
  )
}

/** What may become of bound tokens. */
const BOUND = ['require', 'refuse', 'ignore'] as const

/** Settings that most issuers leave at the defaults. */
export function Strictness({ form, set }: Piece) {
  const { text, tick } = bind(form, set)
  const words = t().issuer
  return (
    <Fold title={words.strictness} open={route.value.query.has('field')}>
      <Algorithms form={form} set={set} />
      <div class="grid-3">
        <Text label={words.clockSkew} {...text('clockSkewSeconds')} inputMode="numeric" placeholder={words.default} />
        <Text label={words.maxAge} {...text('maxTokenAgeSeconds')} inputMode="numeric" placeholder={words.default} />
        <Text label={words.readTimeout} {...text('readTimeoutMs')} inputMode="numeric" placeholder="1000" />
      </div>
      <Choice label={words.replay} {...text('replay', 'replayProtection')} options={['', 'jti', 'off'].map((value) => ({ value, label: words.replays[value as ''] }))} hint={<Ticked text={words.replayHint} />} />
      <Choice label={words.bound} {...text('boundTokens')} options={BOUND.map((value) => ({ value, label: words.bounds[value] }))} hint={<Ticked text={words.boundHint} />} />
      {form.boundTokens === 'ignore' && (
        <Notice kind="warn" title={words.boundIgnoredTitle}>
          <p>
            <Ticked text={words.boundIgnoredAbout} />
          </p>
        </Notice>
      )}
      <Tick label={words.http} {...tick('dangerAllowHttp')} toggle hint={words.httpHint} />
    </Fold>
  )
}

function Algorithms({ form, set }: Piece) {
  const words = t().issuer
  const put = (alg: string, on: boolean) => set({ algorithms: ALGORITHMS.filter((one) => (one === alg ? on : form.algorithms.includes(one))) })
  return (
    <Group title={words.algorithms} name="algorithms" hint={words.algorithmsHint}>
      <div class="ticks">
        {ALGORITHMS.map((alg) => (
          <Tick key={alg} label={alg} checked={form.algorithms.includes(alg)} onChange={(on) => put(alg, on)} />
        ))}
      </div>
    </Group>
  )
}
