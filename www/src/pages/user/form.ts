/** The form of a local user, and the SCIM resource that it stands for. */
import { emailOf, phoneOf, type Several, type User } from '../../model.ts'

const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User'
const WSO2 = 'urn:scim:wso2:schema'

export interface UserForm {
  userName: string
  displayName: string
  /** Of several, the one that the engine uses. */
  email: string
  phone: string
  roles: string[]
  enabled: boolean
  locked: boolean
}

export const formOf = (user?: User): UserForm => ({
  userName: user?.userName ?? '',
  displayName: user?.displayName ?? '',
  email: emailOf(user ?? {})?.value ?? '',
  phone: phoneOf(user ?? {})?.value ?? '',
  roles: (user?.roles ?? []).map((role) => role.value),
  enabled: user?.active ?? true,
  locked: user?.[WSO2]?.accountLocked ?? false,
})

/** The values with `one` as it was typed. The others stay, and so does what else is said of this one. */
function typedIn(values: Several[] = [], one: Several | undefined, typed: string, blank: Omit<Several, 'value'>): Several[] {
  const value = typed.trim()
  if (value === (one?.value ?? '')) return values
  if (one === undefined) return [...values, { value, ...blank }]
  return values.flatMap((each) => (each !== one ? [each] : value === '' ? [] : [{ ...each, value }]))
}

/** The roles that are ticked. What else is said of one that was there stays. */
function ticked(values: Several[] = [], names: string[]): Several[] {
  const added = names.filter((name) => values.every(({ value }) => value !== name))
  return [...values.filter(({ value }) => names.includes(value)), ...added.map((value) => ({ value }))]
}

/** The attributes that the form has, of this user or of a new one. Others, and other values of these, are left as they are. */
function attributes(form: UserForm, of: Partial<User> = {}): Record<string, unknown> {
  return {
    userName: form.userName.trim(),
    displayName: form.displayName.trim(),
    active: form.enabled,
    emails: typedIn(of.emails, emailOf(of), form.email, { primary: true }),
    phoneNumbers: typedIn(of.phoneNumbers, phoneOf(of), form.phone, { type: 'mobile' }),
    roles: ticked(of.roles, form.roles),
    [`${WSO2}:accountLocked`]: form.locked,
  }
}

const isEmpty = (value: unknown) => value === '' || (Array.isArray(value) && value.length === 0)

/** The resource, as far as the form has it; with the values of this user that the form does not show. */
export function bodyOf(form: UserForm, of?: Partial<User>): Record<string, unknown> {
  const { [`${WSO2}:accountLocked`]: accountLocked, ...core } = attributes(form, of)
  const given = Object.entries(core).filter(([, value]) => !isEmpty(value))
  const state = of?.[WSO2]
  // It always says the contrary of `active`.
  const disabled = state?.accountDisabled === undefined ? {} : { accountDisabled: !form.enabled }
  return { schemas: [CORE, WSO2], ...Object.fromEntries(given), [WSO2]: { ...state, accountLocked, ...disabled } }
}

/** The operations that make of a user what the form says (RFC 7644 section 3.5.2). */
export function operations(of: User, form: UserForm) {
  const was = attributes(formOf(of), of)
  return Object.entries(attributes(form, of)).flatMap(([path, value]) => {
    if (JSON.stringify(value) === JSON.stringify(was[path])) return []
    return [isEmpty(value) ? { op: 'remove', path } : { op: 'replace', path, value }]
  })
}

/** The other values, which the form does not show. */
export const othersOf = (values: Several[] | undefined, one: Several | undefined) => (values ?? []).filter((each) => each !== one).map(({ value }) => value)
