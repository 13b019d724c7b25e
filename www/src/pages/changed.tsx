/** The state of an object before and after a change, member by member. */
import type { StoredChange } from '../model.ts'
import { t } from '../texts/index.ts'
import { differences } from './conflict.tsx'
import { described, labelOf } from './described.ts'

type Members = Record<string, unknown>

/** Members that the server makes, or that WSO2's clients expect and that say the same as others. */
const MADE = new Set(['id', 'readOnly', 'templateId', 'isPrimary', 'isFederationHub', 'idpIssuerName', 'claimConfiguration', 'inboundProtocols', 'homeRealmIdentifier', 'overridden', 'problems'])

export const isEmpty = (value: unknown) => value === '' || value === null || value === undefined || (Array.isArray(value) && value.length === 0)

/** What people call the object. */
export function nameOf(object: unknown): string | undefined {
  const { name, displayName, userName, federatedUserId, sub } = (object ?? {}) as Members
  return [name, displayName, userName, federatedUserId, sub].find((one) => typeof one === 'string')
}

/** Both states of a change. One call may have changed several objects of a kind. */
export function States({ of: { before, after } }: { of: StoredChange['change'] }) {
  const all = Array.isArray(before ?? after) ? ((before ?? after) as unknown as Members[]) : undefined
  if (all === undefined) return <State before={(before ?? {}) as Members} after={(after ?? {}) as Members} />
  return (
    <ul class="several">
      {all.map((one, index) => (
        <li key={index}>
          <State before={before === undefined ? {} : one} after={after === undefined ? {} : one} />
        </li>
      ))}
    </ul>
  )
}

function State({ before, after }: { before: Members; after: Members }) {
  const words = t().changes
  const shown = differences(before, after).filter((name) => !MADE.has(name) && !(isEmpty(before[name]) && isEmpty(after[name])))
  return (
    <dl class="differences">
      {shown.map((name) => (
        <div key={name}>
          <dt>{labelOf(name)}</dt>
          {name in before && (
            <dd>
              <span class="quiet">{words.before}</span> {described(before[name], name)}
            </dd>
          )}
          {name in after && (
            <dd>
              <span class="quiet">{words.after}</span> {described(after[name], name)}
            </dd>
          )}
        </div>
      ))}
    </dl>
  )
}
