/**
 * A self-signed certificate. Node reads certificates but does not make them,
 * so the few structures of RFC 5280 section 4.1 are put together here.
 */
import { randomBytes, sign } from 'node:crypto'

const HOUR_MS = 3_600_000
const SHA256_WITH_RSA = Buffer.from('300d06092a864886f70d01010b0500', 'hex')
const COMMON_NAME = Buffer.from('0603550403', 'hex')

/** PEM for an RSA key pair, good for a year. */
export function selfSigned({ publicKey, privateKey }, commonName) {
  const name = sequence(set(sequence(COMMON_NAME, der(0x0c, Buffer.from(commonName)))))
  const toBeSigned = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    // Positive, and no byte too long.
    integer(Buffer.concat([Buffer.from([0x4d]), randomBytes(15)])),
    SHA256_WITH_RSA,
    name,
    sequence(utcTime(Date.now() - HOUR_MS), utcTime(Date.now() + 365 * 24 * HOUR_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  )
  const signature = sign('sha256', toBeSigned, privateKey)
  const bytes = sequence(toBeSigned, SHA256_WITH_RSA, der(0x03, Buffer.from([0]), signature))
  const lines = bytes.toString('base64').match(/.{1,64}/g).join('\n')
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}

function der(tag, ...contents) {
  const content = Buffer.concat(contents)
  const length = []
  for (let rest = content.length; rest > 0; rest >>>= 8) length.unshift(rest & 0xff)
  const head = content.length < 0x80 ? [tag, content.length] : [tag, 0x80 | length.length, ...length]
  return Buffer.concat([Buffer.from(head), content])
}

const sequence = (...contents) => der(0x30, ...contents)
const set = (content) => der(0x31, content)
const integer = (content) => der(0x02, content)
const utcTime = (ms) => der(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]|\..*/g, '').slice(2)}Z`))
