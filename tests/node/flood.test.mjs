/** Records under a flood: what tokens and clients leave in a store ends, and is swept. */
import assert from 'node:assert/strict'
import { describe, it, mock } from 'node:test'

import { createExchequer } from 'exchequer'
import { memoryStore } from 'exchequer/stores/memory'

import { NOW, STS, config, issuer } from './support/tokens.mjs'

const ADMIN_TOKEN = 'admin-token-of-the-tests-0123456789'
const BASIC = `Basic ${btoa('app:a-secret-of-the-application-0123456789')}`
const TOKENS = 3000
/** Virtual seconds between two tokens. */
const STEP = 4
/** A token counts for ten minutes, is remembered for ten more, kept for ten more, and swept within a minute. */
const KEPT = 31 * 60

async function flooded(more = {}) {
  const idp = await issuer()
  const store = memoryStore()
  let now = NOW
  // The process lives through the virtual time: by the clock alone a store removes nothing.
  const passing = mock.method(performance, 'now', () => (now - NOW) * 1000)
  const document = config()
  Object.assign(document.trustedTokenIssuers[0], { certificate: { jwks: idp.jwks }, replayProtection: 'jti' })
  Object.assign(document.applications[0], more)
  const sts = await createExchequer(document, { store, now: () => now, adminToken: ADMIN_TOKEN })
  const post = async (form) => {
    const response = await sts.fetch(
      new Request(`${STS}/oauth2/token`, { method: 'POST', headers: { authorization: BASIC }, body: new URLSearchParams(form) }),
    )
    return { status: response.status, ...(await response.json()) }
  }
  /** How many records are held, expired or not: at the beginning of time none has expired. */
  const held = (prefix) => store.list(prefix, undefined, Number.MAX_SAFE_INTEGER, 0).length
  let [most, last] = [0, undefined]
  for (let number = 0; number < TOKENS; number++) {
    now += STEP
    last = await post({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      subject_token: await idp.token({ sub: `s-${number}`, jti: `t-${number}`, iat: now, exp: now + 600 }),
    })
    assert.equal(last.status, 200, JSON.stringify(last))
    most = Math.max(most, held(''))
  }
  passing.mock.restore()
  return { sts, post, held, most, metrics: () => sts.fetch(new Request(`${STS}/metrics`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })) }
}

describe('a flood of tokens that count once', { timeout: 120_000 }, () => {
  it('leaves records that end', async () => {
    const { sts, most, held, metrics } = await flooded()
    assert.ok(most <= KEPT / STEP + 10, `${most} records`)
    assert.ok(held('spent/') > 0)
    const samples = (await (await metrics()).text()).match(/^exchequer_decisions_total/gm)
    assert.equal(samples.length, 1)
    await sts.close()
  })

  it('leaves opaque tokens that end', async () => {
    const { sts, most, held } = await flooded({ accessToken: { type: 'opaque', lifetimeSeconds: 60 } })
    assert.ok(most <= (2 * KEPT) / STEP + 10, `${most} records`)
    assert.ok(held('opaque/') > 0)
    await sts.close()
  })
})
