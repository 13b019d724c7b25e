/** One application; its secret is shown once, when it is made. */
import { useState } from 'preact/hooks'

import { APPLICATIONS, call } from '../../api.ts'
import { type Application, isPublic } from '../../model.ts'
import { go, route } from '../../route.ts'
import { t } from '../../texts/index.ts'
import { Value } from '../../ui/code.tsx'
import { Danger } from '../../ui/dialog.tsx'
import { Cards } from '../../ui/fields.tsx'
import { Group, Section } from '../../ui/groups.tsx'
import { Badge } from '../../ui/words.tsx'
import { differences } from '../conflict.tsx'
import { created, Editor, type Kind, ObjectPage, type Opened, useEditor } from '../editor.tsx'
import { ApplicationQuickStart } from '../quickstart/application.tsx'
import { ApplicationSteps } from '../steps.tsx'
import { Tokens as IssuedTokens } from '../tokens.tsx'
import { Attributes, BoundTokens, Delegation, Elsewhere, Grants, Identity, Purpose, Subjects, Tokens } from './fields.tsx'
import { type ApplicationForm, bodyOf, demands, formOf, type Piece, templateOf, TEMPLATES } from './form.ts'
import { AllowedIssuers } from './issuers.tsx'
import { type Credentials, Secret } from './secret.tsx'

const KIND: Kind<Application, ApplicationForm> = {
  words: () => t().applications,
  place: 'applications',
  path: APPLICATIONS,
  nameOf: ({ name }) => name,
  formOf,
  bodyOf,
  demands,
  /** Members of the object that is wanted, where they differ from the one that is there. */
  changes: (base, form) => {
    const body = bodyOf(form)
    const names = differences(bodyOf(formOf(base)), body)
    return names.length > 0 ? Object.fromEntries(names.map((name) => [name, body[name]])) : undefined
  },
  about: ({ clientId, type = 'web' }) => (
    <>
      <Badge kind="plain">{t().applications.types[type as 'web'] ?? type}</Badge> <Value label={t().application.clientId} text={clientId} />
    </>
  ),
  trial: ({ clientId }) => ({ client: clientId }),
}

export const ApplicationPage = ({ id }: { id: string }) => <ObjectPage kind={KIND} id={id} editor={ApplicationEditor} />

/** The issuer for whose tokens the application is made, if the way here named one. */
const asked = () => {
  const issuer = route.peek().query.get('issuer')
  return issuer === null ? {} : { issuers: [{ name: issuer, clientId: '', conditions: [] }] }
}

/** Shows an application that was just made. */
function show(id: string): void {
  created.value = id
  go([KIND.place, id])
}

function ApplicationEditor(opened: Opened<Application>) {
  const [secret, setSecret] = useState<Credentials>()
  /** Shows the secret in an answer, and forgets it. */
  const keep = ({ clientSecret, ...rest }: Application): Application => {
    if (clientSecret !== undefined) setSecret({ id: rest.id, clientId: rest.clientId, clientSecret })
    return rest
  }
  const onAdded = (added: Application) => {
    keep(added)
    if (added.clientSecret === undefined) show(added.id)
  }
  const editor = useEditor(KIND, opened, { keep, onAdded, begin: asked() })
  const { form, set, loaded, isNew, update } = editor
  const { parts } = t().application
  const renew = async (of: Application) => {
    keep({ ...of, ...(await call<Credentials>('POST', `${APPLICATIONS}/${of.id}/inbound-protocols/oidc/regenerate-secret`)), id: of.id })
    // The new secret made a new version of the application.
    await update(of)
  }
  const close = () => {
    setSecret(undefined)
    if (isNew && secret !== undefined) show(secret.id)
  }
  const hasSecret = loaded !== undefined && !isPublic(form) && form.proof === 'secret'
  const sections = ['general', 'protocol', 'attributes', 'advanced', ...(isNew ? [] : ['quickstart'])].map((id) => ({ id, label: parts[id as 'general'] }))
  return (
    <>
      <Editor
        kind={KIND}
        editor={editor}
        actions={hasSecret && <NewSecret act={() => renew(loaded)} />}
        sections={sections}
        before={loaded !== undefined && created.value === loaded.id && <ApplicationSteps application={loaded} />}
        after={
          loaded !== undefined && (
            <Section id="quickstart">
              <ApplicationQuickStart application={loaded} />
            </Section>
          )
        }
      >
        <Fields form={form} set={set} isNew={isNew} />
      </Editor>
      {loaded !== undefined && <IssuedTokens of={{ applicationId: loaded.id }} />}
      {secret !== undefined && <Secret {...secret} onDone={close} />}
    </>
  )
}

function NewSecret({ act }: { act: () => Promise<unknown> }) {
  const words = t().application
  return <Danger quiet label={words.newSecret} title={words.newSecretTitle} question={<p>{words.newSecretAbout}</p>} confirm={words.newSecretConfirm} act={act} />
}

function Fields({ form, set, isNew }: Piece & { isNew: boolean }) {
  const words = t().application
  return (
    <>
      <Section id="general">
        {isNew && (
          <Group title={words.template} name="type">
            <Cards label={words.template} value={form.type} onInput={(type) => set(templateOf(type))} options={TEMPLATES.map((value) => ({ value, ...words.templates[value] }))} />
            <p class="hint">{words.noSpa}</p>
          </Group>
        )}
        <Identity form={form} set={set} isNew={isNew} />
      </Section>
      <Section id="protocol">
        <Grants form={form} set={set} />
        <AllowedIssuers form={form} set={set} />
        <Purpose form={form} set={set} />
        <Tokens form={form} set={set} />
      </Section>
      <Section id="attributes">
        <Attributes form={form} set={set} />
        <Subjects form={form} set={set} />
      </Section>
      <Section id="advanced">
        <Delegation form={form} set={set} />
        <BoundTokens form={form} set={set} />
        <Elsewhere form={form} set={set} />
      </Section>
    </>
  )
}
