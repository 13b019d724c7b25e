/** What reverts a change: the members that it changed get the values from before. */
import { APPLICATIONS, call, ISSUERS, linksOf, upTo, USERS } from '../api.ts'
import type { Application, Issuer, IssuerSummary, StoredChange, User } from '../model.ts'
import { t } from '../texts/index.ts'
import { formOf as applicationForm, hasSecret } from './application/form.ts'
import { BY, differences } from './conflict.tsx'
import { formOf as issuerForm, operations } from './issuer/form.ts'
import { formOf as userForm } from './user/form.ts'

type Members = Record<string, unknown>

/** A kind of object whose changes can be reverted. */
interface Kind {
  /** The path of an object in the API. */
  path: (id: string, object: Members) => string
  /** Its pages. */
  place: string
  /** Members that the server makes, or that say the same as others. */
  made: readonly string[]
  /** The body of a PATCH that gives these members the values of `target`. */
  patch: (now: Members, target: Members) => unknown
  /** The form of an object that was deleted. */
  form?: (object: Members) => object
  /** Creates an object that was deleted, where there is nothing to fill in. */
  again?: (object: Members) => Promise<unknown>
}

const KINDS: Record<string, Kind> = {
  'trusted-token-issuer': {
    path: (id) => `${ISSUERS}/${id}`,
    place: 'issuers',
    made: ['id', 'self', 'meta', 'templateId', 'idpIssuerName', 'isPrimary', 'isFederationHub', 'homeRealmIdentifier', 'readOnly', 'overridden', 'keyState'],
    patch: (now, target) => operations(filled(now), filled(target)),
    form: (object) => issuerForm(object as unknown as Issuer),
  },
  application: {
    path: (id) => `${APPLICATIONS}/${id}`,
    place: 'applications',
    made: ['id', 'self', 'meta', 'claimConfiguration', 'inboundProtocols', 'isManagementApp', 'readOnly', 'overridden', 'problems', 'secretChanged'],
    patch: merge,
    form: (object) => applicationForm(object as unknown as Application),
  },
  user: { path: (id) => `${USERS}/${id}`, place: 'users', made: ['id', 'meta', BY], patch: attributes, form: (object) => userForm(object as unknown as User) },
  'federated-association': {
    path: (id, { userId }) => `${linksOf(String(userId))}/${id}`,
    place: 'users',
    made: ['id', 'userId', 'issuer', 'idp', 'origin', 'created', 'createdBy'],
    // A link is made and removed, and never changed.
    patch: () => undefined,
    again: linkAgain,
  },
}

/**
 * Links the subject of a removed link again. The record has the `iss` of the issuer, the API takes its name.
 * The filter of the API ignores letter case, but another `iss` means other accounts, under the same subjects.
 */
async function linkAgain({ userId, issuer, federatedUserId }: Members): Promise<unknown> {
  const similar = await upTo<IssuerSummary>(Infinity, ISSUERS, 'identityProviders', { filter: `issuer eq ${JSON.stringify(issuer)}` })
  const found = similar?.find((one) => one.issuer === issuer)
  if (found === undefined) throw new Error(t().changes.issuerGone(String(issuer)))
  return call('POST', linksOf(String(userId)), { idp: found.name, federatedUserId })
}

/** Without members that are empty: the API shows them where nothing is set. */
const filled = (object: Members) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== ''))

/** A merge patch (RFC 7396). */
function merge(now: Members, target: Members): Members {
  const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value)
  const value = (name: string) => {
    const [is, wanted] = [now[name], target[name]]
    return isObject(is) && isObject(wanted) ? merge(is, wanted) : (wanted ?? null)
  }
  return Object.fromEntries(differences(now, target).map((name) => [name, value(name)]))
}

/** SCIM operations (RFC 7644 section 3.5.2). Attributes of an extension are named one by one. */
function attributes(now: Members, target: Members) {
  const flat = (object: Members) =>
    Object.fromEntries(Object.entries(object).flatMap(([name, value]) => (name.startsWith('urn:') ? Object.entries(value as Members).map(([inner, value]) => [`${name}:${inner}`, value]) : [[name, value]])))
  const [is, wanted] = [flat(now), flat(target)]
  const Operations = differences(is, wanted).map((path) => (wanted[path] === undefined ? { op: 'remove', path } : { op: 'replace', path, value: wanted[path] }))
  return { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations }
}

/** A change that can be reverted. */
export interface Revertible {
  kind: Kind
  id: string
  action: 'create' | 'update' | 'delete'
  before: Members
  after: Members
  /** The members that it changed. */
  members: string[]
}

/** Why a change cannot be reverted. */
export type Obstacle = 'grant' | 'signing-key' | 'several' | 'secret'

/** Why a change that is not `revertible` cannot be reverted. */
export function obstacle({ change: { resource, before, after } }: StoredChange): Obstacle {
  if (resource === 'grant' || resource === 'signing-key') return resource
  return Array.isArray(before ?? after) ? 'several' : 'secret'
}

/** Changes of other kinds, of several objects, and of a secret alone cannot be reverted. */
export function revertible({ change: { resource, id, action, before, after } }: StoredChange): Revertible | undefined {
  const kind = KINDS[resource]
  if (kind === undefined || Array.isArray(before ?? after) || !['create', 'update', 'delete'].includes(action)) return undefined
  const [was, is] = [(before ?? {}) as Members, (after ?? {}) as Members]
  const members = differences(was, is).filter((name) => !kind.made.includes(name))
  if (members.length === 0) return undefined
  return { kind, id, action: action as Revertible['action'], before: was, after: is, members }
}

/** What is sent of an object that was deleted, to create it again. */
export const former = ({ kind: { made }, before }: Revertible): Members => Object.fromEntries(Object.entries(before).filter(([name]) => !made.includes(name)))

/** Members that somebody changed since. For an object that the change created, every member counts. */
export function changedSince({ after, members }: Revertible, now: object): string[] {
  return differences(after, now).filter((name) => members.includes(name))
}

/** The members of an object that the change is about, or the others. */
const part = (object: object, { members }: Revertible, others = false): Members => Object.fromEntries(Object.entries(object).filter(([name]) => members.includes(name) !== others))

/** What becomes of the client secret of an application when the change is reverted. */
export function secretOf(of: Revertible, now: object): 'made' | 'ended' | undefined {
  if (of.kind !== KINDS['application']) return undefined
  const then = { ...part(now, of, true), ...part(of.before, of) }
  const [is, becomes] = [now, then].map((one) => hasSecret(one as Application))
  return is === becomes ? undefined : becomes ? 'made' : 'ended'
}

/** The body that gives the members of the change their values from before, and leaves all others. */
export const bodyOf = (of: Revertible, now: object): unknown => of.kind.patch(part(now, of), part(of.before, of))
