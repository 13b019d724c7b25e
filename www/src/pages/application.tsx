import { useState } from 'preact/hooks'

import { all, APPLICATIONS, call, ISSUERS } from '../api.ts'
import { type Application, GRANTS, type IssuerSummary, REFRESH_TOKEN, TOKEN_EXCHANGE } from '../model.ts'
import { go, to } from '../route.ts'
import { Area, Badge, Choice, Code, Danger, Dialog, ErrorNotice, Fold, Form, Group, Heading, lines, Loading, Notice, Text, Tick, useLoaded } from '../ui.tsx'
import { BackToPlayground } from './back.tsx'
import { type ConditionForm, conditionForm, conditionOf, Conditions } from './conditions.tsx'
import { Conflict, ConflictDialog, differences } from './conflict.tsx'
import { Changed } from './issuer.tsx'
import { useMarked } from './marked.ts'

const TEMPLATES = [
  { type: 'web', label: 'Web application', about: 'a server that keeps a secret; local accounts are linked' },
  { type: 'mobile', label: 'Mobile application', about: 'a public client: it has no secret to keep' },
  { type: 'machine', label: 'Machine', about: 'a job or a service; federated subjects, no accounts' },
]

interface ApplicationForm {
  name: string
  description: string
  clientId: string
  type: string
  grants: string[]
  /** Issuers by name, with conditions of this application's. */
  issuers: { name: string; conditions: ConditionForm[] }[]
  audiences: string
  scopes: string
  defaultScopes: string
  tokenType: string
  lifetime: string
  attributes: string
  outlive: boolean
  refreshLifetime: string
  useLinked: boolean
  linkedMandatory: boolean
  withoutActor: boolean
  proof: 'secret' | 'jwks' | 'jwksUri'
  jwks: string
  jwksUri: string
}

const number = (value: number | undefined) => (value === undefined ? '' : String(value))
const listed = (values: string[] | undefined) => (values ?? []).join('\n')

function formOf(application?: Application): ApplicationForm {
  const { accessToken, refreshToken, subject, delegation, jwks, jwksUri } = application ?? {}
  return {
    name: application?.name ?? '',
    description: application?.description ?? '',
    clientId: application?.clientId ?? '',
    type: application?.type ?? 'web',
    grants: application?.grantTypes ?? [TOKEN_EXCHANGE],
    issuers: (application?.trustedTokenIssuers ?? []).map((one) => (typeof one === 'string' ? { name: one, conditions: [] } : { name: one.name, conditions: (one.conditions ?? []).map(conditionForm) })),
    audiences: listed(application?.audiences),
    scopes: listed(application?.scopes),
    defaultScopes: listed(application?.defaultScopes),
    tokenType: accessToken?.type ?? 'jwt',
    lifetime: number(accessToken?.lifetimeSeconds),
    attributes: listed(accessToken?.attributes),
    outlive: accessToken?.outliveSubject ?? false,
    refreshLifetime: number(refreshToken?.lifetimeSeconds),
    useLinked: subject?.useMappedLocalSubject ?? false,
    linkedMandatory: subject?.mappedLocalSubjectMandatory ?? false,
    withoutActor: delegation?.allowWithoutActor ?? false,
    proof: jwks !== undefined ? 'jwks' : jwksUri !== undefined ? 'jwksUri' : 'secret',
    jwks: jwks === undefined ? '' : JSON.stringify(jwks, null, 2),
    jwksUri: jwksUri ?? '',
  }
}

const numeric = (text: string) => (/^\d+$/.test(text.trim()) ? Number(text) : text.trim())
function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

/** The whole application: what is `null` is not set (RFC 7396). */
function bodyOf(form: ApplicationForm): Record<string, unknown> {
  const some = (values: string[]) => (values.length > 0 ? values : null)
  const isPublic = form.type === 'mobile' || form.type === 'spa'
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
    refreshToken: form.grants.includes(REFRESH_TOKEN) && form.refreshLifetime.trim() !== '' ? { lifetimeSeconds: numeric(form.refreshLifetime) } : null,
    subject: { useMappedLocalSubject: form.useLinked, mappedLocalSubjectMandatory: form.linkedMandatory },
    delegation: form.withoutActor ? { allowWithoutActor: true } : null,
    jwks: !isPublic && form.proof === 'jwks' ? json(form.jwks) : null,
    jwksUri: !isPublic && form.proof === 'jwksUri' ? form.jwksUri.trim() : null,
  }
}

