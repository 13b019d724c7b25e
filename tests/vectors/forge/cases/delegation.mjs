/** Who acts for whom (RFC 8693 section 4). */
import { TYPE, refused, suite } from '../case.mjs'
import { ISSUER } from '../token.mjs'

const nested = (depth, sub = 1) => (depth === 0 ? undefined : { sub: `actor-${sub}`, iss: ISSUER, act: nested(depth - 1, sub + 1) })
const actor = (instead = {}, more = {}) => ({
  actor_token: { claims: { sub: 'agent-7', ...instead }, ...more }, actor_token_type: TYPE('jwt'),
})

suite('delegation', ({ accept, refuse, steps }) => {
  accept('act-carried-on', 'An actor that the subject token names is carried on, by `sub` and `iss` alone (RFC 8693 section 4.1).', {
    token: { claims: { act: { sub: 'agent', iss: 'https://idp.example', exp: 1, admin: true, act: { sub: 'older' } } } },
    expect: { claims: { sub: 'user-42', act: { sub: 'agent', iss: ISSUER, exp: null, admin: null, act: { sub: 'older', iss: ISSUER } } } },
  })
  accept('eight-actors', 'Eight actors in a chain are carried on.', { token: { claims: { act: nested(8) } }, expect: { claims: { act: nested(8) } } })
  refuse('nine-actors', 'Nine actors in a chain are too many.', 'subject_token.claim.wrong_type', { token: { claims: { act: nested(9) } }, expect: { fetches: 1 } })
  for (const [name, act] of Object.entries({
    'text': 'agent', 'list': [{ sub: 'agent' }], 'null': null, 'empty': {}, 'sub-number': { sub: 1 }, 'sub-empty': { sub: '' }, 'iss-number': { sub: 'a', iss: 1 }, 'inner': { sub: 'a', act: 'b' },
  })) {
    refuse(`act-${name}`, `An \`act\` that names nobody is refused: ${JSON.stringify(act)}.`, 'subject_token.claim.wrong_type', { token: { claims: { act } }, expect: { fetches: 1 } })
  }

  accept('act-without-iss', "An actor without `iss` is the issuer's own, and is not taken for a local user.", { token: { claims: { act: { sub: 'u-1' } } }, expect: { claims: { act: { sub: 'u-1', iss: ISSUER } } } })
  for (const [name, iss] of Object.entries({ 'ours': 'https://sts.example', 'another-issuer': 'https://globex.example' })) {
    accept(`act-of-${name}`, 'An issuer names actors of its own only: others are dropped from the chain.', { token: { claims: { act: { sub: 'u-1', iss, act: { sub: 'agent-1' } } } }, expect: { claims: { act: { sub: 'agent-1', iss: ISSUER, act: null } } } })
  }
  refuse('delegated-actor', 'An actor for whom another acts is refused: who really acts must not be lost.', 'delegation.actor_delegated', { form: actor({ act: { sub: 'mallory' } }) })
  accept('actor', 'With an actor token the new token says who acts.', {
    form: actor(), expect: { claims: { sub: 'user-42', act: { sub: 'agent-7', iss: ISSUER, act: null } } },
  })
  accept('actor-of-another-issuer', 'The actor may come from another issuer.', {
    form: { ...actor({}, {}), actor_token: { key: 'globex-rs2048', claims: { iss: 'https://globex.example', sub: 'agent-7' } } },
    expect: { claims: { act: { sub: 'agent-7', iss: 'https://globex.example' } } },
  })
  accept('actor-on-top', 'An older actor is nested inside the new one.', {
    token: { claims: { act: { sub: 'agent-1' } } }, form: actor(), expect: { claims: { act: { sub: 'agent-7', act: { sub: 'agent-1' } } } },
  })
  for (const name of ['actor_token', 'actor_token_type']) {
    refuse(`without-${name.replaceAll('_', '-')}`, '`actor_token` and `actor_token_type` come together or not at all (RFC 8693 section 2.1).', 'actor_token.incomplete', { form: { ...actor(), [name]: undefined } })
  }
  const bad = (name, about, reason, instead, more, fetches = 1) => refuse(`actor-${name}`, about, `actor_token.${reason}`, { form: actor(instead, more), expect: { fetches } })
  bad('expired', 'The actor token is checked like a subject token: it must not have expired.', 'claim.exp.expired', { exp: 1 })
  bad('for-somebody-else', 'The actor token must be meant for us.', 'claim.aud.mismatch', { aud: 'https://other.example' })
  bad('forged', 'The actor token must be signed by its issuer.', 'signature.rejected', {}, { key: 'attacker-es256', header: { kid: 'idp-es256' } }, 2)
  bad('unsigned', 'The actor token must be signed.', 'header.alg.forbidden', {}, { header: { alg: 'none' }, made: () => '' })
  bad('of-a-stranger', 'The actor token must be one of a trusted issuer.', 'issuer.unknown', { iss: 'https://stranger.example' })
  refuse('actor-of-another-kind', 'The actor token must be of the declared type.', 'actor_token.header.typ.mismatch', {
    form: { ...actor({ nonce: 'n' }), actor_token_type: TYPE('access_token') }, expect: { fetches: 1 },
  })
  refuse('actor-type-unsupported', 'The type of the actor token must be one that is accepted.', 'type.unsupported', {
    form: { ...actor(), actor_token_type: TYPE('saml2') }, expect: { fetches: 0 },
  })
  refuse('ninth-actor', 'An actor on top of eight is one too many.', 'delegation.too_deep', {
    token: { claims: { act: nested(8) } }, form: actor(),
  })

  const required = 'delegation.actor_required'
  const may = { may_act: { sub: 'agent-7', iss: ISSUER } }
  refuse('may-act-without-actor', 'A token that says who may act for its subject is not accepted from nobody in particular.', required, { token: { claims: may } })
  accept('may-act-without-actor-allowed', 'With `allowWithoutActor` it is: nobody acts, and who may act is carried on.', { config: 'delegation', token: { claims: may }, expect: { claims: { act: null, ...may } } })
  accept('may-act', 'The actor that may act does.', { token: { claims: may }, form: actor(), expect: { claims: { act: { sub: 'agent-7' } } } })
  const denied = (name, about, may_act) => refuse(`may-act-${name}`, about, 'delegation.actor_not_allowed', { token: { claims: { may_act } }, form: actor() })
  denied('another-actor', 'Another actor than the one named may not act.', { sub: 'agent-8' })
  denied('another-issuer', 'An actor of the same name at another issuer may not act.', { sub: 'agent-7', iss: 'https://globex.example' })
  denied('another-claim', 'Every claim that `may_act` names must be the actor’s.', { sub: 'agent-7', department: 'r+d' })
  for (const [name, may_act] of Object.entries({ text: 'agent-7', list: [{ sub: 'agent-7' }], null: null, empty: {} })) {
    steps(`may-act-${name}`, `A \`may_act\` that names nobody allows no actor: ${JSON.stringify(may_act)}.`, 'standard', [
      refused(required, { token: { claims: { may_act } } }),
      refused('subject_token.claim.wrong_type', { token: { claims: { may_act } }, form: actor() }),
    ])
  }
})
