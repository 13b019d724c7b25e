/** What an import will do: object by object, before anything is done. */
import { useEffect, useRef } from 'preact/hooks'

import type { Problem } from '../../model.ts'
import { t } from '../../texts/index.ts'
import { Danger } from '../../ui/dialog.tsx'
import { Fold } from '../../ui/groups.tsx'
import { Badge, Notice, OfServer, sentence } from '../../ui/words.tsx'
import { described, labelOf } from '../described.ts'
import type { Difference, Plan, Step } from './data.ts'

const KINDS = { create: 'good', update: 'plain', delete: 'bad' } as const

export function Planned({ plan, onImport }: { plan: Plan; onImport: () => Promise<void> }) {
  const words = t().configuration
  const { changes, differences, notImported, warnings, atomic } = plan
  const heading = useRef<HTMLHeadingElement>(null)
  // The result is below what was pressed, and may be out of sight.
  useEffect(() => heading.current?.focus(), [])
  const count = (action: Step['action']) => changes.filter((one) => one.action === action).length
  return (
    <section aria-label={words.result} class="planned">
      <h2 ref={heading} tabIndex={-1}>
        {words.result}
      </h2>
      {changes.length === 0 ? (
        <Notice kind="info" title={words.nothing}>
          <p>{words.nothingAbout}</p>
        </Notice>
      ) : (
        <ul class="cards changes">
          {changes.map((step) => (
            <li key={step.path}>
              <One step={step} differences={differences.filter(({ path }) => path === step.path || path.startsWith(`${step.path}.`))} />
            </li>
          ))}
        </ul>
      )}
      {!atomic && (
        <Notice kind="warn">
          <p>{words.notAtomic}</p>
        </Notice>
      )}
      <Listed title={words.stays} about={words.staysAbout} problems={notImported} />
      <Listed title={words.warnings} problems={warnings} />
      {changes.length > 0 && (
        <Danger
          label={words.importNow}
          title={words.question}
          prominent={count('delete') === 0}
          question={
            <>
              <p>{words.sum(count('create'), count('update'), count('delete'))}</p>
              {count('delete') > 0 && <p>{words.deletes}</p>}
            </>
          }
          confirm={words.confirm}
          act={onImport}
        />
      )}
    </section>
  )
}

/** What is said of a step, in the words of what will be done or of what is done. */
function Named({ step: { action, resource, name }, words }: { step: Step; words: Record<string, string> }) {
  return (
    <p class="name">
      <Badge kind={KINDS[action]}>{words[action]}</Badge> {t().changes.kinds[resource] ?? resource} {name}
    </p>
  )
}

/** A step that was made. */
export const Done = ({ step }: { step: Step }) => <Named step={step} words={t().changes.actions} />

function One({ step, differences }: { step: Step; differences: Difference[] }) {
  const words = t().configuration
  return (
    <div>
      <Named step={step} words={words.actions} />
      <Fold title={words.details}>
        <dl class="differences">
          {differences.flatMap((one) => membersOf(one, step.path)).map(({ name, before, after }) => (
            <div key={name}>
              <dt>{labelOf(name)}</dt>
              {before !== undefined && (
                <dd>
                  <span class="quiet">{words.before}</span> {described(before, name)}
                </dd>
              )}
              {after !== undefined && (
                <dd>
                  <span class="quiet">{words.after}</span> {described(after, name)}
                </dd>
              )}
            </div>
          ))}
        </dl>
      </Fold>
    </div>
  )
}

interface Member {
  name: string
  before?: unknown
  after?: unknown
}

/** The members of an object that is new or goes, or the one member that is different. */
function membersOf({ path, before, after }: Difference, object: string): Member[] {
  if (path !== object) return [{ name: path.slice(object.length + 1), before, after }]
  const members = (before ?? after ?? {}) as Record<string, unknown>
  return Object.entries(members).map(([name, value]) => ({ name, ...(before === undefined ? { after: value } : { before: value }) }))
}

function Listed({ title, about, problems }: { title: string; about?: string; problems: Problem[] }) {
  if (problems.length === 0) return null
  return (
    <Fold title={`${title} (${problems.length})`}>
      {about !== undefined && <p class="hint">{about}</p>}
      <ul class="problems">
        {problems.map(({ path, problem, remedy }) => (
          <li key={`${path} ${problem}`}>
            <span class="mono">{path}</span> <OfServer text={sentence(about === undefined ? `${problem}; ${remedy}` : '')} />
          </li>
        ))}
      </ul>
    </Fold>
  )
}
