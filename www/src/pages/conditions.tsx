/** Conditions on the claims of a token. */
import type { Condition } from '../model.ts'
import { t } from '../texts/index.ts'
import { Choice, Text } from '../ui/fields.tsx'
import { Group, Rows } from '../ui/groups.tsx'

const TESTS = ['equals', 'oneOf', 'like', 'contains', 'word', 'present', 'absent'] as const

export interface ConditionForm {
  claim: string
  test: string
  value: string
  audit: boolean
}

export const BLANK: ConditionForm = { claim: '', test: 'equals', value: '', audit: false }

/** A number or a boolean is typed as JSON; anything else is a text. A text that would be read as one of them, or whose spaces would get lost, is in quotes. */
const text = (value: unknown) => (typeof value === 'string' && typed(value) === value && value.trim() === value ? value : JSON.stringify(value))
function typed(value: string): unknown {
  if (!/^(-?\d+(\.\d+)?|true|false|".*")$/.test(value)) return value
  try {
    return JSON.parse(value) as unknown
  } catch {
    return value
  }
}

export function conditionForm(condition: Condition): ConditionForm {
  const { claim, mode } = condition
  const audit = mode === 'audit'
  if (condition.oneOf !== undefined) return { claim, test: 'oneOf', value: condition.oneOf.map(text).join('\n'), audit }
  if (condition.like !== undefined) return { claim, test: 'like', value: condition.like, audit }
  if (condition.contains !== undefined) return { claim, test: 'contains', value: text(condition.contains), audit }
  if (condition.word !== undefined) return { claim, test: 'word', value: condition.word, audit }
  if (condition.present !== undefined) return { claim, test: condition.present ? 'present' : 'absent', value: '', audit }
  return { claim, test: 'equals', value: text(condition.equals ?? ''), audit }
}

export function conditionOf({ claim, test, value, audit }: ConditionForm): Condition {
  const mode = audit ? { mode: 'audit' } : {}
  switch (test) {
    case 'oneOf':
      return { claim, oneOf: value.split('\n').map((line) => line.trim()).filter(Boolean).map(typed), ...mode }
    case 'like':
      return { claim, like: value, ...mode }
    case 'contains':
      return { claim, contains: typed(value), ...mode }
    case 'word':
      return { claim, word: value, ...mode }
    case 'present':
    case 'absent':
      return { claim, present: test === 'present', ...mode }
    default:
      return { claim, equals: typed(value), ...mode }
  }
}

export function Conditions({ items, onChange, name = 'conditions', title }: { items: ConditionForm[]; onChange: (items: ConditionForm[]) => void; name?: string; title?: string }) {
  const words = t().conditions
  const tests = TESTS.map((value) => ({ value, label: words.tests[value] }))
  return (
    <Group title={title ?? words.title} name={name} hint={words.about}>
      <Rows
        items={items}
        blank={BLANK}
        add={words.add}
        onChange={onChange}
        remove={(item, index) => words.remove(index + 1, item.claim)}
        row={(item, set, index) => (
          <div class="grid-4">
            <Text label={words.claim} name={`${name}[${index}].claim`} placeholder="repository_owner_id" value={item.claim} onInput={(claim) => set({ ...item, claim })} />
            <Choice label={words.test} value={item.test} onInput={(test) => set({ ...item, test })} options={tests} />
            {item.test === 'present' || item.test === 'absent' ? (
              <div />
            ) : (
              <Text label={item.test === 'oneOf' ? words.values : words.value} name={`${name}[${index}].${item.test}`} value={item.test === 'oneOf' ? item.value.replaceAll('\n', ', ') : item.value} onInput={(value) => set({ ...item, value: item.test === 'oneOf' ? value.split(',').map((one) => one.trimStart()).join('\n') : value })} placeholder={{ like: 'refs/heads/*', oneOf: 'main, release', word: 'read' }[item.test] ?? ''} />
            )}
            <Choice label={words.ifNot} value={item.audit ? 'audit' : 'enforce'} onInput={(mode) => set({ ...item, audit: mode === 'audit' })} options={[{ value: 'enforce', label: words.refuse }, { value: 'audit', label: words.audit }]} />
          </div>
        )}
      />
    </Group>
  )
}
