/** The roles of a user. */
import { allOf, ROLES } from '../../api.ts'
import type { Role } from '../../model.ts'
import { t } from '../../texts/index.ts'
import { Tick } from '../../ui/fields.tsx'
import { Group } from '../../ui/groups.tsx'
import { useLoaded } from '../../ui/loaded.ts'
import { Badge, LoadState, Ticked } from '../../ui/words.tsx'

interface RolesProps {
  /** By name, including roles that no longer exist. */
  roles: string[]
  onChange: (roles: string[]) => void
}

export function Roles({ roles, onChange }: RolesProps) {
  const loaded = useLoaded(() => allOf<Role>(ROLES), [])
  const { data } = loaded
  const words = t().roles
  const put = (name: string, on: boolean) => onChange(on ? [...roles, name] : roles.filter((one) => one !== name))
  const gone = data === undefined ? [] : roles.filter((name) => data.every((role) => role.id !== name))
  return (
    <Group title={words.title} name="roles" hint={words.about}>
      <LoadState of={loaded} loading={words.loading} />
      {data?.length === 0 && gone.length === 0 && (
        <p>
          <Ticked text={words.none} />
        </p>
      )}
      {data?.map(({ id, displayName, permissions }) => (
        <Tick key={id} label={displayName} hint={<Scopes scopes={permissions} />} checked={roles.includes(id)} onChange={(on) => put(id, on)} />
      ))}
      {gone.map((name) => (
        <Tick key={name} label={<Gone name={name} />} hint={words.goneHint} checked onChange={() => put(name, false)} />
      ))}
    </Group>
  )
}

function Scopes({ scopes }: { scopes: string[] }) {
  if (scopes.length === 0) return <>{t().roles.grantsNothing}</>
  return (
    <>
      {t().roles.grants}{' '}
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
      {name} <Badge kind="warn">{t().roles.gone}</Badge>
    </>
  )
}
