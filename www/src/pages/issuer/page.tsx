/** One trusted token issuer: registered, changed, deleted. */
import { useState } from 'preact/hooks'

import { call, ISSUERS } from '../../api.ts'
import type { Issuer } from '../../model.ts'
import { go, to } from '../../route.ts'
import { Danger } from '../../ui/dialog.tsx'
import { Form } from '../../ui/form.tsx'
import { useLoaded } from '../../ui/loaded.ts'
import { Changed, Heading, Notice } from '../../ui/words.tsx'
import { BackToPlayground } from '../back.tsx'
import { Conditions } from '../conditions.tsx'
import { ConflictDialog } from '../conflict.tsx'
import { SAVED, useEditing } from '../editing.ts'
import { useMarked } from '../marked.ts'
import { Opening } from '../opening.tsx'
import { Identity, Linking, Mapping, Strictness } from './fields.tsx'
import { bodyOf, formOf, type IssuerForm, operations } from './form.ts'
import { Keys } from './keys.tsx'
import { FromPreset } from './preset.tsx'

const BACK = { href: to('issuers'), label: 'Trusted token issuers' }
const pathOf = ({ id }: Issuer) => `${ISSUERS}/${id}`

export function IssuerPage({ id }: { id: string }) {
  const { data, error, reload } = useLoaded(async () => (id === 'new' ? undefined : await call<Issuer>('GET', `${ISSUERS}/${id}`)), [id])
  if (id === 'new') return <Editor />
  if (data === undefined) return <Opening what="the issuer" back={BACK} error={error} reload={reload} />
  return <Editor key={JSON.stringify(data)} issuer={data} reload={reload} />
}

function Editor({ issuer, reload }: { issuer?: Issuer; reload?: () => void }) {
  const [form, setForm] = useState(() => formOf(issuer))
  const { loaded, conflict, saved, save, touched, settle } = useEditing(pathOf, issuer)
  useMarked()
  const set = (change: Partial<IssuerForm>) => (touched(), setForm({ ...form, ...change }))

  const write = async (base: Issuer) => {
    const changes = operations(bodyOf(formOf(base)), bodyOf(form))
    return changes.length > 0 ? call<Issuer>('PATCH', pathOf(base), changes) : base
  }
  const submit = async (over = false) => {
    if (loaded !== undefined) return save(loaded, write, over)
    const made = await call<Issuer>('POST', ISSUERS, bodyOf(form))
    go('issuers', made.id)
  }
  const takeTheirs = () => (settle(), reload?.())
  return (
    <>
      <Head loaded={loaded} />
      <BackToPlayground />
      {issuer?.readOnly && (
        <Notice kind="info" title="Read-only">
          <p>This issuer stands in the configuration document. Change it there.</p>
        </Notice>
      )}
      {loaded === undefined && <FromPreset onTake={set} />}
      <Form
        submit={loaded === undefined ? 'Create the issuer' : 'Save'}
        onSubmit={() => submit()}
        disabled={issuer?.readOnly ?? false}
        more={saved && <Notice kind="good">{SAVED}</Notice>}
      >
        <Identity form={form} set={set} />
        <Keys form={form.keys} onChange={(keys) => set({ keys })} subject={() => bodyOf(form)} />
        <Conditions items={form.conditions} onChange={(conditions) => set({ conditions })} />
        <Mapping form={form} set={set} />
        <Linking form={form} set={set} />
        <Strictness form={form} set={set} />
      </Form>
      {conflict !== undefined && (
        <ConflictDialog conflict={conflict} mine={bodyOf(form)} onMine={() => submit(true)} onTheirs={takeTheirs} onClose={settle} />
      )}
    </>
  )
}

/** Its name, and what can be done with the whole of it. */
function Head({ loaded }: { loaded: Issuer | undefined }) {
  if (loaded === undefined) return <Heading title="Add a trusted token issuer" back={BACK} />
  const remove = async () => {
    await call('DELETE', pathOf(loaded))
    go('issuers')
  }
  return (
    <Heading title={loaded.name} back={BACK} about={loaded.meta !== undefined && <Changed meta={loaded.meta} />}>
      <a class="button outline" href={`${to('playground')}?issuer=${encodeURIComponent(loaded.issuer)}`}>
        Try it out
      </a>
      {!loaded.readOnly && (
        <Danger
          label="Delete"
          title={`Delete ${loaded.name}?`}
          question="Its tokens are refused from then on, and what was issued for them counts for nothing. Registered anew, it is another issuer."
          confirm="Delete the issuer"
          act={remove}
        />
      )}
    </Heading>
  )
}
