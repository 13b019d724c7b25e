/** One application: made from a template, changed, given a new secret, deleted. */
import { useState } from 'preact/hooks'

import { APPLICATIONS, call, see, type Seen } from '../../api.ts'
import type { Application } from '../../model.ts'
import { go, to } from '../../route.ts'
import { Danger } from '../../ui/dialog.tsx'
import { Cards } from '../../ui/fields.tsx'
import { Form } from '../../ui/form.tsx'
import { Group } from '../../ui/groups.tsx'
import { useLoaded } from '../../ui/loaded.ts'
import { Changed, Heading, Notice } from '../../ui/words.tsx'
import { BackTo } from '../back.tsx'
import { ConflictDialog, differences, written } from '../conflict.tsx'
import { SAVED, useEditing } from '../editing.ts'
import { useMarked } from '../marked.ts'
import { Opening } from '../opening.tsx'
import { Delegation, Grants, Identity, LinkedAccounts, Purpose, Tokens } from './fields.tsx'
import { type ApplicationForm, bodyOf, formOf, isPublic, type Piece, templateOf, TEMPLATES } from './form.ts'
import { AllowedIssuers } from './issuers.tsx'
import { type Credentials, Secret } from './secret.tsx'

const BACK = { href: to('applications'), label: 'Applications' }
const pathOf = ({ id }: Application) => `${APPLICATIONS}/${id}`

export function ApplicationPage({ id }: { id: string }) {
  const { data, error, reload } = useLoaded(async () => (id === 'new' ? undefined : await see<Application>(`${APPLICATIONS}/${id}`)), [id])
  if (id === 'new') return <Editor />
  if (data === undefined) return <Opening what="the application" back={BACK} error={error} reload={reload} />
  return <Editor key={data.etag} first={data} reload={reload} />
}

/** Members of what is to be, as far as they differ from what is. */
function changed(base: Application, form: ApplicationForm): Record<string, unknown> | undefined {
  const body = bodyOf(form)
  const names = differences(bodyOf(formOf(base)), body)
  return names.length > 0 ? Object.fromEntries(names.map((name) => [name, body[name]])) : undefined
}

function Editor({ first, reload }: { first?: Seen<Application>; reload?: () => void }) {
  const [form, setForm] = useState(() => formOf(first?.object))
  const [secret, setSecret] = useState<Credentials>()
  /** What is kept of an answer: the secret in it is shown, and forgotten. */
  const withoutSecret = ({ clientSecret, ...rest }: Application): Application => {
    if (clientSecret !== undefined) setSecret({ id: rest.id, clientId: rest.clientId, clientSecret })
    return rest
  }
  const { loaded, conflict, saved, save, remove, update, touched, settle } = useEditing(pathOf, first, withoutSecret)
  useMarked()
  const set = (change: Partial<ApplicationForm>) => (touched(), setForm({ ...form, ...change }))
  const isNew = loaded === undefined

  const submit = async (over = false) => {
    if (loaded !== undefined) return save((base) => changed(base, form), over)
    const made = await call<Application>('POST', APPLICATIONS, bodyOf(form))
    withoutSecret(made)
    if (made.clientSecret === undefined) go('applications', made.id)
  }
  const erase = async (over = false) => {
    if (await remove(over)) go('applications')
  }
  const renew = async (of: Application) => {
    withoutSecret({ ...of, ...(await call<Credentials>('POST', `${pathOf(of)}/inbound-protocols/oidc/regenerate-secret`)), id: of.id })
    // It is another version with it.
    await update(of)
  }
  const putAway = () => {
    setSecret(undefined)
    if (isNew && secret !== undefined) go('applications', secret.id)
  }
  return (
    <>
      <Head loaded={loaded} erase={erase} {...(!isPublic(form) && form.proof === 'secret' && { renew })} />
      <BackTo />
      {loaded?.readOnly && (
        <Notice kind="info" title="Read-only">
          <p>This application stands in the configuration document. Change it there.</p>
        </Notice>
      )}
      <Form
        submit={isNew ? 'Create the application' : 'Save'}
        onSubmit={() => submit()}
        disabled={loaded?.readOnly ?? false}
        more={saved && <Notice kind="good">{SAVED}</Notice>}
      >
        <Fields form={form} set={set} isNew={isNew} />
      </Form>
      {secret !== undefined && <Secret {...secret} onDone={putAway} />}
      {conflict !== undefined && (
        <ConflictDialog
          conflict={conflict}
          mine={bodyOf(form)}
          onMine={() => (conflict.intent === 'delete' ? erase(true) : submit(true))}
          onTheirs={() => (settle(), reload?.())}
          onClose={settle}
        />
      )}
    </>
  )
}

function Fields({ form, set, isNew }: Piece & { isNew: boolean }) {
  return (
    <>
      {isNew && (
        <Group title="Template" name="type">
          <Cards label="Template" value={form.type} onInput={(type) => set(templateOf(type))} options={TEMPLATES} />
        </Group>
      )}
      <Identity form={form} set={set} isNew={isNew} />
      <Grants form={form} set={set} />
      <AllowedIssuers form={form} set={set} />
      <Purpose form={form} set={set} />
      <Tokens form={form} set={set} />
      <LinkedAccounts form={form} set={set} />
      <Delegation form={form} set={set} />
    </>
  )
}

interface HeadProps {
  loaded: Application | undefined
  erase: () => Promise<void>
  /** For one that has a secret. */
  renew?: (of: Application) => Promise<unknown>
}

/** Its name, and what can be done with the whole of it. */
function Head({ loaded, erase, renew }: HeadProps) {
  if (loaded === undefined) return <Heading title="Add an application" back={BACK} />
  return (
    <Heading title={loaded.name} back={BACK} about={<Changed {...written(loaded)} />}>
      <a class="button outline" href={`${to('playground')}?client=${encodeURIComponent(loaded.clientId)}`}>
        Try it out
      </a>
      {!loaded.readOnly && renew !== undefined && (
        <Danger quiet label="New secret" title="Make a new secret?" question="The old one stops working at once." confirm="Make a new secret" act={() => renew(loaded)} />
      )}
      {!loaded.readOnly && (
        <Danger
          label="Delete"
          title={`Delete ${loaded.name}?`}
          question="It can exchange nothing from then on, and what was issued to it counts for nothing."
          confirm="Delete the application"
          act={erase}
        />
      )}
    </Heading>
  )
}
