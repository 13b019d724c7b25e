/** What is lost on the way: the answer to a commit that happened, and views of memory that has grown. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { createExchequer } from 'exchequer'
import { memoryStore } from 'exchequer/stores/memory'
import { createLocalJWKSet, jwtVerify } from 'jose'

import { NOW, STS, config, issuer, jwksFetch } from './support/tokens.mjs'

const { nodeCrypto } = await import(new URL('../crypto/node.js', import.meta.resolve('exchequer')))
const { nodePlatform } = await import(new URL('../node/platform.js', import.meta.resolve('exchequer')))

const idp = await issuer()

describe('a commit whose answer is lost', () => {
  it('does not make a thief of the client that refreshes', async () => {
    const document = config()
    document.applications[0].grantTypes.push('refresh_token')
    const kept = memoryStore()
    let losing = false
    const store = {
      read: (...ask) => kept.read(...ask),
      list: (...ask) => kept.list(...ask),
      async commit(...ask) {
        const done = await kept.commit(...ask)
        if (losing) throw new Error('the connection broke')
        return done
      },
    }
    const sts = await createExchequer(document, { store, fetch: jwksFetch(idp.jwks), now: () => NOW, onError() {} })
    const refresh = async (token) => {
      const form = { grant_type: 'refresh_token', refresh_token: token, client_id: 'app', client_secret: 'a-secret-of-the-application-0123456789' }
      const response = await sts.fetch(new Request(`${STS}/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) }))
      return { status: response.status, ...(await response.json()) }
    }
    const first = await sts.exchange({ clientId: 'app', subjectToken: await idp.token(), subjectTokenType: 'jwt' })
    losing = true
    const second = await refresh(first.refresh_token)
    losing = false
    assert.equal(second.status, 200)
    assert.equal((await refresh(second.refresh_token)).status, 200)
    await sts.close()
  })
})

describe('memory that grows while a key is parsed', () => {
  it('takes nothing from the message that is verified or signed', async () => {
    const grow = (work) => (...ask) => {
      nodePlatform.memory().grow(1)
      return work(...ask)
    }
    const crypto = { ...nodeCrypto, publicKey: grow(nodeCrypto.publicKey), privateKey: grow(nodeCrypto.privateKey) }
    const sts = await createExchequer(config(), { crypto, fetch: jwksFetch(idp.jwks), now: () => NOW })
    const { access_token } = await sts.exchange({ clientId: 'app', subjectToken: await idp.token(), subjectTokenType: 'jwt' })
    const jwks = await (await sts.fetch(new Request(`${STS}/oauth2/jwks`))).json()
    await jwtVerify(access_token, createLocalJWKSet(jwks), { currentDate: new Date(NOW * 1000) })
    await sts.close()
  })
})
