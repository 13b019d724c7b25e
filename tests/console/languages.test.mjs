/** The console in German: its texts are complete, and no page of it is English. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'

import { rolldown } from 'rolldown'

import { ADMIN, EXCHANGE, close, flaws, open, start, visit } from './support/console.mjs'
import { issuer } from './support/keys.mjs'

const ROOT = fileURLToPath(new URL('../../www/src/', import.meta.url))

/** The texts of a language, by their paths. */
async function catalogue(language) {
  const bundle = await rolldown({ input: `${ROOT}texts/${language}/index.ts`, logLevel: 'silent' })
  const { output } = await bundle.generate({ format: 'esm' })
  const { [language]: texts } = await import(`data:text/javascript,${encodeURIComponent(output[0].code)}`)
  const flat = (value, path) => (typeof value === 'object' ? Object.entries(value).flatMap(([name, inner]) => flat(inner, [...path, name])) : [[path.join('.'), value]])
  return new Map(flat(texts, []))
}

/** Texts that German adds, because English takes them from the code or from the engine. */
const ADDED = /^(reasons|presets|members)\./
/** Words that are the same in both languages, and names. */
const SAME = ['', 'Server', 'System', 'Name', 'Alias', 'email_verified', 'phone_number_verified', 'Discovery', 'Claim', 'Claims', 'Test', 'Audience', 'Audiences', 'Scope', 'Scopes', 'Token', 'Tokens', 'Delegation', 'Subject', 'Filter', 'Introspection', 'Administrator', 'Export', 'Header', 'URI (SAN)']

test('both languages have the same texts', async () => {
  const [english, german] = [await catalogue('en'), await catalogue('de')]
  assert.ok(english.size > 700, `${english.size}`)
  assert.deepEqual([...english.keys()].filter((path) => !german.has(path)), [])
  assert.deepEqual([...german.keys()].filter((path) => !english.has(path) && !ADDED.test(path)), [])
  for (const [path, text] of english) assert.equal(typeof german.get(path), typeof text, path)
  const left = [...english].filter(([path, text]) => typeof text === 'string' && german.get(path) === text && !SAME.includes(text))
  assert.deepEqual(left, [])
})

