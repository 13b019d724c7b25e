/**
 * Fills a SQLite store with users, links and applications as quickly as it
 * goes: through the administration API, in this process, so that what records
 * look like stays the engine's business alone. Only the store is special: it
 * collects what is committed, and writes it to SQLite a thousand users at a time.
 */
import { createExchequer } from 'exchequer'
import { memoryStore } from 'exchequer/stores/memory'
import { sqliteStore } from 'exchequer/stores/sqlite'
import { createClient } from '@libsql/client'

export const ADMIN_TOKEN = 'admin-token-of-the-benchmark'
export const ISSUER = 'https://idp.example.com'
export const API = 'https://api.example.com'
const CHUNK = 1000
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
/** What is read again for every user stays in memory until the end. */
const IS_MASS = /^(user|link)/

/** What the filled service is made of besides what is in its store. */
export const configuration = (keys) => ({ issuer: 'https://sts.example.com', keys, roles: [{ name: 'reader', scopes: ['read'] }] })

/** `sub-n` is linked to the user `user-n`; the client `jwt-n` gets JWTs, the client `opaque-n` opaque tokens. */
export async function fill(file, { users, applications, keys, jwk, progress = () => undefined }) {
  const store = await collecting(file)
  const sts = await createExchequer(configuration(keys), { store, adminToken: ADMIN_TOKEN })
  const call = async (path, body) => {
    const headers = ['authorization', `Bearer ${ADMIN_TOKEN}`, 'content-type', 'application/json']
    // What is there at once is not waited for.
    const given = sts.handle({ method: 'POST', target: path, headers, body: JSON.stringify(body) })
    const reply = given instanceof Promise ? await given : given
    const text = new TextDecoder().decode(reply.body)
    if (reply.status !== 201) throw new Error(`${path}: ${reply.status} ${text}`)
    return JSON.parse(text)
  }
  await call('/api/server/v1/trusted-token-issuers', {
    name: 'IdP',
    issuer: ISSUER,
    certificate: { jwks: { keys: [jwk] } },
    algorithms: ['RS256'],
    alias: API,
    maxTokenAgeSeconds: 86_400,
  })
  for (let n = 0; n < applications; n++) {
    const type = n % 2 === 0 ? 'jwt' : 'opaque'
    await call('/api/server/v1/applications', {
      name: `Application ${n}`,
      clientId: `${type}-${n >> 1}`,
      trustedTokenIssuers: ['IdP'],
      grantTypes: [TOKEN_EXCHANGE],
      audiences: [API],
      scopes: ['write'],
      accessToken: { type, attributes: ['email'] },
      subject: { useMappedLocalSubject: true, mappedLocalSubjectMandatory: true },
    })
  }
  for (let n = 0; n < users; n++) {
    const { id } = await call('/scim2/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: `user-${n}`,
      name: { givenName: `Given ${n}`, familyName: 'Family' },
      emails: [{ value: `user-${n}@example.com`, primary: true }],
      phoneNumbers: [{ value: `+46${700_000_000 + n}`, type: 'mobile' }],
      roles: [{ value: 'reader' }],
    })
    await call(`/api/users/v1/${id}/federated-associations`, { idp: 'IdP', federatedUserId: `sub-${n}` })
    if ((n + 1) % CHUNK === 0) {
      await store.flush()
      progress(n + 1)
    }
  }
  await sts.close()
}

/** A store that answers from memory, and keeps what it is given in a SQLite file that the real store has made. */
async function collecting(file) {
  await (await sqliteStore(`file:${file}`)).close()
  const client = createClient({ url: `file:${file}`, concurrency: 1 })
  for (const pragma of ['synchronous = OFF', 'cache_size = -4000000']) await client.execute(`PRAGMA ${pragma}`)
  const few = memoryStore()
  let mass = memoryStore()
  const of = (key) => (IS_MASS.test(key) ? mass : few)
  const write = async (records) => {
    const rows = records.map(({ key, value }) => [key, Buffer.from(value).toString()])
    await client.execute({
      sql: `INSERT INTO records (key, value)
        SELECT json_extract(value, '$[0]'), CAST(json_extract(value, '$[1]') AS BLOB) FROM json_each(?)`,
      args: [JSON.stringify(rows)],
    })
  }
  const all = (store) => store.list('', undefined, Infinity, 0)
  const self = {
    read: (keys, now) => keys.map((key) => of(key).read([key], now)[0]),
    list: (prefix, ...rest) => of(prefix).list(prefix, ...rest),
    commit(batch, now) {
      if (batch.some(({ expiresAt }) => expiresAt !== undefined)) throw new Error('what is filled in does not expire')
      const isMass = ({ key }) => IS_MASS.test(key)
      if (!few.commit(batch.filter((one) => !isMass(one)), now)) return false
      // What is written to SQLite is not read again: nothing here has the same name.
      if (!mass.commit(batch.filter(isMass), now)) throw new Error('two of a name')
      return true
    },
    async flush() {
      await write(all(mass))
      mass = memoryStore()
    },
    async close() {
      await write(all(mass))
      await write(all(few))
      await client.execute('PRAGMA wal_checkpoint(TRUNCATE)')
      client.close()
    },
  }
  return self
}
