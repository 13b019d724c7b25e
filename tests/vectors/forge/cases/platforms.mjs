/** Clients that the token of a trusted token issuer authenticates. What a row of the requirements asks for stands in brackets. */
import { GRANT, TYPE, granted, refused, suite, unavailable } from '../case.mjs'
import { NOW, US } from '../token.mjs'

const config = 'platforms'
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:'
const CHALLENGE = { 'www-authenticate': 'Basic realm="token", charset="UTF-8"' }
const K8S = { 'kubernetes.io': { namespace: 'ci', node: { name: 'n1' }, serviceaccount: { name: 'deployer', uid: 'u1' } } }

const PLATFORMS = {
  cluster: { key: 'idp-es256', header: { typ: undefined }, claims: { iss: 'https://kubernetes.example', sub: 'system:serviceaccount:ci:deployer', aud: [US], exp: NOW + 3600, iat: NOW, ...K8S } },
  ci: { key: 'globex-es256', claims: { iss: 'https://ci.example', sub: 'repo:acme/app:ref:refs/heads/main', exp: NOW + 300, iat: NOW, jti: 'run-1' } },
  'slow-ci': { key: 'globex-es256', claims: { iss: 'https://slow-ci.example', sub: 'project_path:acme/app', exp: NOW + 3 * 3600, iat: NOW } },
  mesh: { key: 'idp-es384', type: 'jwt-spiffe', claims: { iss: undefined, iat: undefined, sub: 'spiffe://acme.example/ns/ci/sa/agent', aud: [US], exp: NOW + 300 } },
}

/** A request for a token about the client, which has the token of its platform. */
function asked(platform, { claims, header, form, type, ...spec } = {}) {
  const made = PLATFORMS[platform]
  return {
    request: {
      form: {
        grant_type: 'client_credentials',
        client_assertion_type: `${ASSERTION}${type ?? made.type ?? 'jwt-bearer'}`,
        client_assertion: { key: made.key, ...spec, header: { ...made.header, ...header }, claims: { ...made.claims, ...claims } },
        ...form,
      },
    },
  }
}
const failed = (reason, step) => refused(reason, { ...step, expect: { status: 401, error: 'invalid_client', headers: CHALLENGE, ...step.expect } })
const of = (reason) => `client_assertion.${reason}`

