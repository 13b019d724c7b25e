/** The configuration as a document: exported, compared with another one, and imported. */
import { useEffect } from 'preact/hooks'

import { Needs } from '../../session/rights.tsx'
import { t } from '../../texts/index.ts'
import { Code } from '../../ui/code.tsx'
import { Fold } from '../../ui/groups.tsx'
import { useLoaded } from '../../ui/loaded.ts'
import { Heading, LoadState } from '../../ui/words.tsx'
import { exported } from './data.ts'
import { Import } from './import.tsx'

const FILE = 'exchequer.json'

export function Configuration() {
  const words = t().configuration
  const loaded = useLoaded(exported, [])
  return (
    <>
      <Heading title={words.title} about={words.about} />
      <LoadState of={loaded} loading={words.loading} />
      {loaded.data !== undefined && (
        <>
          <Export text={loaded.data} />
          <Needs right="all">
            <Import running={loaded.data} onImported={loaded.reload} />
          </Needs>
        </>
      )}
    </>
  )
}

function Export({ text }: { text: string }) {
  const words = t().configuration
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  useEffect(() => () => URL.revokeObjectURL(url), [url])
  return (
    <section aria-label={words.export}>
      <h2>{words.export}</h2>
      <p class="hint">{words.exportAbout}</p>
      <p class="actions">
        <a class="button" href={url} download={FILE}>
          {words.download}
        </a>
      </p>
      <Fold title={words.show}>
        <Code text={text} label={words.document} />
      </Fold>
    </section>
  )
}
