/** One trusted token issuer. */
import { useState } from 'preact/hooks'

import { ISSUERS } from '../../api.ts'
import type { Issuer } from '../../model.ts'
import { route } from '../../route.ts'
import { t } from '../../texts/index.ts'
import { Value } from '../../ui/code.tsx'
import { Section } from '../../ui/groups.tsx'
import { Conditions } from '../conditions.tsx'
import { Editor, type Kind, ObjectPage, type Opened, useEditor } from '../editor.tsx'
import { IssuerQuickStart } from '../quickstart/issuer.tsx'
import { Steps } from '../steps.tsx'
import { UsedBy, useUsage } from '../usage.tsx'
import { Identity, Linking, Mapping, Strictness } from './fields.tsx'
import { bodyOf, demands, formOf, type IssuerForm, operations } from './form.ts'
import { Keys } from './keys.tsx'
import { FromPreset, NO_PRESET, takeFirst } from './preset.tsx'

const KIND: Kind<Issuer, IssuerForm> = {
  words: () => t().issuers,
  place: 'issuers',
  path: ISSUERS,
  nameOf: ({ name }) => name,
  formOf,
  bodyOf,
  demands,
  changes: (base, form) => {
    const found = operations(bodyOf(formOf(base)), bodyOf(form))
    return found.length > 0 ? found : undefined
  },
  about: ({ issuer }) => <Value label={t().issuer.issuer} text={issuer} />,
  consequences: ({ name }) => <UsedBy issuer={name} />,
  trial: ({ issuer }) => ({ issuer }),
}

export const IssuerPage = ({ id }: { id: string }) => <ObjectPage kind={KIND} id={id} editor={IssuerEditor} />

function IssuerEditor(opened: Opened<Issuer>) {
  const { parts } = t().issuer
  const [preset, setPreset] = useState(NO_PRESET)
  const editor = useEditor(KIND, opened, { begin: { issuer: route.value.query.get('issuer') ?? '' } })
  const { form, set, isNew, loaded } = editor
  const usage = useUsage(loaded?.name)
  const submit = async (over?: boolean) => {
    if (!(isNew && takeFirst(preset, setPreset, set))) await editor.submit(over)
  }
  const sections = ['general', 'keys', 'conditions', 'attributes', 'advanced', ...(isNew ? [] : ['quickstart'])].map((id) => ({ id, label: parts[id as 'general'] }))
  return (
    <Editor
      kind={KIND}
      editor={{ ...editor, submit }}
      sections={sections}
      before={loaded !== undefined && <Steps issuer={loaded} usage={usage} />}
      after={
        loaded !== undefined && (
          <Section id="quickstart">
            <IssuerQuickStart issuer={loaded} usage={usage} />
          </Section>
        )
      }
    >
      {isNew && <FromPreset state={preset} onChange={setPreset} onTake={set} />}
      <Section id="general">
        <Identity form={form} set={set} />
      </Section>
      <Section id="keys">
        <Keys form={form.keys} onChange={(keys) => set({ keys })} subject={() => bodyOf(form)} />
      </Section>
      <Section id="conditions">
        <Conditions items={form.conditions} onChange={(conditions) => set({ conditions })} />
      </Section>
      <Section id="attributes">
        <Mapping form={form} set={set} />
        <Linking form={form} set={set} usage={usage} />
      </Section>
      <Section id="advanced">
        <Strictness form={form} set={set} />
      </Section>
    </Editor>
  )
}
