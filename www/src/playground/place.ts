/** Where the result of a check can be changed: a field of the console, or a line of the configuration. */
import type { About } from '../about.ts'
import type { Known } from '../known.ts'
import { link, to } from '../route.ts'
import { t } from '../texts/index.ts'
import { issuersOf, parsed } from './draft.ts'
import { decoded } from './jwt.ts'
import type { Place } from './trace.tsx'

interface Seen {
  /** It was decided on the server. */
  there: boolean
  server: Known | undefined
  /** The subject token. */
  token: string
  /** The name of the trusted token issuer that the decision names. */
  issuer: string | undefined
  config: string
  clientId: string
}

export function placeOf({ there, server, token, issuer, config, clientId }: Seen): Place {
  // An issued token comes from a trusted token issuer that is not its `iss`.
  const known = there ? (server?.issuers ?? []) : issuersOf(parsed(config))
  const claims = decoded(token).payload
  const iss = known.find(({ name }) => name === issuer)?.issuer ?? claims?.['iss']
  const audience = [claims?.['aud']].flat().find((one): one is string => typeof one === 'string')
  return (about) => {
    if (about.of === undefined) return undefined
    if (!there) return inConfiguration(about, clientId, iss)
    return server === undefined ? undefined : onServer(about, server, clientId, iss, audience)
  }
}

function onServer({ of, field }: About, server: Known, clientId: string, iss: unknown, audience: string | undefined): ReturnType<Place> {
  const query = { field, back: 'playground' }
  if (of === 'user') return { href: to('users'), label: t().place.users }
  if (of === 'application') {
    const application = server.applications.find((one) => one.clientId === clientId)
    return application && { href: link(['applications', application.id], query), label: application.name }
  }
  const issuer = server.issuers.find((one) => one.issuer === iss)
  // The page of the issuer can take over the audience that the token has.
  const seen = field === 'alias' ? audience : undefined
  if (issuer !== undefined) return { href: link(['issuers', issuer.id], { ...query, seen }), label: issuer.name }
  // Only an unknown issuer can be registered.
  if (field !== 'issuer') return undefined
  return { href: link(['issuers', 'new'], { issuer: String(iss ?? ''), back: 'playground' }), label: t().place.newIssuer }
}

function inConfiguration({ of, field }: About, clientId: string, iss: unknown): ReturnType<Place> {
  const anchor = of === 'application' ? `"clientId": ${JSON.stringify(clientId)}` : of === 'issuer' ? `"issuer": ${JSON.stringify(iss)}` : '"users"'
  const label = field === undefined ? t().place.configuration : t().place.inConfiguration(field.split('.')[0]!)
  return { act: () => point(anchor, field), label }
}

/** Selects the member in the text of the configuration. */
function point(anchor: string, field: string | undefined): void {
  const area = document.querySelector<HTMLTextAreaElement>('#configuration textarea')
  if (area === null) return
  const start = Math.max(0, area.value.indexOf(anchor))
  const named = field === undefined ? -1 : area.value.indexOf(`"${field.split('.')[0]}"`, start)
  const [from, length] = named < 0 ? [start, anchor.length] : [named, field!.split('.')[0]!.length + 2]
  area.focus()
  area.setSelectionRange(from, from + length)
  const line = area.value.slice(0, from).split('\n').length
  area.scrollTop = Math.max(0, (line - 4) * Number.parseFloat(getComputedStyle(area).lineHeight))
  area.scrollIntoView({ block: 'center' })
}
