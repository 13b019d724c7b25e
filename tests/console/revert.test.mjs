/** A change is reverted, and what somebody changed since is never overwritten. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'

import { ADMIN, EXCHANGE, close, flaws, signedIn, start, visit } from './support/console.mjs'

const SCIM = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

let sts, browser, api, stop
before(async () => {
  ;({ sts, browser, api, stop } = await start(() => ({ roles: [{ name: 'reader', scopes: ['read'] }] })))
})
after(() => stop())

const issuers = 'api/server/v1/trusted-token-issuers'
const applications = 'api/server/v1/applications'

/** Opens the newest change of an object. */
async function newest(page, id, nth = 0) {
  // The page is drawn anew, with everything folded.
  await visit(page, '#/server')
  await visit(page, `#/changes?object=${encodeURIComponent(id)}`)
  const one = page.locator('.changes > li').nth(nth)
  await one.getByText('What changed').click()
  return one
}

test('a change of an application is reverted, and later changes of other members stay', async () => {
  const { id } = await api('POST', applications, { name: 'Bot', clientId: 'bot', grantTypes: [EXCHANGE], scopes: ['read'], accessToken: { lifetimeSeconds: 60 } })
  await api('PATCH', `${applications}/${id}`, { scopes: ['read', 'write'], accessToken: { lifetimeSeconds: 120, outliveSubject: true }, delegation: { allowWithoutActor: true } })
  await api('PATCH', `${applications}/${id}`, { description: 'later' })
  const page = await signedIn(browser, sts)
  const one = await newest(page, id, 1)
  await one.getByRole('button', { name: 'Revert this change of Bot' }).click()
  const dialog = page.getByRole('dialog', { name: 'Revert the change of Bot?' })
  await dialog.getByText('read, write').waitFor()
  assert.deepEqual(await flaws(page, 'revert'), [])
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  assert.deepEqual((await api('GET', `${applications}/${id}`)).scopes, ['read', 'write'])
  await one.getByRole('button', { name: 'Revert this change of Bot' }).click()
  await dialog.getByRole('button', { name: 'Revert the change' }).click()
  await page.getByText('The change is reverted.').waitFor()
  const now = await api('GET', `${applications}/${id}`)
  assert.deepEqual(now.scopes, ['read'])
  assert.deepEqual(now.accessToken, { lifetimeSeconds: 60 })
  assert.equal(now.delegation, undefined)
  assert.equal(now.description, 'later')
  // It is a change of its own, which the list has now.
  await page.waitForFunction(() => document.querySelectorAll('.changes > li').length === 4)
  await close(page)
})

test('what somebody changed since is shown and not overwritten', async () => {
  const { id } = await api('POST', issuers, { name: 'Builds', issuer: 'https://builds.example', certificate: { discovery: true } })
  const replace = (path, value) => api('PATCH', `${issuers}/${id}`, [{ operation: 'REPLACE', path, value }])
  await replace('/alias', 'mine')
  await replace('/alias', 'of somebody else')
  const page = await signedIn(browser, sts)
  await (await newest(page, id, 1)).getByRole('button', { name: /^Revert/ }).click()
  await page.getByText('Changed since').waitFor()
  assert.match(await page.getByRole('dialog').innerText(), /is now of somebody else/)
  assert.equal(await page.getByRole('button', { name: 'Revert the change' }).count(), 0)
  assert.deepEqual(await flaws(page, 'revert-conflict'), [])
  await page.getByRole('button', { name: 'Close' }).click()
  assert.equal((await api('GET', `${issuers}/${id}`)).alias, 'of somebody else')

  // Somebody is faster, between the question and the answer.
  await (await newest(page, id)).getByRole('button', { name: /^Revert/ }).click()
  await page.getByRole('button', { name: 'Revert the change' }).waitFor()
  await replace('/alias', 'faster')
  await page.getByRole('button', { name: 'Revert the change' }).click()
  await page.getByText('Changed since').waitFor()
  assert.equal((await api('GET', `${issuers}/${id}`)).alias, 'faster')
  await page.getByRole('button', { name: 'Close' }).click()

  await (await newest(page, id)).getByRole('button', { name: /^Revert/ }).click()
  await page.getByRole('button', { name: 'Revert the change' }).click()
  await page.getByText('The change is reverted.').waitFor()
  assert.equal((await api('GET', `${issuers}/${id}`)).alias, 'of somebody else')
  await close(page)
})

