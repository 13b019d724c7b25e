/** What a request to a protected API brings, and what is demanded of it, as the engine takes both. */
import type { Presented } from './engine.js'
import { DPOP_PROOF, listOf, text, textsOf } from './exchange.js'
import { type Names, checkMembers } from './members.js'
import type { AccessOptions } from './options.js'

const ACCESS_OPTIONS: Names<AccessOptions> = { scopes: true, audience: true, origin: true, dpop: true, certificate: true }

/** As the engine takes it. */
interface Access {
  readonly token: Presented
  readonly scopes: readonly string[]
  readonly audiences: readonly string[]
}

/** @throws {TypeError} when an option is unknown, or is not what it should be */
export function accessOf(request: Request | string, options: AccessOptions): Access {
  checkMembers('authenticate', options, ACCESS_OPTIONS)
  const { scopes = [], audience, origin, dpop } = options
  const token = typeof request === 'string' ? bare(request, dpop) : presented(request, origin)
  return { token, scopes: textsOf('scopes', scopes), audiences: audiencesOf(audience) }
}

/** @throws {TypeError} for a list without any, which would let in tokens for every audience */
function audiencesOf(audience: AccessOptions['audience']): readonly string[] {
  if (audience === undefined) return []
  const audiences = listOf('audience', audience)
  if (audiences.length === 0) throw new TypeError('`audience` is an empty list: name an audience, or leave it out to let in tokens for any')
  return audiences
}

/** The scheme says whether there is a proof; where the client sent its request is configured, and not what its headers say. */
function presented({ method, url, headers }: Request, origin: string | undefined): Presented {
  const header = headers.get('authorization') ?? undefined
  const proof = headers.get('dpop') ?? undefined
  if (proof === undefined || origin === undefined) return { header, proof, method, url: undefined }
  return { header, proof, method, url: origin.replace(/\/+$/, '') + new URL(url).pathname }
}

function bare(token: string, dpop: AccessOptions['dpop']): Presented {
  if (dpop === undefined) return { token, proof: undefined, method: undefined, url: undefined }
  checkMembers('dpop', dpop, DPOP_PROOF)
  const { proof, method, url } = dpop
  return { token, proof: text('proof', proof), method: text('method', method), url: text('url', url) }
}