export function ApplicationPage({ id }: { id: string }) {
  const { data, error, reload } = useLoaded(async () => (id === 'new' ? undefined : await call<Application>('GET', `${APPLICATIONS}/${id}`)), [id])
  if (id === 'new') return <Editor />
  if (error !== undefined) return <ErrorNotice error={error} />
  if (data === undefined) return <Loading what="the application" />
  return <Editor key={JSON.stringify(data)} application={data} reload={reload} />
}

function Editor({ application, reload }: { application?: Application; reload?: () => void }) {
  const [form, setForm] = useState(() => formOf(application))
  const [loaded, setLoaded] = useState(application)
  const [secret, setSecret] = useState<{ clientId: string; clientSecret: string; id: string }>()
  const [conflict, setConflict] = useState<Conflict<Application>>()
  const [saved, setSaved] = useState(false)
  const issuers = useLoaded(() => all<IssuerSummary>(ISSUERS, 'identityProviders'), [])
  useMarked()
  const set = (change: Partial<ApplicationForm>) => (setSaved(false), setForm({ ...form, ...change }))
  const readOnly = application?.readOnly ?? false
  const isNew = loaded === undefined
  const isPublic = form.type === 'mobile' || form.type === 'spa'

  const template = (type: string) => set({ type, useLinked: type !== 'machine', linkedMandatory: false, grants: type === 'machine' ? [TOKEN_EXCHANGE] : [TOKEN_EXCHANGE, REFRESH_TOKEN] })

  const save = async (over?: Application) => {
    const body = bodyOf(form)
    if (loaded === undefined) {
      const made = await call<Application>('POST', APPLICATIONS, body)
      if (made.clientSecret !== undefined) setSecret({ id: made.id, clientId: made.clientId, clientSecret: made.clientSecret })
      else go('applications', made.id)
      return
    }
    const path = `${APPLICATIONS}/${loaded.id}`
    if (over === undefined) {
      const now = await call<Application>('GET', path)
      if (differences(loaded, now).length > 0) {
        const found = new Conflict(loaded, now)
        setConflict(found)
        throw found
      }
    }
    const before = bodyOf(formOf(over ?? loaded))
    const changes = Object.fromEntries(differences(before, body).map((name) => [name, body[name]]))
    if (Object.keys(changes).length > 0) {
      const { clientSecret, ...now } = await call<Application>('PATCH', path, changes)
      setLoaded(now)
      if (clientSecret !== undefined) setSecret({ id: now.id, clientId: now.clientId, clientSecret })
    }
    setConflict(undefined)
    setSaved(true)
  }

  const renew = async () => {
    const { clientId, clientSecret } = await call<{ clientId: string; clientSecret: string }>('POST', `${APPLICATIONS}/${loaded!.id}/inbound-protocols/oidc/regenerate-secret`)
    // Its meta has changed with it.
    setLoaded(await call<Application>('GET', `${APPLICATIONS}/${loaded!.id}`))
    setSecret({ id: loaded!.id, clientId, clientSecret })
  }

  return (
    <>
      <Heading title={loaded === undefined ? 'Add an application' : loaded.name} back={{ href: to('applications'), label: 'Applications' }} about={loaded?.meta !== undefined && <Changed meta={loaded.meta} />}>
        {loaded !== undefined && (
          <a class="button outline" href={`${to('playground')}?client=${encodeURIComponent(loaded.clientId)}`}>
            Try it out
          </a>
        )}
        {loaded !== undefined && !readOnly && (
          <>
            {!isPublic && form.proof === 'secret' && <Danger label="New secret" title="Make a new secret?" question="The old one stops working at once." confirm="Make a new secret" act={renew} />}
            <Danger
              label="Delete"
              title={`Delete ${loaded.name}?`}
              question="It can exchange nothing from then on, and what was issued to it counts for nothing."
              confirm="Delete the application"
              act={async () => {
                await call('DELETE', `${APPLICATIONS}/${loaded.id}`)
                go('applications')
              }}
            />
          </>
        )}
      </Heading>
      <BackToPlayground />
      {readOnly && (
        <Notice kind="info" title="Read-only">
          <p>This application stands in the configuration document. Change it there.</p>
        </Notice>
      )}
      <Form submit={isNew ? 'Create the application' : 'Save'} onSubmit={() => save()} disabled={readOnly} more={saved && <Notice kind="good">Saved. Every server that shares the store knows within five seconds.</Notice>}>
        {isNew && (
          <Group title="Template" name="type">
            <div class="choices" role="radiogroup" aria-label="Template">
              {TEMPLATES.map(({ type, label, about }) => (
                <label key={type} class="choice">
                  <input type="radio" name="template" checked={form.type === type} onChange={() => template(type)} />
                  <span>
                    <strong>{label}</strong>
                    <small>{about}</small>
                  </span>
                </label>
              ))}
            </div>
          </Group>
        )}
        <Group title="Who it is">
          <div class="grid-2">
            <Text label="Name" name="name" value={form.name} onInput={(name) => set({ name })} required placeholder="Deploy bot" />
            <Text label="Client id" name="clientId" value={form.clientId} onInput={(clientId) => set({ clientId })} readOnly={!isNew} hint={isNew ? 'Left empty, one is made.' : 'Stays the same: tokens name it.'} />
          </div>
          <Text label="Description" name="description" value={form.description} onInput={(description) => set({ description })} />
          {!isPublic && (
            <Choice
              label="It proves who it is by"
              name="clientSecret"
              value={form.proof}
              onInput={(proof) => set({ proof: proof as ApplicationForm['proof'] })}
              options={[
                { value: 'secret', label: 'a secret, made here and shown once' },
                { value: 'jwks', label: 'a key of its own (private_key_jwt)' },
                { value: 'jwksUri', label: 'a key of its own, at a URL' },
              ]}
            />
          )}
          {!isPublic && form.proof === 'jwks' && <Area label="Public key set (JWKS)" name="jwks" value={form.jwks} onInput={(jwks) => set({ jwks })} />}
          {!isPublic && form.proof === 'jwksUri' && <Text label="JWKS URL" name="jwksUri" type="url" value={form.jwksUri} onInput={(jwksUri) => set({ jwksUri })} />}
        </Group>
        <Group title="Allowed grant types" name="grantTypes">
          {GRANTS.map(({ name, label, about }) => (
            <Tick key={name} label={label} hint={about} checked={form.grants.includes(name)} onChange={(on) => set({ grants: GRANTS.map((one) => one.name).filter((one) => (one === name ? on : form.grants.includes(one))) })} />
          ))}
        </Group>
        <Group title="Allowed issuers" name="trustedTokenIssuers" hint="Only tokens of these are exchanged for this application.">
          <ErrorNotice error={issuers.error} />
          {issuers.data?.length === 0 && (
            <p>
              There is none yet. <a href={to('issuers', 'new')}>Add a trusted token issuer</a>
            </p>
          )}
          {issuers.data?.map(({ name, issuer, isEnabled }) => {
            const allowed = form.issuers.find((one) => one.name === name)
            return (
              <div key={name} class="allowed">
                <Tick
                  label={
                    <>
                      {name} {!isEnabled && <Badge kind="warn">disabled</Badge>}
                    </>
                  }
                  hint={<span class="mono">{issuer}</span>}
                  checked={allowed !== undefined}
                  onChange={(on) => set({ issuers: on ? [...form.issuers, { name, conditions: [] }] : form.issuers.filter((one) => one.name !== name) })}
                />
                {allowed !== undefined && (
                  <Fold title={allowed.conditions.length === 0 ? `Further conditions for ${name}` : `${allowed.conditions.length} further conditions for ${name}`}>
                    <Conditions title={`Conditions on tokens of ${name}`} name={`trustedTokenIssuers[${form.issuers.indexOf(allowed)}].conditions`} items={allowed.conditions} onChange={(conditions) => set({ issuers: form.issuers.map((one) => (one === allowed ? { name, conditions } : one)) })} />
                  </Fold>
                )}
              </div>
            )
          })}
        </Group>
        <Group title="What its tokens are for">
          <div class="grid-2">
            <Area label="Audiences" name="audiences" rows={3} value={form.audiences} onInput={(audiences) => set({ audiences })} hint="One a line. None: tokens are for the application itself." />
            <Area label="Scopes" name="scopes" rows={3} value={form.scopes} onInput={(scopes) => set({ scopes })} hint="One a line: what may be asked for. A local user’s roles add theirs." />
          </div>
          <Area label="Default scopes" name="defaultScopes" rows={2} value={form.defaultScopes} onInput={(defaultScopes) => set({ defaultScopes })} hint="Granted when nothing is asked for." />
        </Group>
        <Group title="Tokens" name="accessToken">
          <div class="grid-2">
            <Choice label="Access token" name="accessToken.type" value={form.tokenType} onInput={(tokenType) => set({ tokenType })} options={[{ value: 'jwt', label: 'JWT, verified by anyone with the keys' }, { value: 'opaque', label: 'opaque, verified by introspection' }]} />
            <Text label="Lifetime, seconds" name="accessToken.lifetimeSeconds" inputMode="numeric" placeholder="3600" value={form.lifetime} onInput={(lifetime) => set({ lifetime })} />
          </div>
          {form.grants.includes(REFRESH_TOKEN) && <Text label="Lifetime of refresh tokens, seconds" name="refreshToken.lifetimeSeconds" inputMode="numeric" placeholder="86400" value={form.refreshLifetime} onInput={(refreshLifetime) => set({ refreshLifetime })} />}
          <Area label="Attributes" name="accessToken.attributes" rows={2} value={form.attributes} onInput={(attributes) => set({ attributes })} hint="Claims that go into the token, one a line: those that the issuer’s mapping or the local account has." />
          <Tick label="May outlive the subject token" name="accessToken.outliveSubject" toggle checked={form.outlive} onChange={(outlive) => set({ outlive })} hint="Otherwise the token ends with the one it came from." />
        </Group>
        <Group title="Linked accounts" name="subject">
          <Tick label="Use the linked local account" toggle name="subject.useMappedLocalSubject" checked={form.useLinked} onChange={(useLinked) => set({ useLinked, linkedMandatory: useLinked && form.linkedMandatory })} hint="The token is then about the local account, with its attributes and the scopes of its roles." />
          <Tick label="A linked account is mandatory" toggle name="subject.mappedLocalSubjectMandatory" checked={form.linkedMandatory} onChange={(linkedMandatory) => set({ linkedMandatory, useLinked: linkedMandatory || form.useLinked })} hint="Who has none is refused." />
        </Group>
        <Fold title="Delegation">
          <Tick label="Accept tokens with may_act and no actor" name="delegation" toggle checked={form.withoutActor} onChange={(withoutActor) => set({ withoutActor })} hint="A token that names who may act for its subject is refused without an actor unless this is on." />
        </Fold>
      </Form>
      {secret !== undefined && (
        <Secret
          {...secret}
          onDone={() => {
            setSecret(undefined)
            if (isNew) go('applications', secret.id)
          }}
        />
      )}
      {conflict !== undefined && <ConflictDialog conflict={conflict} mine={bodyOf(form)} onMine={() => save(conflict.now)} onTheirs={() => (setConflict(undefined), reload?.())} onClose={() => setConflict(undefined)} />}
    </>
  )
}

/** Only its hash is kept: this is the one time that it can be seen. */
function Secret({ clientId, clientSecret, onDone }: { clientId: string; clientSecret: string; onDone: () => void }) {
  return (
    <Dialog title="The client secret, this once">
      <p>The server keeps only a hash of it. Put it where the application reads it before you go on.</p>
      <p>Client id</p>
      <Code text={clientId} label="Client id" />
      <p>Client secret</p>
      <Code text={clientSecret} label="Client secret" />
      <div class="actions">
        <button type="button" onClick={onDone}>
          I have put it away
        </button>
      </div>
    </Dialog>
  )
}