/** Every text of a source file of the console that stands between tags, or in an attribute that is read out. */
function texts(source) {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  const between = [...code.matchAll(/>\s*([A-Z][a-z]+(?: [\w’'-]+)+[.:?]?)\s*</g)].map(([, text]) => text)
  const attributes = [...code.matchAll(/\b(?:label|title|hint|aria-label|submit|confirm|add|describe)="([^"]*[a-z] [^"]*)"/g)].map(([, text]) => text)
  return [...between, ...attributes]
}

test('the texts are in the catalogues, and nowhere else', () => {
  const root = fileURLToPath(new URL('../../www/src/', import.meta.url))
  const files = readdirSync(root, { recursive: true }).filter((name) => /\.tsx?$/.test(name) && !name.startsWith('texts') && name !== 'presets.ts')
  assert.ok(files.length > 40)
  assert.deepEqual(texts('<p>\n  There is no issuer yet.\n</p><Text label="The name" />'), ['There is no issuer yet.', 'The name'])
  const found = files.flatMap((name) => texts(readFileSync(root + name, 'utf8')).map((text) => `${name}: ${text}`))
  assert.deepEqual(found, [])
})

test('every reason has its German text', () => {
  const read = (path) => readFileSync(new URL(`../../www/src/${path}`, import.meta.url), 'utf8')
  const german = [...read('texts/de/reasons.ts').matchAll(/^ {2}'?([a-z_.0-9]+)'?: \[/gm)].map(([, code]) => code)
  assert.deepEqual(german.sort(), Object.keys(JSON.parse(read('generated/reasons.json'))).sort())
})

test('every member of issuers and applications has a German label', async () => {
  const { $defs } = JSON.parse(readFileSync(new URL('../../pkg/dist/config.schema.json', import.meta.url), 'utf8'))
  const german = await catalogue('de')
  /** Members of these, and of what they refer to. */
  const members = (name) => {
    const found = JSON.stringify($defs[name]).matchAll(/"#\/\$defs\/(\w+)"/g)
    const inner = [...found].map(([, other]) => other).filter((other) => other !== name && !['Condition', 'ClaimMapping', 'Jwks', 'IssuerGrant'].includes(other) && $defs[other].properties !== undefined)
    return [...Object.keys($defs[name].properties), ...inner.flatMap(members)]
  }
  const all = [...new Set(['TrustedTokenIssuer', 'Application'].flatMap(members))]
  assert.ok(all.length > 40, `${all}`)
  assert.deepEqual(all.filter((name) => !german.has(`members.${name}`)), [])
})

test('every attribute of users has a German label', async () => {
  const german = await catalogue('de')
  const { Resources: schemas } = await api('GET', 'scim2/Schemas')
  const [user, ...extensions] = schemas.filter(({ id }) => /:User$|^urn:scim:wso2/.test(id) && !id.startsWith('urn:exchequer:'))
  const all = [...user.attributes.map(({ name }) => name), 'externalId', ...extensions.map(({ id }) => id)]
  assert.ok(all.length > 20, `${all}`)
  assert.deepEqual(all.filter((name) => !german.has(`members.${name}`)), [])
})

/** Words that are English and not German. */
const ENGLISH = /\b(the|and|its|with|are|of|from|this|that|not|no longer|issuers?|key|keys|token request|application|user|change)\b/i

/** What a page shows, but for code, names, and what the server says, which is marked as English. */
const shown = (page) =>
  page.locator('body').evaluate((body) => {
    const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT)
    const found = []
    while (walker.nextNode()) {
      const { parentElement: element, nodeValue: text } = walker.currentNode
      if (text.trim() !== '' && element.checkVisibility() && element.closest('pre, code, .code, .mono, [lang="en"], option, script, style') === null) found.push(text.trim())
    }
    for (const element of body.querySelectorAll('[aria-label], [placeholder], [title]')) {
      if (element.checkVisibility()) found.push(...['aria-label', 'placeholder', 'title'].map((name) => element.getAttribute(name) ?? '').filter(Boolean))
    }
    return found
  })

let sts, browser, api, stop, builds, made
before(async () => {
  builds = await issuer()
  ;({ sts, browser, api, stop } = await start(() => ({ roles: [{ name: 'deployer', scopes: ['deploy:write'] }], audit: { activity: { enabled: true } } })))
  const { id: trusted } = await api('POST', 'api/server/v1/trusted-token-issuers', { name: 'Builds', issuer: builds.origin, certificate: { jwks: builds.jwks }, conditions: [{ claim: 'ref', like: 'refs/*' }], implicitAssociation: { isEnabled: true, lookupAttribute: ['email'] } })
  const { id: application } = await api('POST', 'api/server/v1/applications', { name: 'Bot', clientId: 'bot', type: 'mobile', grantTypes: [EXCHANGE, 'refresh_token'], trustedTokenIssuers: ['Builds'] })
  await api('PATCH', `api/server/v1/applications/${application}`, { scopes: ['read'] })
  const { id: user } = await api('POST', 'scim2/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ada', emails: ['ada@example.com', 'ada@example.org'].map((value) => ({ value })) })
  const { id: gone } = await api('POST', 'scim2/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'grace', title: 'Admiral' })
  await api('DELETE', `scim2/Users/${gone}`)
  const { id: workload } = await api('POST', 'api/server/v1/applications', { name: 'Workload', clientId: 'workload', type: 'machine', grantTypes: [EXCHANGE] })
  await api('PATCH', `api/server/v1/applications/${workload}`, { clientAssertion: { issuer: 'Builds', subject: 'job' } })
  await api('POST', `api/users/v1/${user}/federated-associations`, { idp: 'Builds', federatedUserId: 'ada-there' })
  made = { trusted, application, user }
  const exchange = async (claims) => {
    const body = new URLSearchParams({ grant_type: EXCHANGE, client_id: 'bot', subject_token_type: 'urn:ietf:params:oauth:token-type:jwt', subject_token: await builds.sign({ sub: 'job-7', aud: sts.url, ...claims }, builds.origin) })
    return (await fetch(`${sts.url}/oauth2/token`, { method: 'POST', body })).json()
  }
  assert.ok((await exchange({ ref: 'refs/heads/main' })).refresh_token)
  assert.equal((await exchange({ ref: 'main' })).error, 'invalid_request')
})
after(async () => {
  await stop()
  builds.stop()
})

/** What is English or a flaw in this page as it is. */
async function german(page, name) {
  await page.waitForFunction(() => document.querySelector('main [aria-busy="true"]') === null)
  const names = new RegExp('Builds|Bot|Deploy bot|https?:|AWS \\(outbound', 'i')
  const left = (await shown(page)).filter((text) => ENGLISH.test(text) && !names.test(text))
  return [...(await flaws(page, `de-${name}`)), ...left.map((text) => `${name}: ${text}`)]
}

test('no page is English where German was chosen', async () => {
  const found = []
  const page = await open(browser, `${sts.url}/console/`, { locale: 'de-DE' })
  await page.getByLabel('Administrator-Token').waitFor()
  found.push(...(await german(page, 'sign-in')))
  await page.getByLabel('Administrator-Token').fill(ADMIN)
  await page.keyboard.press('Enter')
  const go = async (hash, heading) => {
    await visit(page, `#/${hash}`)
    await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor()
  }
  for (const [hash, heading] of [
    ['issuers', 'Vertraute Aussteller'],
    [`issuers/${made.trusted}`, 'Builds'],
    ['applications', 'Anwendungen'],
    [`applications/${made.application}`, 'Bot'],
    ['applications/new', 'Anwendung hinzufügen'],
    ['users', 'Benutzer'],
    [`users/${made.user}`, 'ada'],
    ['users/new', 'Benutzer hinzufügen'],
    ['health', 'Zustand'],
    ['configuration', 'Konfiguration'],
    ['server', 'Server'],
    ['me', 'Mein Konto'],
    ['none', 'Diese Seite gibt es nicht'],
  ]) {
    await go(hash, heading)
    found.push(...(await german(page, Object.values(made).reduce((name, id) => name.replace(id, 'one'), hash).replaceAll('/', '-'))))
  }
  await go(`issuers/${made.trusted}`, 'Builds')
  await page.getByRole('button', { name: 'Löschen' }).click()
  await page.getByRole('dialog').getByText('Workload').waitFor()
  found.push(...(await german(page, 'issuer-delete')))
  await page.keyboard.press('Escape')
  await go('issuers/new', 'Vertrauten Aussteller hinzufügen')
  for (const preset of await page.getByLabel('Vorlage').locator('option').evaluateAll((all) => all.map(({ value }) => value))) {
    await page.getByLabel('Vorlage').selectOption(preset)
    found.push(...(await shown(page)).filter((text) => ENGLISH.test(text)).map((text) => `${preset}: ${text}`))
  }
  await page.getByRole('button', { name: 'Formular ausfüllen' }).click()
  found.push(...(await german(page, 'issuers-new')))

  await go('activity', 'Aktivität')
  found.push(...(await german(page, 'activity')))
  await page.getByText('Eine Bedingung an die Claims').first().click()
  await page.getByRole('heading', { level: 1, name: 'Gespeicherte Entscheidung' }).waitFor()
  found.push(...(await german(page, 'activity-one')))

  await go('changes', 'Änderungen')
  await page.getByText('Was sich geändert hat').first().waitFor()
  for (const one of await page.getByText('Was sich geändert hat').all()) await one.click()
  found.push(...(await german(page, 'changes')))
  for (const name of ['Bot', 'Workload']) {
    await page.getByRole('button', { name: new RegExp(`Änderung von ${name}`) }).first().click()
    await page.getByRole('dialog').waitFor()
    found.push(...(await german(page, `revert-${name}`)))
    await page.keyboard.press('Escape')
  }
  await page.getByRole('button', { name: 'grace erneut anlegen' }).click()
  await page.getByText('Wird ebenfalls erneut angelegt, ohne Feld hier: Titel.').waitFor()
  found.push(...(await german(page, 'again')))
  await page.getByRole('button', { name: 'Formular leeren' }).click()

  await go('playground', 'Testumgebung')
  await page.getByLabel('Token', { exact: true }).fill(await builds.sign({ sub: 'job-7', aud: sts.url, ref: 'main' }, builds.origin))
  await page.getByRole('button', { name: 'Ausprobieren' }).click()
  await page.locator('.trace').waitFor()
  found.push(...(await german(page, 'playground')))
  assert.deepEqual(found, [])
  await close(page)
})
