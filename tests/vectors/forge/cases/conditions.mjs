/** Conditions on claims: all must hold, and what cannot be decided does not. */
import { suite } from '../case.mjs'

const notMet = 'subject_token.condition.not_met'
const missing = 'subject_token.condition.claim_missing'
const wrongType = 'subject_token.condition.wrong_type'

suite('conditions', ({ accept, refuse }) => {
  const config = 'conditions'
  const builds = (claims, more) => ({ config, token: { claims: { owner: 'octo-org', ref: 'refs/heads/main', ...claims } }, ...more })
  accept('hold', 'A token whose claims meet every condition is accepted.', builds({}))
  accept('star-matches-nothing', 'A star matches the empty text and slashes.', builds({ ref: 'refs/heads/' }))
  accept('star-matches-slashes', 'A star matches slashes.', builds({ ref: 'refs/heads/feature/x' }))
  for (const [name, claims] of Object.entries({
    'other-value': { owner: 'evil-org' },
    'letter-case': { owner: 'Octo-Org' },
    'missing': { owner: undefined },
    'null': { owner: null },
    'list-around-it': { owner: ['octo-org'] },
    'object-around-it': { owner: { value: 'octo-org' } },
    'longer': { owner: 'octo-org-evil' },
    'look-alike': { owner: 'octо-org' },
    'pattern-not-anchored-left': { ref: 'x/refs/heads/main' },
    'pattern-other-prefix': { ref: 'refs/pull/refs/heads/main' },
    'pattern-line-break-before': { ref: 'evil\nrefs/heads/main' },
    'pattern-letter-case': { ref: 'Refs/heads/main' },
    'pattern-on-list': { ref: ['refs/heads/main'] },
    'pattern-on-number': { ref: 1 },
    'pattern-missing': { ref: undefined },
  })) {
    const reason = /missing$/.test(name) ? missing : /null|around-it|on-list|on-number/.test(name) ? wrongType : notMet
    refuse(name, `A condition that does not hold, or cannot be decided, denies: ${JSON.stringify(claims)}.`, reason, builds(claims))
  }
  refuse('two-readings', 'A path that can be read in two ways decides nothing: who may add a claim must not choose what another means.', notMet, {
    config, token: { claims: { iss: 'kubernetes/serviceaccount', 'kubernetes.io': { namespace: 'dev' }, 'kubernetes.io.namespace': 'prod' } },
  })
  refuse('signature-checked-first', 'Whoever cannot sign does not learn what is wanted.', 'subject_token.signature.rejected', {
    config, token: { key: 'attacker-es256', header: { kid: 'idp-es256' }, claims: { owner: 'evil-org' } },
  })

  accept('of-the-application', 'What an application adds must hold as well.', builds({ environment: 'production' }, { client: 'defaults' }))
  refuse('of-the-application-not-met', 'What an application adds must hold as well.', notMet, builds({ environment: 'test' }, { client: 'defaults' }))
  refuse('of-the-application-joined', "What an application adds does not replace the issuer's own conditions.", notMet, builds({ environment: 'production', owner: 'evil-org' }, { client: 'defaults' }))
  accept('of-another-application', 'What one application adds is not asked of another.', builds({ environment: 'test' }))

  const cluster = (claims) => ({ config, token: { claims: { iss: 'kubernetes/serviceaccount', ...claims } } })
  accept('path', 'A path goes into objects.', cluster({ kubernetes: { io: { namespace: 'stage' } } }))
  accept('path-dotted-name', 'A path finds names that have dots themselves.', cluster({ 'kubernetes.io': { namespace: 'prod' } }))
  accept('path-flat-name', 'A path finds a name that is the whole of it.', cluster({ 'kubernetes.io.namespace': 'prod' }))
  for (const [name, claims] of Object.entries({
    'path-other-value': { 'kubernetes.io': { namespace: 'dev' } },
    'path-through-a-text': { 'kubernetes.io': 'prod' },
    'path-through-a-list': { 'kubernetes.io': [{ namespace: 'prod' }] },
    'path-two-readings': { 'kubernetes.io': { namespace: 'prod' }, kubernetes: { io: { namespace: 'dev' } } },
    'path-two-readings-flat': { 'kubernetes.io.namespace': 'prod', 'kubernetes.io': { namespace: 'dev' } },
    'path-too-short': { kubernetes: { io: 'prod' } },
  })) {
    const reason = /through|short/.test(name) ? missing : notMet
    refuse(name, `A path that leads nowhere, or to two places, denies: ${JSON.stringify(claims)}.`, reason, cluster(claims))
  }

  const people = (claims) => ({
    config, token: { claims: { iss: 'https://people.example', groups: ['all', 'staff'], email: 'ada@example.com', level: 2, mfa: true, ...claims } },
  })
  accept('of-every-kind', 'Members, patterns, numbers, absence and booleans may be asked for.', people({}))
  for (const [name, claims] of Object.entries({
    'contains-not': { groups: ['all'] },
    'contains-in-text': { groups: 'staff' },
    'contains-part': { groups: ['staff-of-others'] },
    'contains-deeper': { groups: [['staff']] },
    'suffix-not-anchored': { email: 'ada@example.com.attacker.example' },
    'suffix-line-break-after': { email: 'ada@example.com\n' },
    'number-as-text': { level: '2' },
    'number-other': { level: 20 },
    'must-be-absent': { act: { sub: 'x' } },
  })) {
    const reason = /in-text|as-text/.test(name) ? wrongType : notMet
    refuse(`kinds-${name}`, `A condition that does not hold denies: ${JSON.stringify(claims)}.`, reason, people(claims))
  }
  const scoped = (claims) => ({ config, token: { claims: { iss: 'https://scopes.example', ...claims } } })
  for (const [name, scope] of Object.entries({ 'alone': 'foo.write', 'first': 'foo.write foo.read', 'last': 'foo.read foo.write', 'among-others': 'a foo.write b', 'in-a-list': ['foo.read', 'foo.write'] })) {
    accept(`word-${name}`, `One word of several may be asked for: ${JSON.stringify(scope)}.`, scoped({ scope }))
  }
  for (const [name, [scope, reason]] of Object.entries({
    'longer': ['foo.writeonly foo.read', notMet], 'part-of-a-member': [['foo.read foo.write'], notMet], 'letter-case': ['FOO.WRITE', notMet],
    'commas': ['foo.read,foo.write', notMet], 'empty': ['', notMet], 'number': [1, wrongType], 'object': [{ 'foo.write': true }, wrongType], 'missing': [undefined, missing],
  })) {
    refuse(`word-not-${name}`, `A word is whole and alone: ${JSON.stringify(scope)} does not have it.`, reason, scoped({ scope }))
  }
  accept('audit-mode', 'A condition in audit mode lets pass and leaves a note.', people({ mfa: false }))
  accept('audit-mode-missing', 'In audit mode a missing claim leaves a note as well.', people({ mfa: undefined }))
})
