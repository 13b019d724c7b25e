/** One trusted token issuer: registered, changed, deleted. */
import { useState } from 'preact/hooks'

import { call, ISSUERS, see, type Seen } from '../../api.ts'
import type { Issuer } from '../../model.ts'
import { go, route, to } from '../../route.ts'
import { Danger } from '../../ui/dialog.tsx'
import { Form } from '../../ui/form.tsx'
import { useLoaded } from '../../ui/loaded.ts'
import { Changed, Heading, Notice } from '../../ui/words.tsx'
import { BackTo } from '../back.tsx'
import { Conditions } from '../conditions.tsx'
import { ConflictDialog, written } from '../conflict.tsx'
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
  const { data, error, reload } = useLoaded(async () => (id === 'new' ? undefined : await see<Issuer>(`${ISSUERS}/${id}`)), [id])
  if (id === 'new') return <Editor />
  if (data === undefined) return <Opening what="the issuer" back={BACK} error={error} reload={reload} />
  return <Editor key={data.etag} first={data} reload={reload} />
}

function Editor({ first, reload }: { first?: Seen<Issuer>; reload?: () => void }) {
  const [form, setForm] = useState(() => ({ ...formOf(first?.object), ...(first === undefined && { issuer: route.value.query.get('issuer') ?? '' }) }))
  const { loaded, conflict, saved, save, remove, touched, settle } = useEditing(pathOf, first)
  useMarked()
  const set = (change: Partial<IssuerForm>) => (touched(), setForm({ ...form, ...change }))

  const changes = (base: Issuer) => {
    const found = operations(bodyOf(formOf(base)), bodyOf(form))
    return found.length > 0 ? found : undefined
  }
  const submit = async (over = false) => {
    if (loaded !== undefined) return save(changes, over)
    const made = await call<Issuer>('POST', ISSUERS, bodyOf(form))
    go('issuers', made.id)
  }
  const erase = async (over = false) => {
    if (await remove(over)) go('issuers')
  }
  const takeTheirs = () => (settle(), reload?.())
  return (
    <>
      <Head loaded={loaded} erase={erase} />
      <BackTo />
      {loaded?.readOnly && (
        <Notice kind="info" title="Read-only">
          <p>This issuer stands in the configuration document. Change it there.</p>
        </Notice>
      )}
      {loaded === undefined && <FromPreset onTake={set} />}
      <Form
        submit={loaded === undefined ? 'Create the issuer' : 'Save'}
        onSubmit={() => submit()}
        disabled={loaded?.readOnly ?? false}
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
        <ConflictDialog conflict={conflict} mine={bodyOf(form)} onMine={() => (conflict.intent === 'delete' ? erase(true) : submit(true))} onTheirs={takeTheirs} onClose={settle} />
      )}
    </>
  )
}

/** Its name, and what can be done with the whole of it. */
function Head({ loaded, erase }: { loaded: Issuer | undefined; erase: () => Promise<void> }) {
  if (loaded === undefined) return <Heading title="Add a trusted token issuer" back={BACK} />
  return (
    <Heading title={loaded.name} back={BACK} about={<Changed {...written(loaded)} />}>
      <a class="button outline" href={`${to('playground')}?issuer=${encodeURIComponent(loaded.issuer)}`}>
        Try it out
      </a>
      {!loaded.readOnly && (
        <Danger
          label="Delete"
          title={`Delete ${loaded.name}?`}
          question="Its tokens are refused from then on, and what was issued for them counts for nothing. Registered anew, it is another issuer."
          confirm="Delete the issuer"
          act={erase}
        />
      )}
    </Heading>
  )
}
