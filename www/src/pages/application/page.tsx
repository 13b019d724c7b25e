/** One application; its secret is shown once, when it is made. */
import { useState } from 'preact/hooks'

import { APPLICATIONS, call } from '../../api.ts'
import { type Application, isPublic } from '../../model.ts'
import { go } from '../../route.ts'
import { Danger } from '../../ui/dialog.tsx'
import { Cards } from '../../ui/fields.tsx'
import { Group } from '../../ui/groups.tsx'
import { differences } from '../conflict.tsx'
import { SAVED } from '../editing.ts'
import { Editor, type Kind, ObjectPage, type Opened, useEditor } from '../editor.tsx'
import { Delegation, Grants, Identity, Purpose, Subjects, Tokens } from './fields.tsx'
import { type ApplicationForm, bodyOf, formOf, type Piece, templateOf, TEMPLATES } from './form.ts'
import { AllowedIssuers } from './issuers.tsx'
import { type Credentials, Secret } from './secret.tsx'

const KIND: Kind<Application, ApplicationForm> = {
  noun: 'application',
  list: 'Applications',
  place: 'applications',
  path: APPLICATIONS,
  add: 'Add an application',
  nameOf: ({ name }) => name,
  formOf,
  bodyOf,
  /** Members of the object that is wanted, where they differ from the one that is there. */
  changes: (base, form) => {
    const body = bodyOf(form)
    const names = differences(bodyOf(formOf(base)), body)
    return names.length > 0 ? Object.fromEntries(names.map((name) => [name, body[name]])) : undefined
  },
  saved: SAVED,
  deletion: 'It can exchange no token from then on, and tokens issued to it stop working.',
  trial: ({ clientId }) => ({ client: clientId }),
}

export const ApplicationPage = ({ id }: { id: string }) => <ObjectPage kind={KIND} id={id} editor={ApplicationEditor} />

function ApplicationEditor(opened: Opened<Application>) {
  const [secret, setSecret] = useState<Credentials>()
  /** Shows the secret in an answer, and forgets it. */
  const keep = ({ clientSecret, ...rest }: Application): Application => {
    if (clientSecret !== undefined) setSecret({ id: rest.id, clientId: rest.clientId, clientSecret })
    return rest
  }
  const onAdded = (added: Application) => {
    keep(added)
    if (added.clientSecret === undefined) go(KIND.place, added.id)
  }
  const editor = useEditor(KIND, opened, { keep, onAdded })
  const { form, set, loaded, isNew, update } = editor
  const renew = async (of: Application) => {
    keep({ ...of, ...(await call<Credentials>('POST', `${APPLICATIONS}/${of.id}/inbound-protocols/oidc/regenerate-secret`)), id: of.id })
    // The new secret made a new version of the application.
    await update(of)
  }
  const close = () => {
    setSecret(undefined)
    if (isNew && secret !== undefined) go(KIND.place, secret.id)
  }
  const actions = loaded !== undefined && !isPublic(form) && form.proof === 'secret' && (
    <Danger quiet label="New secret" title="Make a new secret?" question="The old secret stops working at once." confirm="Make a new secret" act={() => renew(loaded)} />
  )
  return (
    <>
      <Editor kind={KIND} editor={editor} actions={actions}>
        <Fields form={form} set={set} isNew={isNew} />
      </Editor>
      {secret !== undefined && <Secret {...secret} onDone={close} />}
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
      <Subjects form={form} set={set} />
      <Delegation form={form} set={set} />
    </>
  )
}
