/** The form of a local user, and the SCIM resource that it stands for. */
import type { User } from '../../model.ts'

const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User'
const WSO2 = 'urn:scim:wso2:schema'

export interface UserForm {
  userName: string
  displayName: string
  email: string
  phone: string
  roles: string[]
  enabled: boolean
  locked: boolean
}

export const formOf = (user?: User): UserForm => ({
  userName: user?.userName ?? '',
  displayName: user?.displayName ?? '',
  email: user?.emails?.find((one) => one.primary)?.value ?? user?.emails?.[0]?.value ?? '',
  phone: user?.phoneNumbers?.[0]?.value ?? '',
  roles: (user?.roles ?? []).map((role) => role.value),
  enabled: user?.active ?? true,
  locked: user?.[WSO2]?.accountLocked ?? false,
})

/** The attributes that the form has. Others are left as they are. */
function attributes(form: UserForm): Record<string, unknown> {
  return {
    userName: form.userName.trim(),
    displayName: form.displayName.trim(),
    active: form.enabled,
    emails: form.email.trim() === '' ? [] : [{ value: form.email.trim(), primary: true }],
    phoneNumbers: form.phone.trim() === '' ? [] : [{ value: form.phone.trim(), type: 'mobile' }],
    roles: form.roles.map((value) => ({ value })),
    [`${WSO2}:accountLocked`]: form.locked,
  }
}

const isEmpty = (value: unknown) => value === '' || (Array.isArray(value) && value.length === 0)

/** A new user. */
export function bodyOf(form: UserForm): Record<string, unknown> {
  const { [`${WSO2}:accountLocked`]: accountLocked, ...core } = attributes(form)
  const given = Object.entries(core).filter(([, value]) => !isEmpty(value))
  return { schemas: [CORE, WSO2], ...Object.fromEntries(given), [WSO2]: { accountLocked } }
}

/** The operations that turn the one into the other (RFC 7644 section 3.5.2). */
export function operations(before: UserForm, after: UserForm) {
  const was = attributes(before)
  return Object.entries(attributes(after)).flatMap(([path, value]) => {
    if (JSON.stringify(value) === JSON.stringify(was[path])) return []
    return [isEmpty(value) ? { op: 'remove', path } : { op: 'replace', path, value }]
  })
}
