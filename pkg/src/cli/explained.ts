/** An explanation as a person reads it at a terminal. */
import type { Explanation } from '../generated/results.js'
import { colours, printable, printableJson, table } from './terminal.js'

const MARKS = { pass: '✓', fail: '✗', audit: '!', unavailable: '?' } as const

export function printExplained(explained: Explanation, client: string): void {
  const { good, bad, faint, strong } = colours(process.stdout)
  const { checks, parties } = explained
  const width = Math.max(0, ...checks.map(({ code }) => code.length))
  for (const { code, outcome, detail = '' } of checks) {
    const paint = outcome === 'pass' ? good : bad
    console.log(`${paint(MARKS[outcome])} ${detail === '' ? code : `${code.padEnd(width)}  ${faint(printable(detail))}`}`)
  }
  const audited = checks.some(({ outcome }) => outcome === 'audit')
  if (audited) console.log(faint('! would refuse, were the condition not in audit mode'))

  const who = { issuer: parties?.trustedTokenIssuer, subject: parties?.subject }
  if (explained.granted) {
    console.log(`\n${good(strong('granted'))} to ${client}`)
    console.log(table([['issuer', who.issuer], ['subject', who.subject], ...issuedRows(explained)]))
    // The `jti` is drawn when a token is really made.
    const { jti: _, ...claims } = explained.issued?.claims ?? {}
    console.log(`\n${printableJson(claims)}`)
  } else {
    console.log(`\n${bad(strong('refused'))}: ${explained.error}, ${printable(explained.error_description ?? '')}`)
    const { reason, claim, cause, remedy } = explained
    console.log(
      table([['issuer', who.issuer], ['subject', who.subject], ['claim', claim], ['reason', reason], ['cause', cause], ['remedy', remedy]]),
    )
  }
}

function issuedRows({ issued }: Explanation): [string, string | undefined][] {
  if (issued === undefined) return []
  const { issued_token_type: type, expires_in: lifetime, scope } = issued.reply
  return [
    ['would get', typeof type === 'string' ? type.replace(/^.*:/, '') : 'access_token'],
    ['for', lifetime === undefined ? undefined : `${lifetime} seconds`],
    ['scope', typeof scope === 'string' ? scope || 'none' : 'none'],
    ['beside', issued.refreshToken ? 'a refresh token' : undefined],
  ]
}
