/** What is released: that it is whole, says what is in it, and names nothing of the machine that made it. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join, relative } from 'node:path'
import { describe, it } from 'node:test'

import { PYTHON, RELEASE, ROOT, VERSION, filesIn, layout, sha256 } from './support/release.mjs'
import { entriesOf } from './support/tar.mjs'

const LAYOUTS = ['component-authority', 'component-engine', 'component-http', 'envoy-filter', 'server', 'wit']

describe('the artifacts', () => {
  it('are those that SHA256SUMS lists', () => {
    const lines = readFileSync(join(RELEASE, 'SHA256SUMS'), 'utf8').trim().split('\n')
    const listed = Object.fromEntries(lines.map((line) => line.split('  ').reverse()))
    const found = filesIn('.').filter((path) => basename(path) !== 'SHA256SUMS')
    assert.deepEqual(Object.keys(listed).sort(), found.map((path) => relative(RELEASE, path)).sort())
    for (const path of found) assert.equal(sha256(readFileSync(path)), listed[relative(RELEASE, path)], path)
  })

  it('name neither the folder nor the home of whoever made them', () => {
    const places = [ROOT.replace(/\/$/, ''), join(homedir(), '.cargo'), join(homedir(), '.rustup')]
    const contents = (path) => {
      const bytes = readFileSync(path)
      return bytes[0] === 0x1f ? entriesOf(bytes).map(({ path, body }) => [path, body]) : [['', bytes]]
    }
    for (const path of filesIn('.')) {
      for (const [inside, bytes] of contents(path)) {
        for (const place of places) assert.ok(!bytes.includes(`${place}/`), `${relative(RELEASE, path)} ${inside} names ${place}`)
      }
    }
  })

  it('have notes that are the changelog', () => {
    const notes = readFileSync(join(RELEASE, 'RELEASE_NOTES.md'), 'utf8')
    const [heading, ...body] = notes.split('\n')
    assert.match(heading, new RegExp(`^# Exchequer ${VERSION.replaceAll('.', '\\.')}`))
    assert.ok(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8').includes(body.join('\n').trim()))
  })
})

describe('image layouts', () => {
  for (const name of LAYOUTS) {
    it(`${name}: each blob has its digest, each reference its blob`, () => {
      const { folder, blob, json, tags } = layout(name)
      assert.ok(tags[VERSION] !== undefined, `${name} has the tag ${VERSION}`)
      for (const path of filesIn(relative(RELEASE, join(folder, 'blobs')))) assert.equal(sha256(readFileSync(path)), basename(path))
      const follow = (digest) => {
        const { manifests = [], config, layers = [] } = json(digest)
        for (const { digest } of manifests) follow(digest)
        for (const { digest, size } of [config, ...layers].filter(Boolean)) assert.equal(blob(digest).length, size)
      }
      Object.values(tags).forEach(follow)
    })
  }

  it('envoy-filter has one layer with plugin.wasm', () => {
    const { blob, json, tags } = layout('envoy-filter')
    const { layers, annotations } = json(tags[VERSION])
    assert.equal(layers.length, 1)
    assert.equal(annotations['module.wasm.image/variant'], 'compat')
    const [{ path, body }, ...others] = entriesOf(blob(layers[0].digest))
    assert.deepEqual([path, others], ['plugin.wasm', []])
    assert.deepEqual(body, readFileSync(join(ROOT, 'pkg/dist/exchequer-envoy.wasm')))
  })

  it('components have one layer and say what they import', () => {
    const surfaces = { 'component-http': 'wasi:http/incoming-handler', 'component-authority': 'exchequer:sts/service', 'component-engine': 'exchequer:sts/steps', wit: 'exchequer:sts/engine' }
    for (const [name, exported] of Object.entries(surfaces)) {
      const { json, tags } = layout(name)
      const { layers, config } = json(tags[VERSION])
      assert.deepEqual(layers.map(({ mediaType }) => mediaType), ['application/wasm'])
      assert.equal(config.mediaType, 'application/vnd.wasm.config.v0+json')
      const { architecture, os, component, layerDigests } = json(config.digest)
      assert.deepEqual([architecture, os, layerDigests], ['wasm', 'wasip2', [layers[0].digest]])
      assert.ok(component.exports.some((one) => one.startsWith(exported)), `${name} exports ${component.exports}`)
    }
  })

  it('server has no shell, no package manager, and nothing that its user may write but its data', () => {
    const { blob, json, tags } = layout('server')
    for (const { digest } of json(tags[VERSION]).manifests) {
      const entries = json(digest).layers.flatMap((layer) => entriesOf(blob(layer.digest)))
      const unwanted = entries.filter(({ path }) => /(^|\/)(sh|bash|dash|busybox|npm|npx|corepack|apt|dpkg)$/.test(path) && !path.startsWith('var/lib/dpkg'))
      assert.deepEqual(unwanted.map(({ path }) => path), [])
      const own = entries.filter(({ owner, mode }) => owner === 65532 || (mode & 0o022) !== 0)
      assert.deepEqual(own.filter(({ type }) => type !== '2').map(({ path }) => path), ['tmp/', 'var/lib/exchequer/'])
      assert.deepEqual(entries.filter(({ mode }) => (mode & 0o6000) !== 0), [])
      assert.deepEqual(entries.filter(({ modified, ownerName }) => modified !== 0 || ownerName !== ''), [])
    }
  })
})

describe('bills of materials', () => {
  it('are CycloneDX, one for each artifact', () => {
    const bills = filesIn('sbom')
    const { status, stdout, stderr } = spawnSync(PYTHON, [join(ROOT, 'tests/release/bills.py'), ...bills], { encoding: 'utf8' })
    assert.equal(status, 0, `${stdout}\n${stderr}`)
    const names = bills.map((path) => basename(path, '.cdx.json').replace('exchequer-', ''))
    for (const name of [...LAYOUTS.filter((name) => name !== 'server'), 'npm', 'crate', 'scim-crate', 'chart']) assert.ok(names.includes(name), name)
  })

  it('name what the server is made of', () => {
    const [bill] = filesIn('sbom').filter((path) => basename(path).startsWith('exchequer-server-'))
    const { components } = JSON.parse(readFileSync(bill, 'utf8'))
    const of = (purl) => components.find((component) => component.purl.startsWith(purl))
    for (const purl of ['pkg:generic/node@', 'pkg:deb/debian/libc6@', 'pkg:npm/pg@', 'pkg:npm/%40libsql/client@', 'pkg:cargo/p256@', 'pkg:npm/preact@']) assert.ok(of(purl), purl)
    assert.equal(of('pkg:npm/%40types/node@'), undefined, 'what is not in the image is not in its bill')
    assert.match(of('pkg:cargo/p256@').hashes[0].content, /^[0-9a-f]{64}$/)
  })
})
