/** What becomes of the bound tokens of an issuer (`boundTokens`). What a row of the requirements asks for stands in brackets. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

import { calculateJwkThumbprint } from 'jose'

import { GRANT, TYPE, granted, refused, suite } from '../case.mjs'
import { makeCertificates } from '../certificates.mjs'
import { publicJwk } from '../keys.mjs'
import { NOW, US, jwt } from '../token.mjs'

makeCertificates()

const config = 'bound-tokens'
const BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const basic = ['web', 'web-secret-for-tests']
const ISSUERS = { require: 'https://idp.example', refuse: 'https://closed.example', ignore: 'https://open.example' }
const members = (name) => {
  const { kty, crv, x, y } = publicJwk(name)
  return { kty, crv, x, y }
}
const [JKT, OTHER] = await Promise.all(['robot-es256', 'machine-es256'].map((name) => calculateJwkThumbprint(members(name))))
const der = (name) => Buffer.from(readFileSync(new URL(`../../keys/${name}.pem`, import.meta.url), 'utf8').replace(/-----[^-]+-----|\s/g, ''), 'base64')
const x5t = (name) => createHash('sha256').update(der(name)).digest('base64url')
const tls = (name) => ({ certificate: { der: der(name).toString('base64'), verified: true } })

let count = 0
async function proof(name) {
  const made = await jwt({
    key: name,
    header: { typ: 'dpop+jwt', kid: undefined, jwk: members(name) },
    claims: { iss: undefined, sub: undefined, aud: undefined, exp: undefined, iat: NOW, jti: `bound-token-proof-${++count}`, htm: 'POST', htu: `${US}/oauth2/token` },
  })
  return [['dpop', made.text]]
}

/** What a token is bound to, and what its sender may have: `right` is what the token is bound to. */
const BOUND = {
  key: { cnf: { jkt: JKT }, right: { headers: await proof('robot-es256') }, other: { headers: await proof('machine-es256') }, faults: ['binding.no_proof', 'binding.other_key'] },
  certificate: { cnf: { 'x5t#S256': x5t('client-es256') }, right: { connection: tls('client-es256') }, other: { connection: tls('client-spiffe') }, faults: ['binding.no_certificate', 'binding.other_certificate'] },
  unknown: { cnf: { jku: 'https://keys.example', kid: '1' }, right: { headers: await proof('robot-es256') }, faults: ['binding.unknown', 'binding.unknown'] },
}
/** Where a token is brought, with what an unacceptable one is there. */
const PLACES = {
  subject_token: { error: 'invalid_request', form: (token) => ({ grant_type: GRANT, subject_token: token, subject_token_type: TYPE('jwt') }) },
  actor_token: { error: 'invalid_request', form: (token) => ({ grant_type: GRANT, subject_token: {}, subject_token_type: TYPE('jwt'), actor_token: token, actor_token_type: TYPE('jwt') }) },
  assertion: { error: 'invalid_grant', form: (token) => ({ grant_type: BEARER, assertion: token }) },
}

suite('bound-tokens', ({ steps }) => {
  const one = (name, about, step) => steps(name, about, config, [step])
  for (const [place, { error, form }] of Object.entries(PLACES)) {
    const short = place.replace('_token', '')
    for (const [kind, { cnf, right, other, faults: [none, wrong] }] of Object.entries(BOUND)) {
      const ask = (mode, sent) => ({ request: { basic, ...sent, form: form({ claims: { iss: ISSUERS[mode], cnf } }) } })
      const senders = Object.entries({ 'nothing': {}, 'the-right-one': right, 'another': other }).filter(([, sent]) => sent !== undefined)
      for (const [having, sent] of senders) {
        const name = (mode) => `${mode}-${short}-${kind}-with-${having}`
        const isGood = having === 'the-right-one' && kind !== 'unknown'
        const fault = having === 'nothing' ? none : wrong
        one(name('require'), 'With `require` the sender of a bound token proves that it has the key or the certificate.', isGood ? granted(ask('require', sent)) : refused(`${place}.${fault}`, { ...ask('require', sent), expect: { error: 'invalid_grant' } }))
        one(name('refuse'), 'With `refuse` a bound token is refused, whatever its sender has.', refused(`${place}.binding.refused`, { ...ask('refuse', sent), expect: { error } }))
        one(name('ignore'), 'With `ignore` the binding is not asked for, which the audit line says.', granted(ask('ignore', sent)))
      }
    }
    for (const mode of ['refuse', 'ignore']) {
      one(`${mode}-${short}-that-is-not-bound`, 'A token without `cnf` is like every other one, and nothing is said about it.', granted({ request: { basic, form: form({ claims: { iss: ISSUERS[mode] } }) } }))
    }
  }
  const exchange = (mode, cnf, sent) => ({ request: { basic, ...sent, form: PLACES.subject_token.form({ claims: { iss: ISSUERS[mode], cnf } }) } })
  one('ignored-and-not-bound', 'What is issued for a token whose binding is ignored is bound to nothing.', granted({ ...exchange('ignore', { jkt: JKT }), expect: { body: { token_type: 'Bearer' }, claims: { cnf: null } } }))
  one('ignored-and-bound-to-its-own', 'A client that sends a proof gets a token for its own key.', granted({ ...exchange('ignore', { jkt: JKT }, BOUND.key.other), expect: { body: { token_type: 'DPoP' }, claims: { cnf: { jkt: OTHER } } } }))
  one('ignored-certificate', 'A certificate of the connection is not taken for the one of the token.', granted({ ...exchange('ignore', { 'x5t#S256': x5t('client-es256') }, BOUND.certificate.other), expect: { claims: { cnf: null } } }))

  const grant = (mode, cnf, sent, type = BEARER) => ({
    request: { basic, ...sent, form: { grant_type: type, assertion: { header: { typ: 'oauth-id-jag+jwt' }, claims: { iss: ISSUERS[mode], client_id: 'web', jti: `bound-grant-${mode}`, cnf } } } },
  })
  const notGranted = (reason, step) => refused(reason, { ...step, expect: { error: 'invalid_grant' } })
  one('ignore-id-jag-with-nothing', 'The key of an identity assertion grant is asked for, whatever is configured.', notGranted('assertion.binding.no_proof', grant('ignore', { jkt: JKT })))
  one('ignore-id-jag-with-another', 'Another key is not the one of the grant.', notGranted('assertion.binding.other_key', grant('ignore', { jkt: JKT }, BOUND.key.other)))
  one('ignore-id-jag-with-the-right-one', 'With its key it counts, and so does what is issued for it.', granted({ ...grant('ignore', { jkt: JKT }, BOUND.key.right), expect: { body: { token_type: 'DPoP' }, claims: { cnf: { jkt: JKT } } } }))
  one('refuse-id-jag', 'Where bound tokens are refused, bound grants are.', notGranted('assertion.binding.refused', grant('refuse', { jkt: JKT }, BOUND.key.right)))

  const asked = (client, mode) => ({
    request: { form: { grant_type: 'client_credentials', client_id: client, client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion: { claims: { iss: ISSUERS[mode], sub: 'pod', cnf: { jkt: JKT } } } } },
  })
  one('client-assertion', 'A bound token authenticates no client: nobody proves its key there.', refused('client_assertion.binding.refused', { ...asked('closed-pod', 'require'), expect: { status: 401, error: 'invalid_client' } }))
  one('client-assertion-ignored', 'Unless the binding is ignored.', granted(asked('pod', 'ignore')))
})
