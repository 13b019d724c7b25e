/**
 * What the documents say is so: their commands print what stands behind them,
 * their configurations are taken, their modules run, and their links lead
 * somewhere. What cannot be run here is named, with the reason.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, it } from 'node:test'

import { createExchequer } from 'exchequer'
import { generateKey } from 'exchequer/node'
import { parseAllDocuments } from 'yaml'

import { CLI } from './support/command.mjs'
import { NOT_RUN, blocksOf, wholeConfiguration } from './support/document.mjs'
import { DOCS, ROOT, WALKED_ELSEWHERE, noShell, walkPage, workplace } from './support/pages.mjs'
import { freePort } from './support/ports.mjs'

const PATIENCE_MS = 120_000
const skip = noShell

function markdownIn(directory) {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(directory, name))
    .sort()
}

const read = (path) => readFileSync(path, 'utf8')
const pages = markdownIn(DOCS).map((path) => ({ path, name: relative(ROOT, path), markdown: read(path), blocks: blocksOf(read(path)) }))
const all = (language) => pages.flatMap(({ name, blocks }) => blocks.filter((block) => block.language === language).map((block) => ({ name, ...block })))

describe('commands of the documents', { skip, timeout: 10 * PATIENCE_MS }, () => {
  for (const { name, blocks } of pages) {
    if (!blocks.some(({ language }) => language === 'bash')) continue
    // Where what it needs is installed; the test there walks it.
    if (Object.hasOwn(WALKED_ELSEWHERE, name)) {
      it(`${name} is walked by ${WALKED_ELSEWHERE[name]}`, () => assert.ok(read(join(ROOT, WALKED_ELSEWHERE[name])).includes(name)))
      continue
    }
    it(`${name} prints what it says`, { timeout: PATIENCE_MS }, async (test) => {
      test.diagnostic(`${await walkPage(name)} checks`)
    })
  }
})

/** A configuration, or a piece of one, is taken without a warning, but where the document says that it gets one. */
async function taken(text, section = '') {
  const secrets = (_, name) => (/key/i.test(name) ? JSON.stringify({ ...generateKey(), kid: name }) : randomBytes(32).toString('base64url'))
  const sts = await createExchequer(wholeConfiguration(JSON.parse(text)), { secrets })
  const isWarned = section.includes('`exchequer check` warns of it')
  assert.equal(sts.warnings.length > 0, isWarned, JSON.stringify(sts.warnings))
  await sts.close()
}

describe('configurations of the documents', () => {
  const sectionOf = (name, heading) => pages.find((page) => page.name === name).markdown.split(`# ${heading}\n`)[1]?.split('\n#')[0]
  for (const { name, heading, text } of all('json')) it(`${name}, “${heading}”`, () => taken(text, sectionOf(name, heading)))

  it('docs/exchequer.json is one', async () => {
    assert.ok(read(join(DOCS, 'configuration.md')).includes(read(join(DOCS, 'exchequer.json'))))
  })
})

describe('modules of the documents', () => {
  for (const [index, { name, heading, text }] of all('js').entries()) {
    it(`${name}, “${heading}”`, { timeout: PATIENCE_MS }, () => {
      const { directory, env, remove } = workplace()
      const path = join(directory, `${index}.mjs`)
      writeFileSync(path, text)
      try {
        const { status, stderr } = spawnSync(process.execPath, [path], { cwd: directory, env, encoding: 'utf8', timeout: PATIENCE_MS })
        assert.equal(status, 0, `${text}\n${stderr}`)
      } finally {
        remove()
      }
    })
  }
})