suite('platform-token', ({ steps }) => {
  const one = (name, about, step) => steps(name, about, config, [step])
  const accept = (name, about, client, ...sent) => one(name, about, granted({ ...asked(...sent), expect: { claims: { client_id: client, sub: client } } }))
  const fail = (name, about, reason, ...sent) => one(name, about, failed(reason, asked(...sent)))

  accept('service-account', 'The token of a Kubernetes service account authenticates a client: it has neither `typ` nor `jti` (CA-08, CA-09).', 'deployer', 'cluster')
  accept('service-account-as-text', 'Our issuer may be the audience as a text (CA-01).', 'deployer', 'cluster', { claims: { aud: US } })
  accept('with-client-id', 'The client may be named as well (CA-07).', 'deployer', 'cluster', { form: { client_id: 'deployer' } })
  accept('ci-job', 'The token of a CI job authenticates a client (CA-08).', 'job', 'ci')
  accept('typed', 'A token may say that it authenticates a client (CA-03).', 'job', 'ci', { header: { typ: 'client-authentication+jwt' } })
  accept('svid', 'A JWT-SVID authenticates a client, without `iss` and `iat` (CA-10).', 'agent', 'mesh')
  accept('svid-jose', 'A JWT-SVID may be of `typ` `JOSE` (SPIFFE JWT-SVID section 2.3).', 'agent', 'mesh', { header: { typ: 'JOSE' } })
  accept('svid-with-an-issuer', 'The `iss` of a JWT-SVID is not used (CA-10).', 'agent', 'mesh', { claims: { iss: 'https://idp.example' } })
  accept('svid-with-client-id', 'A JWT-SVID may come with `client_id` (CA-07).', 'agent', 'mesh', { form: { client_id: 'agent' } })
  steps('again', 'The token of a platform is used again and again, and its signature is verified each time or remembered (CA-09).', config, [
    granted(asked('cluster')), granted(asked('cluster')), granted({ now: NOW + 3599, ...asked('cluster') }),
    failed(of('claim.exp.expired'), { now: NOW + 3630, ...asked('cluster') }),
  ])
  steps('counts-once', 'Where the tokens of an issuer count once, each authenticates once (CA-08).', config, [granted(asked('ci')), failed(of('replay.seen'), asked('ci')), granted(asked('ci', { claims: { jti: 'run-2' } }))])
  steps('store-down', 'When nobody knows whether a token was used, it is not accepted, and not lost.', config, [unavailable('store.unavailable', { ...asked('ci'), store: 'failed' }), granted(asked('ci'))])
  steps('keys-unreachable', 'When the keys of the platform are not available, the client is not refused for good.', config, [
    unavailable(of('key.unavailable'), { ...asked('cluster'), fetch: { 'https://idp.example/jwks': ['unreachable'] }, expect: { headers: { 'retry-after': '1' } } }),
    granted({ now: NOW + 1, ...asked('cluster'), fetch: { 'https://idp.example/jwks': [{ body: { $jwks: ['idp-es256'] } }] } }),
  ])
  one('exchange', 'A client that its platform vouches for exchanges tokens of its users.', granted({
    request: { form: { ...asked('cluster').request.form, grant_type: GRANT, subject_token: {}, subject_token_type: TYPE('jwt') } },
    expect: { claims: { client_id: 'deployer', sub: 'user-42', idp: 'https://idp.example' } },
  }))
  steps('introspection', 'It introspects its tokens in the same way.', config, [
    granted(asked('cluster')),
    { request: { target: '/oauth2/introspect', form: { ...asked('cluster').request.form, token: { step: 1, member: 'access_token' } } }, expect: { status: 200, body: { active: true, client_id: 'deployer' } } },
  ])
  accept('three-hours', 'An issuer whose `maxTokenAgeSeconds` says so has tokens that live longer.', 'slow-job', 'slow-ci')

  for (const [name, aud] of Object.entries({ 'the-endpoint': `${US}/oauth2/token`, 'several': [US, 'https://api.example'], 'twice': [US, US], 'with-the-endpoint': [US, `${US}/oauth2/token`] })) {
    fail(`audience-${name}`, 'The issuer of this server is the only audience (CA-01).', of('claim.aud.not_issuer_alone'), 'cluster', { claims: { aud } })
    fail(`svid-audience-${name}`, 'So it is of a JWT-SVID (CA-10).', of('claim.aud.not_issuer_alone'), 'mesh', { claims: { aud } })
  }
  for (const [name, aud] of Object.entries({ 'slash': `${US}/`, 'case': 'https://STS.example', 'alias': `${US}/cluster`, 'other': 'https://other.example' })) {
    fail(`audience-${name}`, 'The audience is compared letter by letter, and no alias of ours counts (CA-02).', of('claim.aud.mismatch'), 'cluster', { claims: { aud } })
  }
  for (const typ of ['at+jwt', 'dpop+jwt', 'oauth-id-jag+jwt', 'txntoken+jwt', 'logout+jwt', 'secevent+jwt']) {
    fail(`typ-${typ.replace('+', '-')}`, 'A token that was made for something else authenticates no client (CA-03).', of('header.typ.mismatch'), 'cluster', { header: { typ } })
  }
  const stranger = of('claim.sub.not_of_client')
  const deployer = { form: { client_id: 'deployer' } }
  fail('another-subject', 'Another service account is nobody here.', 'client.unknown', 'cluster', { claims: { sub: 'system:serviceaccount:ci:other' } })
  fail('another-subject-named', 'Another service account does not become the client by its name (CA-08).', stranger, 'cluster', { claims: { sub: 'system:serviceaccount:ci:other' }, ...deployer })
  for (const [name, sub] of Object.entries({ 'shorter': 'system:serviceaccount:ci:deploye', 'longer': 'system:serviceaccount:ci:deployer2', 'case': 'system:serviceaccount:ci:Deployer', 'space': 'system:serviceaccount:ci:deployer ', 'star': '*', 'client-id': 'deployer' })) {
    fail(`subject-${name}`, 'The subject is compared letter by letter (CA-12).', stranger, 'cluster', { claims: { sub }, ...deployer })
  }
  fail('name-of-another', 'A token that authenticates one client does not authenticate another (CA-07, FAPI-16).', of('issuer.not_of_client'), 'cluster', { form: { client_id: 'job' } })
  fail('name-of-one-with-a-secret', 'Nor one that is registered with a secret (CA-07).', 'client.authentication.wrong_method', 'cluster', { form: { client_id: 'web' } })
  fail('name-of-one-with-keys', 'Nor one that signs its assertions itself (CA-08).', stranger, 'cluster', { form: { client_id: 'keyed' } })
  fail('name-of-a-public-one', 'Nor a public one, although it may exchange tokens of that issuer (CA-08).', 'client.authentication.wrong_method', 'cluster', { form: { client_id: 'pocket' } })
  fail('subject-token', 'A token of a user, which the client could exchange, authenticates nobody (CA-08).', of('issuer.not_of_client'), 'cluster', { claims: { iss: 'https://idp.example' }, ...deployer })
  fail('another-issuer-same-subject', 'Another trusted issuer that writes the same subject does not authenticate the client (CA-08).', of('issuer.not_of_client'), 'ci', { claims: { sub: 'system:serviceaccount:ci:deployer' }, ...deployer })
  fail('unknown-issuer', 'An issuer that nobody trusts authenticates nobody.', of('issuer.unknown'), 'cluster', { claims: { iss: 'https://elsewhere.example' }, ...deployer })
  fail('disabled-issuer', 'A disabled issuer authenticates nobody.', of('issuer.disabled'), 'cluster', { claims: { iss: 'https://closed.example', sub: 'asleep' } })
  fail('own-token', 'A client that its platform vouches for cannot sign for itself.', of('issuer.unknown'), 'cluster', { key: 'machine-es256', claims: { iss: 'deployer', sub: 'deployer' } })
  fail('condition', 'Conditions on the token hold as well (CA-08).', of('condition.not_met'), 'cluster', { claims: { 'kubernetes.io': { namespace: 'prod' } } })
  fail('condition-missing', 'A condition on a claim that is missing does not hold.', of('condition.claim_missing'), 'cluster', { claims: { 'kubernetes.io': undefined } })
  fail('another-key', 'The keys of the platform verify its tokens.', of('key.not_found'), 'cluster', { key: 'attacker-es256' })
  fail('forged', 'A signature by another key is refused.', of('signature.rejected'), 'cluster', { key: 'attacker-es256', header: { kid: 'idp-es256' } })
  fail('alg-none', 'An unsigned token is refused.', of('header.alg.forbidden'), 'cluster', { header: { alg: 'none' }, made: () => '' })
  fail('expired', 'An expired token is refused.', of('claim.exp.expired'), 'cluster', { claims: { exp: NOW - 30, iat: NOW - 3600 } })
  fail('not-yet', 'A token is refused before its `nbf`.', of('claim.nbf.early'), 'cluster', { claims: { nbf: NOW + 31 } })
  fail('without-exp', 'A token must end (CA-10).', of('claim.missing'), 'cluster', { claims: { exp: undefined } })
  fail('without-sub', 'A token must be about somebody (CA-10, FAPI-22).', of('claim.missing'), 'cluster', { claims: { sub: undefined }, ...deployer })
  fail('without-aud', 'A token must be for somebody (CA-10).', of('claim.missing'), 'mesh', { claims: { aud: undefined } })
  fail('a-year', 'A token that lives long is refused: nothing but its end stops a thief (CA-09).', of('claim.exp.too_far'), 'cluster', { claims: { exp: NOW + 3631 } })
  fail('without-jti', 'Where the tokens of an issuer count once, one without `jti` does not.', of('replay.no_jti'), 'ci', { claims: { jti: undefined } })
  fail('without-iat', 'Where the age of tokens is limited, one without `iat` is refused.', of('claim.missing'), 'ci', { claims: { iat: undefined } })
  fail('too-long-for-its-issuer', 'The limit of the issuer counts for the life of the token as well.', of('claim.exp.too_far'), 'ci', { claims: { exp: NOW + 331 } })

  const agent = { form: { client_id: 'agent' } }
  fail('svid-as-jwt', 'A JWT-SVID without `iss` is no ordinary assertion (CA-10).', of('claim.missing'), 'mesh', { type: 'jwt-bearer', ...agent })
  fail('jwt-as-svid', 'An ordinary token does not count as a JWT-SVID (CA-10).', stranger, 'cluster', { type: 'jwt-spiffe' })
  fail('own-token-as-svid', 'A client that signs its assertions itself sends no JWT-SVIDs.', 'client.authentication.wrong_method', 'mesh', { form: { client_id: 'keyed' } })
  fail('svid-of-another-domain', 'Another trust domain does not vouch for the ids of this one (CA-11).', of('key.not_found'), 'mesh', { key: 'attacker-es256' })
  fail('svid-of-another-workload', 'Another workload of the trust domain is another client (CA-12).', stranger, 'mesh', { claims: { sub: 'spiffe://acme.example/ns/ci/sa/agent2' }, ...agent })
  fail('svid-of-another-trust-domain', 'A workload of another trust domain is another client (CA-11).', of('issuer.not_of_client'), 'mesh', { key: 'idp-es256', claims: { sub: 'spiffe://globex.example/ns/ci/sa/agent' }, ...agent })
  fail('svid-domain-only', 'A trust domain alone is no workload (CA-12).', stranger, 'mesh', { claims: { sub: 'spiffe://acme.example' }, ...agent })
  fail('svid-without-a-domain', 'An id without a trust domain is none.', stranger, 'mesh', { claims: { sub: 'spiffe:///ns/ci/sa/agent' }, ...agent })
  fail('svid-scheme-in-capitals', 'The scheme is compared letter by letter.', stranger, 'mesh', { claims: { sub: 'SPIFFE://acme.example/ns/ci/sa/agent' }, ...agent })
  fail('svid-key-for-something-else', 'A key of the bundle that is not for JWT-SVIDs verifies none (CA-11).', of('key.skipped'), 'mesh', { key: 'globex-es256', header: { kid: 'idp-es256' } })
  fail('svid-key-for-certificates', 'Nor does one for certificates (CA-11).', of('key.skipped'), 'mesh', { key: 'idp-es256-next' })
  one('several', 'A client authenticates in one way (CA-14).', refused('client.authentication.several_methods', { request: { ...asked('cluster').request, basic: ['web', 'web-secret-for-tests'] } }))
  fail('saml', 'A SAML assertion authenticates nobody (CA-06).', 'client.authentication.wrong_method', 'cluster', { type: 'saml2-bearer' })
  one('grant-keeps-its-audiences', 'A token that is exchanged may still be for the token endpoint (CA-04).', granted({
    request: { form: { client_id: 'pocket', grant_type: GRANT, subject_token: { claims: { aud: `${US}/oauth2/token` } }, subject_token_type: TYPE('jwt') } },
  }))
})
