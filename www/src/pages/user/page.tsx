/** One local user: the account, its roles and its links. */
import { linksOf, USERS } from '../../api.ts'
import { emailOf, phoneOf, type Several, type User } from '../../model.ts'
import { t } from '../../texts/index.ts'
import { Value } from '../../ui/code.tsx'
import { bind, Text, Tick } from '../../ui/fields.tsx'
import { demand } from '../../ui/form.tsx'
import { Group } from '../../ui/groups.tsx'
import { Editor, type Kind, ObjectPage, type Opened, useEditor } from '../editor.tsx'
import { LinkedAccounts } from '../links.tsx'
import { Tokens } from '../tokens.tsx'
import { bodyOf, formOf, operations, othersOf, type UserForm } from './form.ts'
import { LinkAnother } from './links.tsx'
import { Roles } from './roles.tsx'

const KIND: Kind<User, UserForm> = {
  words: () => t().users,
  place: 'users',
  path: USERS,
  nameOf: ({ displayName, userName }) => displayName ?? userName,
  formOf,
  bodyOf,
  demands: ({ userName }) => demand([{ path: 'userName', value: userName, text: t().user.enterUsername }]),
  changes: (base, form) => {
    const Operations = operations(base, form)
    return Operations.length > 0 ? { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations } : undefined
  },
  /** Issued tokens name a user by this id. */
  about: ({ id }) => <Value label={t().user.id} text={id} />,
}

export const UserPage = ({ id }: { id: string }) => <ObjectPage kind={KIND} id={id} editor={UserEditor} />

function UserEditor(opened: Opened<User>) {
  const editor = useEditor(KIND, opened)
  const { form, set, loaded } = editor
  return (
    <>
      <Editor kind={KIND} editor={editor}>
        <Account form={form} set={set} of={loaded ?? opened.former} />
        <Roles roles={form.roles} onChange={(roles) => set({ roles })} />
      </Editor>
      {loaded !== undefined && (
        <LinkedAccounts path={linksOf(loaded.id)} about={t().user.links}>
          {(reload) => <LinkAnother user={loaded.id} onLinked={reload} />}
        </LinkedAccounts>
      )}
      {loaded !== undefined && <Tokens of={{ userId: loaded.id }} />}
    </>
  )
}

/** What the form does not show, and does not change. */
function others(values: Several[] | undefined, one: Several | undefined) {
  const found = othersOf(values, one)
  return found.length === 0 ? {} : { hint: t().user.others(found) }
}

function Account({ form, set, of = {} }: { form: UserForm; set: (change: Partial<UserForm>) => void; of: Partial<User> | undefined }) {
  const { text, tick } = bind(form, set)
  const words = t().user
  return (
    <Group title={words.account}>
      <div class="grid-2">
        <Text label={words.username} {...text('userName')} required hint={words.usernameHint} />
        <Text label={words.displayName} {...text('displayName')} />
        <Text label={words.email} {...text('email', 'emails')} type="email" {...others(of.emails, emailOf(of))} />
        <Text label={words.phone} {...text('phone', 'phoneNumbers')} type="tel" {...others(of.phoneNumbers, phoneOf(of))} />
      </div>
      <Tick label={t().form.enabled} toggle {...tick('enabled', 'active')} hint={words.enabledHint} />
      <Tick label={words.locked} toggle {...tick('locked')} hint={words.lockedHint} />
    </Group>
  )
}
