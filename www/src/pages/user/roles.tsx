/** The roles of a user. */
import { allOf, ROLES } from '../../api.ts'
import type { Role } from '../../model.ts'
import { Tick } from '../../ui/fields.tsx'
import { Group } from '../../ui/groups.tsx'
import { useLoaded } from '../../ui/loaded.ts'
import { Badge, LoadState } from '../../ui/words.tsx'

interface RolesProps {
  /** By name, including roles that no longer exist. */
  roles: string[]
  onChange: (roles: string[]) => void
}

export function Roles({ roles, onChange }: RolesProps) {
  const loaded = useLoaded(() => allOf<Role>(ROLES), [])
  const { data } = loaded
  const put = (name: string, on: boolean) => onChange(on ? [...roles, name] : roles.filter((one) => one !== name))
  const gone = data === undefined ? [] : roles.filter((name) => data.every((role) => role.id !== name))
  return (
    <Group title="Roles" name="roles" hint="Roles grant scopes, in addition to those of the application.">
      <LoadState of={loaded} what="the roles" />
      {data?.length === 0 && gone.length === 0 && (
        <p>
          There are no roles. Add them to the configuration document, under <code>roles</code>.
        </p>
      )}
      {data?.map(({ id, displayName, permissions }) => (
        <Tick key={id} label={displayName} hint={<Scopes scopes={permissions} />} checked={roles.includes(id)} onChange={(on) => put(id, on)} />
      ))}
      {gone.map((name) => (
        <Tick key={name} label={<Gone name={name} />} hint="It grants nothing. Once you remove it, it cannot be added again." checked onChange={() => put(name, false)} />
      ))}
    </Group>
  )
}

function Scopes({ scopes }: { scopes: string[] }) {
  if (scopes.length === 0) return <>grants nothing</>
  return (
    <>
      grants{' '}
      {scopes.map((scope, index) => (
        <>
          {index > 0 && ', '}
          <code>{scope}</code>
        </>
      ))}
    </>
  )
}

function Gone({ name }: { name: string }) {
  return (
    <>
      {name} <Badge kind="warn">not in the configuration</Badge>
    </>
  )
}
