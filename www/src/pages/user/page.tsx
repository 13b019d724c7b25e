/** One local user: the account, its roles and its links. */
import { linksOf, USERS } from '../../api.ts'
import type { User } from '../../model.ts'
import { bind, Text, Tick } from '../../ui/fields.tsx'
import { Group } from '../../ui/groups.tsx'
import { Editor, type Kind, ObjectPage, type Opened, useEditor } from '../editor.tsx'
import { LinkedAccounts } from '../links.tsx'
import { bodyOf, formOf, operations, type UserForm } from './form.ts'
import { LinkAnother } from './links.tsx'
import { Roles } from './roles.tsx'

const KIND: Kind<User, UserForm> = {
  noun: 'user',
  list: 'Users',
  place: 'users',
  path: USERS,
  add: 'Add a user',
  nameOf: ({ displayName, userName }) => displayName ?? userName,
  formOf,
  bodyOf,
  changes: (base, form) => {
    const Operations = operations(formOf(base), form)
    return Operations.length > 0 ? { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations } : undefined
  },
  saved: 'Saved.',
  deletion: 'The account and its links are deleted, and tokens about it stop working.',
  /** Issued tokens name a user by this id. */
  about: ({ id }) => (
    <>
      <span class="mono">{id}</span>
      <br />
    </>
  ),
}

export const UserPage = ({ id }: { id: string }) => <ObjectPage kind={KIND} id={id} editor={UserEditor} />

function UserEditor(opened: Opened<User>) {
  const editor = useEditor(KIND, opened)
  const { form, set, loaded } = editor
  return (
    <>
      <Editor kind={KIND} editor={editor}>
        <Account form={form} set={set} />
        <Roles roles={form.roles} onChange={(roles) => set({ roles })} />
      </Editor>
      {loaded !== undefined && (
        <LinkedAccounts path={linksOf(loaded.id)} about="The subjects of issuers that mean this user, for applications that use linked accounts.">
          {(reload) => <LinkAnother user={loaded.id} onLinked={reload} />}
        </LinkedAccounts>
      )}
    </>
  )
}

function Account({ form, set }: { form: UserForm; set: (change: Partial<UserForm>) => void }) {
  const { text, tick } = bind(form, set)
  return (
    <Group title="Account">
      <div class="grid-2">
        <Text label="Username" {...text('userName')} required hint="DOMAIN/name is a user of another user store." />
        <Text label="Display name" {...text('displayName')} />
        <Text label="E-mail address" {...text('email', 'emails')} type="email" />
        <Text label="Mobile number" {...text('phone', 'phoneNumbers')} type="tel" />
      </div>
      <Tick label="Enabled" toggle {...tick('enabled', 'active')} hint="No token is issued for a disabled user." />
      <Tick label="Locked" toggle {...tick('locked')} hint="Takes effect at once, on every server." />
    </Group>
  )
}
