/** Compares a document with the running configuration, and imports what is different after a question. */
import { useEffect, useRef, useState } from 'preact/hooks'

import { type Complaint, Refused, type Seen } from '../../api.ts'
import { draftOf, keepDraft } from '../../drafts.ts'
import { unsaved } from '../../route.ts'
import { t } from '../../texts/index.ts'
import { Code } from '../../ui/code.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Area, Tick } from '../../ui/fields.tsx'
import { demand, Form, Incomplete } from '../../ui/form.tsx'
import { clearToasts, toast } from '../../ui/toasts.tsx'
import { Notice } from '../../ui/words.tsx'
import { imported, isStale, type Made, MOST_BYTES, type Plan, rehearsed, writtenBefore } from './data.ts'
import { placeIn } from './place.ts'
import { Planned } from './planned.tsx'
import { Problems } from './problems.tsx'
import { Stopped, type Stop } from './stopped.tsx'

interface Typed {
  text: string
  prune: boolean
}

const EMPTY: Typed = { text: '', prune: false }
const [PLACE, ID] = ['configuration', 'import']

/** A secret that is written out is not kept for a reload. */
const HAS_SECRET = /"clientSecret"\s*:\s*"/

/** What was typed, kept for a reload until it is imported. */
function useTyped(running: string) {
  const [typed, setTyped] = useState<Typed>(() => draftOf<Plan, Typed>(PLACE, ID)?.form ?? EMPTY)
  const isNew = typed.text.trim() !== '' && typed.text !== running
  useEffect(() => {
    keepDraft(PLACE, ID, isNew && !HAS_SECRET.test(typed.text) ? { form: typed } : undefined)
    unsaved.value = isNew
  }, [typed, isNew])
  useEffect(() => () => void (unsaved.value = false), [])
  return [typed, setTyped] as const
}

export function Import({ running, onImported }: { running: string; onImported: () => void }) {
  const words = t().configuration
  const [typed, setTyped] = useTyped(running)
  const [plan, setPlan] = useState<Seen<Plan>>()
  const [problems, setProblems] = useState<Complaint[]>([])
  const [isOutdated, setOutdated] = useState(false)
  const [secrets, setSecrets] = useState<Made[]>([])
  const [stop, setStop] = useState<Stop>()
  const box = useRef<HTMLDivElement>(null)
  /** What was found is about what was compared only. */
  const set = (change: Partial<Typed>) => {
    setTyped((before) => ({ ...before, ...change }))
    setPlan(undefined)
    setProblems([])
    setOutdated(false)
    setStop(undefined)
  }
  const compare = async () => {
    setPlan(undefined)
    setProblems([])
    setStop(undefined)
    demand([{ path: 'document', value: typed.text, text: words.enterDocument }])
    if (new Blob([typed.text]).size > MOST_BYTES) throw new Incomplete([{ path: 'document', text: words.tooLong }])
    try {
      setPlan(await rehearsed(typed.text, typed.prune))
      setOutdated(false)
    } catch (error) {
      if (!(error instanceof Refused) || error.complaints.length === 0) throw error
      setProblems(error.complaints)
      throw new Incomplete([{ path: 'document', text: words.problems(error.complaints.length) }])
    }
  }
  const carryOut = async () => {
    clearToasts()
    try {
      const done = await imported(typed.text, typed.prune, plan!.etag)
      setSecrets(done.secrets ?? [])
      toast(words.imported(done.changes.length))
      set(EMPTY)
      onImported()
    } catch (error) {
      const written = writtenBefore(error)
      if (written !== undefined) {
        // The document stays, for the changes that were not made.
        setPlan(undefined)
        setOutdated(false)
        setSecrets(written.secrets)
        setStop({ error, applied: written.applied })
        return onImported()
      }
      if (!isStale(error)) throw error
      // The differences are shown anew, and nothing is imported before somebody has seen them.
      setPlan(await rehearsed(typed.text, typed.prune))
      setOutdated(true)
    }
  }
  const show = ({ path }: Complaint) => {
    const area = box.current?.querySelector('textarea')
    const place = placeIn(typed.text, path)
    if (area == null) return
    area.focus()
    if (place !== undefined) select(area, place)
  }
  return (
    <section aria-label={words.import}>
      <h2>{words.import}</h2>
      <p class="hint">{words.importAbout}</p>
      <div ref={box}>
        <Form submit={words.compare} onSubmit={compare} more={<Take onTake={() => set({ text: running })} />}>
          <File onText={(text) => set({ text })} />
          <Area label={words.document} name="document" rows={14} value={typed.text} onInput={(text) => set({ text })} hint={words.documentHint} required />
          <Problems of={problems} isThere={({ path }) => placeIn(typed.text, path) !== undefined} onShow={show} />
          <Tick label={words.prune} hint={words.pruneHint} checked={typed.prune} onChange={(prune) => set({ prune })} />
        </Form>
      </div>
      {stop !== undefined && <Stopped {...stop} />}
      {isOutdated && (
        <Notice kind="bad" title={words.stale}>
          <p>{words.staleAbout}</p>
        </Notice>
      )}
      {plan !== undefined && <Planned key={plan.etag} plan={plan.object} onImport={carryOut} />}
      {secrets.length > 0 && <Secrets of={secrets} onDone={() => setSecrets([])} />}
    </section>
  )
}

/** Selects a part of the text and brings it into sight. */
function select(area: HTMLTextAreaElement, { start, end }: { start: number; end: number }): void {
  area.setSelectionRange(start, end)
  const line = area.value.slice(0, start).split('\n').length
  area.scrollTop = Math.max(0, (line - 4) * Number.parseFloat(getComputedStyle(area).lineHeight))
  area.scrollIntoView({ block: 'center' })
}

function Take({ onTake }: { onTake: () => void }) {
  return (
    <button type="button" class="outline" onClick={onTake}>
      {t().configuration.take}
    </button>
  )
}

function File({ onText }: { onText: (text: string) => void }) {
  const words = t().configuration
  const [wrong, setWrong] = useState(false)
  const take = async (file: Blob | undefined) => {
    if (file === undefined) return
    try {
      onText(new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer()))
      setWrong(false)
    } catch {
      setWrong(true)
    }
  }
  return (
    <div class="field">
      <label>
        {words.file}
        <input type="file" accept=".json,application/json" aria-invalid={wrong ? 'true' : undefined} onChange={(event) => void take(event.currentTarget.files?.[0])} />
      </label>
      {wrong && <small class="wrong">{words.unreadable}</small>}
    </div>
  )
}

function Secrets({ of, onDone }: { of: Made[]; onDone: () => void }) {
  const words = t().configuration
  return (
    <Dialog title={words.secrets}>
      <p>{words.secretsAbout}</p>
      {of.map(({ clientId, clientSecret }) => (
        <div key={clientId}>
          <p>{clientId}</p>
          <Code text={clientSecret} label={clientId} />
        </div>
      ))}
      <div class="actions">
        <button type="button" onClick={onDone}>
          {words.secretsSaved}
        </button>
      </div>
    </Dialog>
  )
}