test('a change of a user is reverted, roles and locks included', async () => {
  const user = await api('POST', 'scim2/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ada', emails: [{ value: 'ada@example.com' }] })
  const Operations = [
    { op: 'replace', path: 'roles', value: [{ value: 'reader' }] },
    { op: 'replace', path: 'urn:scim:wso2:schema:accountLocked', value: true },
    { op: 'remove', path: 'emails' },
  ]
  await api('PATCH', `scim2/Users/${user.id}`, { schemas: [SCIM], Operations })
  const page = await signedIn(browser, sts)
  await (await newest(page, user.id)).getByRole('button', { name: /^Revert/ }).click()
  await page.getByRole('button', { name: 'Revert the change' }).click()
  await page.getByText('The change is reverted.').waitFor()
  const now = await api('GET', `scim2/Users/${user.id}`)
  assert.deepEqual(now.emails, [{ value: 'ada@example.com' }])
  assert.equal(now.roles, undefined)
  assert.notEqual(now['urn:scim:wso2:schema']?.accountLocked, true)
  await close(page)
})

test('what a change created is deleted after a question, and what one deleted is created again by the form', async () => {
  const { id } = await api('POST', applications, { name: 'Gone', clientId: 'gone', type: 'mobile', grantTypes: [EXCHANGE], scopes: ['read'] })
  const page = await signedIn(browser, sts)
  await (await newest(page, id)).getByRole('button', { name: /^Revert/ }).click()
  await page.getByText('Creating it again later does not restore them.').waitFor()
  await page.getByRole('button', { name: 'Delete it' }).click()
  await page.getByText('The change is reverted.').waitFor()
  await visit(page, `#/changes?resource=application`)
  await (await newest(page, id)).getByRole('button', { name: 'Create Gone again' }).click()
  await page.getByRole('heading', { level: 1, name: 'Add an application' }).waitFor()
  assert.equal(await page.getByLabel('Client id', { exact: false }).first().inputValue(), 'gone')
  await page.getByRole('button', { name: 'Create the application' }).click()
  await page.getByRole('heading', { level: 1, name: 'Gone' }).waitFor()
  const { applications: all } = await api('GET', `${applications}?limit=100`)
  const again = await api('GET', `${applications}/${all.find(({ clientId }) => clientId === 'gone').id}`)
  assert.deepEqual(again.scopes, ['read'])
  assert.notEqual(again.id, id)
  await close(page)
})

