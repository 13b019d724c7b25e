/** One trusted token issuer. */
import { ISSUERS } from '../../api.ts'
import type { Issuer } from '../../model.ts'
import { route } from '../../route.ts'
import { Conditions } from '../conditions.tsx'
import { SAVED } from '../editing.ts'
import { Editor, type Kind, ObjectPage, type Opened, useEditor } from '../editor.tsx'
import { Identity, Linking, Mapping, Strictness } from './fields.tsx'
import { bodyOf, formOf, type IssuerForm, operations } from './form.ts'
import { Keys } from './keys.tsx'
import { FromPreset } from './preset.tsx'

const KIND: Kind<Issuer, IssuerForm> = {
  noun: 'issuer',
  list: 'Trusted token issuers',
  place: 'issuers',
  path: ISSUERS,
  add: 'Add a trusted token issuer',
  nameOf: ({ name }) => name,
  formOf,
  bodyOf,
  changes: (base, form) => {
    const found = operations(bodyOf(formOf(base)), bodyOf(form))
    return found.length > 0 ? found : undefined
  },
  saved: SAVED,
  deletion: 'Its tokens are refused from then on, and tokens issued for them stop working. If you register it again, it is another issuer.',
  trial: ({ issuer }) => ({ issuer }),
}

export const IssuerPage = ({ id }: { id: string }) => <ObjectPage kind={KIND} id={id} editor={IssuerEditor} />

function IssuerEditor(opened: Opened<Issuer>) {
  const editor = useEditor(KIND, opened, { begin: { issuer: route.value.query.get('issuer') ?? '' } })
  const { form, set } = editor
  return (
    <Editor kind={KIND} editor={editor} before={<FromPreset onTake={set} />}>
      <Identity form={form} set={set} />
      <Keys form={form.keys} onChange={(keys) => set({ keys })} subject={() => bodyOf(form)} />
      <Conditions items={form.conditions} onChange={(conditions) => set({ conditions })} />
      <Mapping form={form} set={set} />
      <Linking form={form} set={set} />
      <Strictness form={form} set={set} />
    </Editor>
  )
}
