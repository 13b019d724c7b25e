/** A certificate authority of a company, and a certificate of it for a host. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Files of an authority in this directory, and key and certificate for the host. */
export function authority(directory, host) {
  const at = (name) => join(directory, name)
  const openssl = (...args) => execFileSync('openssl', args, { stdio: 'ignore' })
  const request = ['req', '-newkey', 'rsa:2048', '-nodes']
  openssl(...request, '-x509', '-keyout', at('ca.key'), '-out', at('ca.pem'), '-subj', '/CN=Company authority', '-days', '30')
  openssl(...request, '-keyout', at('host.key'), '-out', at('host.csr'), '-subj', `/CN=${host}`)
  writeFileSync(at('host.ext'), `subjectAltName=DNS:${host}\n`)
  openssl('x509', '-req', '-in', at('host.csr'), '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '30', '-extfile', at('host.ext'), '-out', at('host.pem'))
  return { ca: at('ca.pem'), tls: { key: readFileSync(at('host.key')), cert: readFileSync(at('host.pem')) } }
}
