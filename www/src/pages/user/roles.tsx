/** The roles of a user, of those that there are. */
import { allOf, ROLES } from '../../api.ts'
import type { Role } from '../../model.ts'
import { Tick } from '../../ui/fields.tsx'
import { Group } from '../../ui/groups.tsx'
import { useLoaded } from '../../ui/loaded.ts'
import { Badge, ErrorNotice, Loading } from '../../ui/words.tsx'

interface RolesProps {
  /** By name; those, too, that are not there any more. */
  roles: string[]
  onChange: (roles: string[]) => void
}

export function Roles({ roles, onChange }: RolesProps) {
  const { data, error, reload } = useLoaded(() => allOf<Role>(ROLES), [])
  const put = (name: string, on: boolean) => onChange(on ? [...roles, name] : roles.filter((one) => one !== name))
  const gone = data === undefined ? [] : roles.filter((name) => data.every((role) => role.id !== name))
  return (
    <Group title="Roles" name="roles" hint="They grant scopes, beside those of the application.">
      <ErrorNotice error={error} onRetry={reload} />
      {data === undefined && error === undefined && <Loading what="the roles" />}
      {data?.length === 0 && gone.length === 0 && (
        <p>
          There are none. They stand in the configuration document, under <code>roles</code>.
        </p>
      )}
      {data?.map(({ id, displayName, permissions }) => (
        <Tick key={id} label={displayName} hint={<Scopes scopes={permissions} />} checked={roles.includes(id)} onChange={(on) => put(id, on)} />
      ))}
      {gone.map((name) => (
        <Tick key={name} label={<Gone name={name} />} hint="It grants nothing. Taken away, it cannot be given again." checked onChange={() => put(name, false)} />
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