test('a link is reverted, and made again', async () => {
  const { id: trusted } = await api('POST', issuers, { name: 'Partner', issuer: 'https://partner.example', certificate: { discovery: true } })
  const user = await api('POST', 'scim2/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'grace' })
  const links = `api/users/v1/${user.id}/federated-associations`
  await api('POST', links, { idp: 'Partner', federatedUserId: 'grace-there' })
  const page = await signedIn(browser, sts)
  const newestLink = async () => {
    await visit(page, '#/server')
    await visit(page, '#/changes?resource=federated-association')
    const one = page.locator('.changes > li').first()
    await one.getByText('What changed').click()
    return one
  }
  await (await newestLink()).getByRole('button', { name: 'Revert this change of grace-there' }).click()
  await page.getByRole('button', { name: 'Delete it' }).click()
  await page.getByText('The change is reverted.').waitFor()
  assert.deepEqual(await api('GET', links), [])
  // The name of the issuer may be another one by now.
  await api('PATCH', `${issuers}/${trusted}`, [{ operation: 'REPLACE', path: '/name', value: 'Partner login' }])
  await (await newestLink()).getByRole('button', { name: 'Create grace-there again' }).click()
  await page.getByRole('dialog', { name: 'Link grace-there again?' }).getByRole('button', { name: 'Link again' }).click()
  await page.getByText('The change is reverted.').waitFor()
  assert.deepEqual((await api('GET', links)).map(({ federatedUserId, idp }) => [federatedUserId, idp.name]), [['grace-there', 'Partner login']])

  await api('POST', links, { idp: 'Partner login', federatedUserId: 'grace-of-old' })
  await api('DELETE', links)
  const both = await newestLink()
  await both.getByText('it removed several objects').waitFor()
  assert.match(await both.innerText(), /grace-there[^]*grace-of-old|grace-of-old[^]*grace-there/)
  assert.equal(await both.getByRole('button').count(), 0)
  assert.deepEqual(await flaws(page, 'changes-several'), [])
  await close(page)
})

test('what an import changed is reverted object by object', async () => {
  const { id } = await api('POST', applications, { name: 'Imported', clientId: 'imported', type: 'mobile', grantTypes: [EXCHANGE], scopes: ['read'] })
  const document = { issuer: sts.url, applications: [{ name: 'Imported', clientId: 'imported', type: 'mobile', grantTypes: [EXCHANGE], scopes: ['read', 'write'] }], trustedTokenIssuers: [{ name: 'New', issuer: 'https://new.example', certificate: { discovery: true } }] }
  const response = await fetch(`${sts.url}/api/server/v1/configuration/import`, { method: 'POST', headers: { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json', 'if-match': '*' }, body: JSON.stringify(document) })
  assert.equal(response.status, 200, await response.text())
  const page = await signedIn(browser, sts)
  await (await newest(page, id)).getByRole('button', { name: /^Revert/ }).click()
  await page.getByRole('button', { name: 'Revert the change' }).click()
  await page.getByText('The change is reverted.').waitFor()
  assert.deepEqual((await api('GET', `${applications}/${id}`)).scopes, ['read'])
  await visit(page, '#/changes?resource=trusted-token-issuer')
  const made = page.locator('.changes > li').filter({ hasText: 'New' }).first()
  await made.getByText('What changed').click()
  await made.getByRole('button', { name: 'Revert this change of New' }).click()
  await page.getByRole('button', { name: 'Delete it' }).click()
  await page.getByText('The change is reverted.').waitFor()
  await close(page)
})

test('a change that cannot be reverted says why', async () => {
  const { id } = await api('POST', applications, { name: 'Secretive', clientId: 'secretive', grantTypes: [EXCHANGE] })
  await api('PATCH', `${applications}/${id}`, { clientSecret: 'another-secret-of-at-least-32-characters' })
  await api('POST', 'api/server/v1/keys/rotate', {})
  const page = await signedIn(browser, sts)
  await (await newest(page, id)).getByText('it changed a secret').waitFor()
  await visit(page, '#/changes?resource=signing-key')
  await page.getByText('What changed').first().click()
  await page.getByText('rotate the key on the page “Server”').waitFor()
  await close(page)
})

test('a removed link was made again at another issuer, whose `iss` differs in letter case', async () => {
  const { id: userId } = await api('POST', 'scim2/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'mary' })
  const links = `api/users/v1/${userId}/federated-associations`
  const ids = {}
  for (const [name, issuer] of [['Upper', 'https://case.example/Tenant'], ['Lower', 'https://case.example/tenant']]) {
    ids[name] = (await api('POST', issuers, { name, issuer, certificate: { discovery: true } })).id
    await api('POST', links, { idp: name, federatedUserId: `mary-${name}` })
  }
  for (const { id } of await api('GET', links)) await api('DELETE', `${links}/${id}`)
  const page = await signedIn(browser, sts)
  const again = async (subject) => {
    await visit(page, '#/server')
    await visit(page, '#/changes?resource=federated-association')
    const one = page.locator('.changes > li').filter({ hasText: subject }).first()
    await one.getByText('What changed').click()
    await one.getByRole('button', { name: `Create ${subject} again` }).click()
    await page.getByRole('button', { name: 'Link again' }).click()
  }
  for (const name of ['Upper', 'Lower']) {
    await again(`mary-${name}`)
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  }
  const made = () => api('GET', links).then((all) => all.map(({ federatedUserId, idp }) => [federatedUserId, idp.name]).sort())
  assert.deepEqual(await made(), [['mary-Lower', 'Lower'], ['mary-Upper', 'Upper']])

  // The one issuer is gone, and one is named as the `iss` that is looked for.
  for (const { id } of await api('GET', links)) await api('DELETE', `${links}/${id}`)
  await api('DELETE', `${issuers}/${ids.Upper}`)
  await api('POST', issuers, { name: 'https://case.example/Tenant', issuer: 'https://impostor.example', certificate: { discovery: true } })
  await again('mary-Upper')
  await page.getByText('No trusted token issuer has exactly the issuer https://case.example/Tenant any more.').waitFor()
  assert.deepEqual(await flaws(page, 'link-again-refused'), [])
  assert.deepEqual(await made(), [])
  await close(page)
})

test('a user who was created again lacked what the form does not show', async () => {
  const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
  const state = 'urn:scim:wso2:schema'
  const former = {
    userName: 'joan',
    displayName: 'Joan',
    externalId: 'hr-1',
    title: 'Director',
    name: { givenName: 'Joan', familyName: 'Clarke' },
    emails: [{ value: 'joan@home.example', type: 'home' }, { value: 'joan@work.example', type: 'work', display: 'At work' }],
    phoneNumbers: [{ value: '1', type: 'work', primary: true }, { value: '2', type: 'mobile' }],
    roles: [{ value: 'reader', type: 'team' }],
    [enterprise]: { department: 'Hut 8' },
    [state]: { accountLocked: true, accountDisabled: true },
  }
  const { id } = await api('POST', 'scim2/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], ...former })
  await api('DELETE', `scim2/Users/${id}`)
  const page = await signedIn(browser, sts)
  const create = async () => {
    await (await newest(page, id)).getByRole('button', { name: 'Create Joan again' }).click()
    await page.getByRole('heading', { level: 1, name: 'Add a user' }).waitFor()
    await page.getByText('Created again, too, without a field here: External id, Name, Title, Place in the organization.').waitFor()
    await page.getByText('Further ones, which stay: joan@home.example.').waitFor()
  }
  const made = async () => {
    await page.getByRole('button', { name: 'Create the user' }).click()
    await page.getByText('The user Joan is created.').waitFor()
    return (await api('GET', `scim2/Users?filter=${encodeURIComponent('userName eq "joan"')}`)).Resources[0]
  }
  await create()
  assert.deepEqual(await flaws(page, 'user-again'), [])
  const { id: anew, meta, schemas, 'urn:exchequer:params:scim:schemas:1.0:User': by, ...same } = await made()
  assert.deepEqual(same, { ...former, active: false })
  assert.notEqual(anew, id)
  await api('DELETE', `scim2/Users/${anew}`)

  // What is changed in the form is changed, after a reload, too.
  await create()
  await page.getByLabel('E-mail address').fill('joan@new.example')
  await page.getByLabel('Enabled').check()
  await page.reload()
  await page.getByLabel('Admin token').fill(ADMIN)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('Created again, too').waitFor()
  const { active, emails, title, [state]: disabled } = await made()
  assert.deepEqual([active, emails, title, disabled], [true, [former.emails[0], { ...former.emails[1], value: 'joan@new.example' }], 'Director', { accountLocked: true, accountDisabled: false }])
  await close(page)
})

test('an issuer and an application that were created again lacked what the form does not show', async () => {
  const certificate = { certificates: ['p256.pem', 'rsa.pem'].map((name) => readFileSync(new URL(`../certificates/${name}`, import.meta.url), 'utf8')) }
  const issuer = { name: 'Pictured', issuer: 'https://pictured.example', description: 'with a picture', image: 'https://pictured.example/logo.png', certificate, implicitAssociation: { isEnabled: false, lookupAttribute: ['username'] } }
  const application = { name: 'Pictured client', clientId: 'pictured', type: 'machine', grantTypes: [EXCHANGE], trustedTokenIssuers: ['Pictured'], imageUrl: 'https://pictured.example/client.png', mtls: certificate }
  const page = await signedIn(browser, sts)
  const gone = {}
  for (const [path, body] of [[issuers, issuer], [applications, application]]) gone[path] = (await api('POST', path, body)).id
  for (const path of [applications, issuers]) await api('DELETE', `${path}/${gone[path]}`)
  for (const [path, body, button, hidden] of [[issuers, issuer, 'Create the issuer', 'Image, Implicit account linking'], [applications, application, 'Create the application', 'Image URL']]) {
    await (await newest(page, gone[path])).getByRole('button', { name: `Create ${body.name} again` }).click()
    await page.getByText(`Created again, too, without a field here: ${hidden}.`).waitFor()
    await page.getByRole('button', { name: button }).click()
    await page.getByRole('heading', { level: 1, name: body.name }).waitFor()
    const id = await page.evaluate(() => location.hash.split('/').at(-1))
    const now = await api('GET', `${path}/${id}`)
    assert.deepEqual(Object.fromEntries(Object.keys(body).map((name) => [name, now[name]])), body)
  }
  await close(page)
})

test('a change of a picture alone was said to have changed a secret', async () => {
  const { id } = await api('POST', issuers, { name: 'Logo', issuer: 'https://logo.example', certificate: { discovery: true } })
  await api('PATCH', `${issuers}/${id}`, [{ operation: 'ADD', path: '/image', value: 'https://logo.example/a.png' }])
  const page = await signedIn(browser, sts)
  await (await newest(page, id)).getByRole('button', { name: 'Revert this change of Logo' }).click()
  await page.getByRole('button', { name: 'Revert the change' }).click()
  await page.getByText('The change is reverted.').waitFor()
  assert.equal((await api('GET', `${issuers}/${id}`)).image, '')
  await close(page)
})

const PUBLIC_KEY = { kty: 'EC', crv: 'P-256', x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU', y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0', kid: 'own', alg: 'ES256' }

test('a reverted change of client authentication made a secret that nobody saw', async () => {
  const { id } = await api('POST', applications, { name: 'Proven', clientId: 'proven', type: 'web', grantTypes: [EXCHANGE] })
  await api('PATCH', `${applications}/${id}`, { jwks: { keys: [PUBLIC_KEY] } })
  const page = await signedIn(browser, sts)
  const question = async () => {
    await (await newest(page, id)).getByRole('button', { name: 'Revert this change of Proven' }).click()
    return page.getByRole('dialog', { name: 'Revert the change of Proven?' })
  }
  const dialog = await question()
  await dialog.getByText('A new client secret is made').waitFor()
  assert.deepEqual(await flaws(page, 'revert-secret'), [])
  await dialog.getByRole('button', { name: 'Revert the change' }).click()
  const shown = page.getByRole('dialog', { name: 'Copy the client secret now' })
  await shown.waitFor()
  const [clientId, secret] = await shown.locator('pre').allInnerTexts()
  assert.equal(clientId.trim(), 'proven')
  const authenticated = () => fetch(`${sts.url}/oauth2/introspect`, { method: 'POST', headers: { authorization: `Basic ${btoa(`proven:${secret.trim()}`)}` }, body: new URLSearchParams({ token: 'none' }) })
  assert.equal((await authenticated()).status, 200)
  await shown.getByRole('button', { name: 'I have saved the secret' }).click()
  await shown.waitFor({ state: 'detached' })

  // The other way round the secret ends, and no other is shown.
  await (await question()).getByText('The client secret stops working').waitFor()
  await page.getByRole('button', { name: 'Revert the change' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  assert.deepEqual((await api('GET', `${applications}/${id}`)).jwks.keys, [PUBLIC_KEY])
  assert.equal((await authenticated()).status, 401)
  await close(page)
})
