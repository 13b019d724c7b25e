/** Reads of an X.509 certificate whose it is and when it is valid. Nothing is verified here: the server decides whether it is used. */

export interface Certified {
  /** The common name of the subject; without one, its first name of another kind. */
  subject: string
  /** Seconds since the epoch. */
  notBefore: number
  notAfter: number
  /** Equal for equal certificates. */
  identity: string
}

export type Validity = 'valid' | 'expiring' | 'expired' | 'early'

const SOON_SECONDS = 30 * 86_400

export function validityOf({ notBefore, notAfter }: Certified, now: number): Validity {
  if (now > notAfter) return 'expired'
  if (now < notBefore) return 'early'
  return notAfter - now < SOON_SECONDS ? 'expiring' : 'valid'
}

/** The state of the certificates of one issuer: that of the one which lasts longest. */
export function lastOf(certificates: string[], now: number): { validity: Validity; certified: Certified } | undefined {
  const read = certificates.map(certified).filter((one) => one !== undefined)
  const usable = read.filter((one) => now >= one.notBefore)
  const last = (usable.length > 0 ? usable : read).sort((one, other) => other.notAfter - one.notAfter)[0]
  return last === undefined ? undefined : { validity: validityOf(last, now), certified: last }
}

/** PEM, or the base64 of DER; `undefined` for anything else. */
export function certified(text: string): Certified | undefined {
  const pem = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----([\s\S]*?)-----END/.exec(text)
  const base64 = (pem?.[1] ?? text).replace(/\s/g, '')
  try {
    return { ...read(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))), identity: base64 }
  } catch {
    return undefined
  }
}

/** A value in DER: its tag, its content, and what follows it. */
interface Value {
  tag: number
  content: Uint8Array
  rest: Uint8Array
}

function next(bytes: Uint8Array): Value {
  const [tag, first] = bytes
  if (tag === undefined || first === undefined) throw new Error('too short')
  const extra = first < 0x80 ? 0 : first & 0x7f
  let length = extra === 0 ? first : 0
  for (let at = 0; at < extra; at++) length = length * 256 + bytes[2 + at]!
  const start = 2 + extra
  if (!(start + length <= bytes.length)) throw new Error('too short')
  return { tag, content: bytes.subarray(start, start + length), rest: bytes.subarray(start + length) }
}

function values(bytes: Uint8Array): Value[] {
  const found: Value[] = []
  for (let rest = bytes; rest.length > 0; rest = found.at(-1)!.rest) found.push(next(rest))
  return found
}

const VERSION = 0xa0

/** RFC 5280 section 4.1: Certificate and TBSCertificate. */
function read(bytes: Uint8Array): Omit<Certified, 'identity'> {
  const tbs = values(next(next(bytes).content).content)
  const members = tbs[0]?.tag === VERSION ? tbs.slice(1) : tbs
  const [, , , validity, subject] = members
  const [from, until] = values(validity!.content)
  return { subject: nameOf(subject!.content), notBefore: time(from!), notAfter: time(until!) }
}

/** The object identifier of the common name, 2.5.4.3. */
const COMMON_NAME = '85,4,3'

function nameOf(sequence: Uint8Array): string {
  const names = values(sequence).flatMap(({ content }) => values(content).map((pair) => values(pair.content)))
  const name = names.find(([kind]) => kind!.content.join() === COMMON_NAME) ?? names[0]
  return name === undefined ? '' : new TextDecoder().decode(name[1]!.content)
}

const UTC_TIME = 0x17

/** RFC 5280 section 4.1.2.5: `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`. */
function time({ tag, content }: Value): number {
  const text = new TextDecoder().decode(content)
  const digits = tag === UTC_TIME ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text
  const [year, month, day, hour, minute, second] = [digits.slice(0, 4), ...digits.slice(4).match(/\d\d/g)!].map(Number)
  const at = Date.UTC(year!, month! - 1, day, hour, minute, second) / 1000
  if (Number.isNaN(at)) throw new Error('no time')
  return at
}