describe('the READMEs', () => {
  const blocks = (name) => blocksOf(read(join(ROOT, name)))

  for (const name of ['README.md', 'pkg/README.md']) {
    for (const [index, { heading, text }] of blocks(name).filter(({ language }) => language === 'js').entries()) {
      // A Worker's module runs in workerd; its tests are there.
      const elsewhere = /from '(exchequer\/worker|cloudflare:)/.test(text) && 'it is for another runtime'
      it(`${name}, “${heading}”`, { skip: elsewhere, timeout: PATIENCE_MS }, async () => {
        const { directory, env, remove } = workplace()
        const path = join(directory, `${index}.mjs`)
        writeFileSync(path, `${text.replaceAll('9443', String(await freePort()))}\nprocess.exit(0)\n`)
        const given = new URL('support/given.mjs', import.meta.url).href
        const node = ['--import', given, path]
        try {
          const { status, stderr } = spawnSync(process.execPath, node, { cwd: directory, env, encoding: 'utf8', timeout: PATIENCE_MS })
          assert.equal(status, 0, `${text}\n${stderr}`)
        } finally {
          remove()
        }
      })
    }
    for (const { heading, text } of blocks(name).filter(({ language }) => language === 'json')) {
      it(`${name}, the configuration of “${heading}”`, () => taken(text))
    }
  }

  it('name every option and method of the package', () => {
    const named = read(join(ROOT, 'pkg/README.md'))
    const source = (file) => read(join(ROOT, 'pkg/src', file))
    const members = (file, name) => {
      const [, body] = new RegExp(`interface ${name}\\b[^{]*\\{\\n([^]*?)\\n\\}`).exec(source(file))
      return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??:/gm)].map(([, member]) => member)
    }
    const requests = ['Target', 'ExchangeRequest', 'AssertionRequest', 'RefreshRequest', 'ClientCredentialsRequest']
    const tables = {
      'option of `createExchequer`': members('options.ts', 'ExchequerOptions'),
      'option of `authenticate`': members('options.ts', 'AccessOptions'),
      'option of `validate`': members('validate.ts', 'ValidateOptions'),
      'option of `listen`': members('node/server.ts', 'ListenOptions'),
      'member of a request to `handle`': [...members('options.ts', 'PlainRequest'), ...members('options.ts', 'SenderAddress')],
      'member of a request for a token': requests.flatMap((name) => members('exchange.ts', name)),
      method: methods(source('exchequer.ts')),
    }
    for (const [title, expected] of Object.entries(tables)) {
      const [, rows] = named.split(`\n| ${title} |`)
      const column = rows.split('\n\n')[0].matchAll(/^\| (`.+?) \|/gm)
      const found = [...column].flatMap(([, cell]) => [...cell.matchAll(/`(\w+)/g)].map(([, name]) => name))
      assert.deepEqual(new Set(found), new Set(expected), title)
    }
    for (const option of members('worker/service.ts', 'WorkerOptions')) {
      assert.match(named, new RegExp(`createWorker\\(\\{[^}]*\\b${option}\\b`), option)
    }
  })

  it('have commands of the shell, and a loop that is run elsewhere', { skip }, () => {
    const [loop] = blocks('README.md').filter(({ language }) => language === 'rust')
    const flat = (text) => text.replaceAll(/\s+/g, ' ').trim()
    assert.ok(flat(read(join(DOCS, 'tutorials/rust.md'))).includes(flat(loop.text)), 'docs/tutorials/rust.md has another loop')
    for (const { text } of blocks('README.md').filter(({ language }) => language === 'sh')) {
      for (const [, command] of text.matchAll(/^npx exchequer (\w+)/gm)) {
        assert.equal(spawnSync(process.execPath, [CLI, command, '--help']).status, 0, command)
      }
      for (const [, task] of text.matchAll(/^cargo xtask (\w+)/gm)) {
        assert.match(read(join(ROOT, 'xtask/src/main.rs')), new RegExp(`Some\\("${task}"\\)`), task)
      }
    }
  })
})

describe('the reference of the administration API', () => {
  const scopes = { Read: 'read', Users: 'users', Trust: 'trust', All: 'all' }
  const routes = [...read(join(ROOT, 'src/admin/routes.rs')).matchAll(/^ {4}\("([A-Z]+)", "([^"]+)", (\w+)\),$/gm)]
  const inSource = routes.map(([, method, path, right]) => `${method} /${path} ${scopes[right]}`)
  const rows = read(join(DOCS, 'administration-api.md')).matchAll(/^\| `([A-Z]+)` \| `([^`]+)` \| `(\w+)` \| ./gm)
  const inPage = [...rows].map(([, method, path, scope]) => `${method} ${path} ${scope}`)

  it('has every route of the server with its scope, and no other', () => {
    const [, count] = /const ROUTES: \[.*; (\d+)\]/.exec(read(join(ROOT, 'src/admin/routes.rs')))
    assert.equal(inSource.length, Number(count), 'the routes of src/admin/routes.rs are not all read')
    assert.deepEqual(inPage.toSorted(), inSource.toSorted())
  })

  it('has every code of an error with its status', () => {
    const files = ['src/admin', 'src/administrator'].flatMap((folder) => rustIn(join(ROOT, folder)))
    const codes = (pattern) => files.flatMap((text) => [...text.matchAll(pattern)].map(({ groups: { code, status } }) => `${code} ${status}`))
    const inCode = new Set([
      ...codes(/Kind \{\s*status: (?<status>\d+),\s*code: "(?<code>[^"]+)"/g),
      ...codes(/^ {4}[A-Z_]+ (?<status>\d{3}) "(?<code>[A-Z]+-\d+)"/gm),
    ])
    const named = new Set(files.flatMap((text) => text.match(/"(EXQ|IDP|APP|UAA)-\d{5}"/g) ?? []))
    assert.deepEqual(new Set([...inCode].map((one) => `"${one.split(' ')[0]}"`)), named, 'the codes of src are not all read')
    const rows = read(join(DOCS, 'administration-api.md')).matchAll(/^\| `([A-Z]+-\d{5})` \| (\d{3}) \| ./gm)
    assert.deepEqual(new Set([...rows].map(([, code, status]) => `${code} ${status}`)), inCode)
  })

  it('names every scope as the server does', () => {
    const names = read(join(ROOT, 'src/config/model.rs'))
    for (const [right, short] of Object.entries(scopes)) {
      const constant = right === 'All' ? 'ADMIN_SCOPE' : `ADMIN_${right.toUpperCase()}_SCOPE`
      const [, scope] = new RegExp(`const ${constant}: &str = "([^"]+)"`).exec(names)
      assert.ok(read(join(DOCS, 'administration-api.md')).includes(`| \`${short}\` | \`${scope}\` |`), right)
    }
  })
})

