/** Details of passed checks that the engine's trace leaves out, taken from the token. */
import type { Check } from '../model.ts'
import { t } from '../texts/index.ts'
import { decoded } from './jwt.ts'

/** By the end of the code of a check of the subject token. */
const OF_TOKEN: Record<string, (header: Record<string, unknown>, payload: Record<string, unknown>) => string> = {
  claims: (_, payload) => ['iss', 'sub', 'aud', 'exp'].filter((name) => name in payload).map((name) => `\`${name}\``).join(', '),
  signature: (header) => t().trace.madeBy(String(header['kid'] ?? t().trace.noKid)),
  replay: (_, payload) => t().trace.notSeen(String(payload['jti'])),
}

function detail(code: string, token: string, grant: string): string | undefined {
  if (code === 'grant_type.allowed') return t().grants[grant as 'refresh_token']?.label ?? grant
  if (code === 'target.scope') return t().trace.none
  const [role, check = ''] = code.split('.')
  const { header, payload } = decoded(token)
  if ((role !== 'subject_token' && role !== 'assertion') || header === undefined || payload === undefined) return undefined
  return OF_TOKEN[check]?.(header, payload)
}

export function compared(checks: Check[], token: string, grant: string): Check[] {
  return checks.map((check) => {
    if (check.outcome !== 'pass' || (check.detail ?? '') !== '') return check
    const found = detail(check.code, token, grant)
    return found === undefined ? check : { ...check, detail: found }
  })
}
