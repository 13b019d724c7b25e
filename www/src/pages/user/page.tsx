/** One local user: made, changed, locked, given roles, linked, deleted. */
import { useState } from 'preact/hooks'

import { call, see, type Seen, USERS } from '../../api.ts'
import type { User } from '../../model.ts'
import { go, to } from '../../route.ts'
import { Danger } from '../../ui/dialog.tsx'
import { Text, Tick } from '../../ui/fields.tsx'
import { Form } from '../../ui/form.tsx'
import { Group } from '../../ui/groups.tsx'
import { useLoaded } from '../../ui/loaded.ts'
import { Changed, Heading, Notice } from '../../ui/words.tsx'
import { BackTo } from '../back.tsx'
import { ConflictDialog, written } from '../conflict.tsx'
import { useEditing } from '../editing.ts'
import { Opening } from '../opening.tsx'
import { bodyOf, formOf, operations, type UserForm } from './form.ts'
import { LinksOf } from './links.tsx'
import { Roles } from './roles.tsx'

const BACK = { href: to('users'), label: 'Users' }
const pathOf = ({ id }: User) => `${USERS}/${encodeURIComponent(id)}`

export function UserPage({ id }: { id: string }) {
  const { data, error, reload } = useLoaded(async () => (id === 'new' ? undefined : await see<User>(`${USERS}/${encodeURIComponent(id)}`)), [id])
  if (id === 'new') return <Editor />
  if (data === undefined) return <Opening what="the user" back={BACK} error={error} reload={reload} />
  return <Editor key={data.etag} first={data} reload={reload} />
}

function Editor({ first, reload }: { first?: Seen<User>; reload?: () => void }) {
  const [form, setForm] = useState(() => formOf(first?.object))
  const { loaded, conflict, saved, save, remove, touched, settle } = useEditing(pathOf, first)
  const set = (change: Partial<UserForm>) => (touched(), setForm({ ...form, ...change }))

  const changes = (base: User) => {
    const Operations = operations(formOf(base), form)
    return Operations.length > 0 ? { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations } : undefined
  }
  const submit = async (over = false) => {
    if (loaded !== undefined) return save(changes, over)
    const made = await call<User>('POST', USERS, bodyOf(form))
    go('users', made.id)
  }
  const erase = async (over = false) => {
    if (await remove(over)) go('users')
  }
  return (
    <>
      <Head loaded={loaded} erase={erase} />
      <BackTo />
      <Form submit={loaded === undefined ? 'Create the user' : 'Save'} onSubmit={() => submit()} more={saved && <Notice kind="good">Saved.</Notice>}>
        <Account form={form} set={set} />
        <Roles roles={form.roles} onChange={(roles) => set({ roles })} />
      </Form>
      {loaded !== undefined && <LinksOf user={loaded.id} />}
      {conflict !== undefined && (
        <ConflictDialog
          conflict={conflict}
          mine={bodyOf(form)}
          onMine={() => (conflict.intent === 'delete' ? erase(true) : submit(true))}
          onTheirs={() => (settle(), reload?.())}
          onClose={settle}
        />
      )}
    </>
  )
}

function Head({ loaded, erase }: { loaded: User | undefined; erase: () => Promise<void> }) {
  if (loaded === undefined) return <Heading title="Add a user" back={BACK} />
  return (
    <Heading title={loaded.displayName ?? loaded.userName} back={BACK} about={<About user={loaded} />}>
      <Danger
        label="Delete"
        title={`Delete ${loaded.userName}?`}
        question="The account and its links go, and the tokens about it count for nothing."
        confirm="Delete the user"
        act={erase}
      />
    </Heading>
  )
}

/** Its tokens name it by its id. */
function About({ user }: { user: User }) {
  return (
    <>
      <span class="mono">{user.id}</span>
      <br />
      <Changed {...written(user)} />
    </>
  )
}

function Account({ form, set }: { form: UserForm; set: (change: Partial<UserForm>) => void }) {
  return (
    <Group title="Account">
      <div class="grid-2">
        <Text label="Username" name="userName" value={form.userName} onInput={(userName) => set({ userName })} required hint="DOMAIN/name is a user of another user store." />
        <Text label="Name to show" name="displayName" value={form.displayName} onInput={(displayName) => set({ displayName })} />
        <Text label="E-mail address" name="emails" type="email" value={form.email} onInput={(email) => set({ email })} />
        <Text label="Mobile number" name="phoneNumbers" type="tel" value={form.phone} onInput={(phone) => set({ phone })} />
      </div>
      <Tick label="Enabled" toggle name="active" checked={form.enabled} onChange={(enabled) => set({ enabled })} hint="No token is issued for a user who is not." />
      <Tick label="Locked" toggle checked={form.locked} onChange={(locked) => set({ locked })} hint="Counts at once, on every server." />
    </Group>
  )
}