/** The texts of the Rust files in a folder, without their tests. */
function rustIn(folder) {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.rs'))
  return names.map((name) => read(join(folder, name)).split('#[cfg(test)]\nmod tests')[0])
}

/** The public methods of the class `Exchequer`, without those that are marked internal. */
function methods(file) {
  const text = file.split('export class Exchequer')[1].split('\n}\n')[0]
  const internal = new Set([...text.matchAll(/@internal[^]*?\*\/\s+(?:async |get )?(\w+)/g)].map(([, name]) => name))
  const all = [...text.matchAll(/^ {2}(?:async |readonly )?(\w+)(?:\(| = async \()/gm)].map(([, name]) => name)
  return all.filter((name) => name !== 'constructor' && !internal.has(name))
}

describe('the tutorial for Rust', () => {
  const page = pages.find(({ name }) => name === 'docs/tutorials/rust.md')
  const [{ text: manifest }] = page.blocks.filter(({ language }) => language === 'toml')

  it('names the oldest compiler that the crate takes', () => {
    const workspace = read(join(ROOT, 'Cargo.toml'))
    const [, version] = /^rust-version = "([^"]+)"$/m.exec(workspace)
    assert.ok(manifest.includes(`rust-version = "${version}"`) && page.markdown.includes(`Rust ${version} or newer`))
    assert.ok(manifest.includes(/^edition = "[^"]+"$/m.exec(workspace)[0]))
  })

  it('names every crate that its programs use', () => {
    const programs = page.blocks.filter(({ language }) => language === 'rust').map(({ text }) => text).join('')
    const used = [...programs.matchAll(/(?<!::)\b([a-z]\w+)::(?=[\w{])/g)].map(([, crate]) => crate)
    const crates = new Set(used.filter((crate) => crate !== 'std'))
    const named = [...manifest.split('[dependencies]\n')[1].matchAll(/^(\w+) = /gm)].map(([, crate]) => crate)
    assert.deepEqual(new Set(named), crates)
  })
})

describe('what is not run', () => {
  it('is named, and known', (test) => {
    for (const { name, blocks } of pages) {
      for (const { heading, language } of blocks) {
        if (['bash', 'json', 'js', 'filter'].includes(language)) continue
        assert.ok(NOT_RUN[language], `${name}, “${heading}”: a block of ${language || 'no language'}`)
        test.diagnostic(`not run: ${name}, “${heading}” (${language}): ${NOT_RUN[language]}`)
      }
    }
  })

  it('is YAML where it says so', () => {
    for (const { name, heading, text } of all('yaml')) {
      for (const document of parseAllDocuments(text)) {
        assert.deepEqual(document.errors, [], `${name}, “${heading}”`)
        assert.notEqual(document.toJS(), null)
      }
    }
  })

  it('is JSON where it says so', () => {
    for (const { name, heading, text } of all('json5')) assert.doesNotThrow(() => JSON.parse(text), `${name}, “${heading}”`)
  })

  it('has the syntax of a shell where it says so', { skip }, () => {
    for (const { name, heading, text } of all('sh')) {
      const { status, stderr } = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' })
      assert.equal(status, 0, `${name}, “${heading}”: ${stderr}`)
    }
  })
})

describe('links of the documents', () => {
  it('lead somewhere', () => {
    const files = [...markdownIn(DOCS), ...['README.md', 'CONTRIBUTING.md', 'DESIGN.md', 'SECURITY.md', 'pkg/README.md'].map((name) => join(ROOT, name))]
    const broken = []
    for (const path of files) {
      const text = read(path).replaceAll(/^ *```[^]*?^ *```$/gm, '')
      for (const [, link] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^(https?|mailto):/.test(link)) continue
        const [file, anchor] = link.split('#')
        const target = file === '' ? path : resolve(dirname(path), file)
        if (!existsSync(target)) broken.push(`${relative(ROOT, path)}: ${link}`)
        else if (anchor && !anchorsOf(read(target)).has(anchor)) broken.push(`${relative(ROOT, path)}: no heading for #${anchor}`)
      }
    }
    assert.deepEqual(broken, [])
  })

  it('lead to every page', () => {
    const index = read(join(DOCS, 'README.md'))
    for (const { path } of pages) {
      const name = relative(DOCS, path)
      assert.ok(name === 'README.md' || index.includes(`(${name})`), `docs/README.md does not mention ${name}`)
    }
  })
})

/** The anchors that headings get on GitHub. */
function anchorsOf(markdown) {
  const slug = (title) => title.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').trim().replaceAll(/\s/g, '-')
  return new Set([...markdown.matchAll(/^#{1,6} (.*)$/gm)].map(([, title]) => slug(title)))
}
