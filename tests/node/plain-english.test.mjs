/**
 * Documents, comments, messages and the console use no phrase of
 * tests/plain-english.json. Each file is read as one text, because a phrase may
 * stand on two lines.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'

const root = new URL('../../', import.meta.url)
const { phrases } = JSON.parse(readFileSync(new URL('tests/plain-english.json', root), 'utf8'))

const READ = /\.(md|rs|ts|tsx|mjs|js|py|wit|html|css|toml|yml|yaml)$/
/** What is not prose of this project: made by the forge, or results. */
const LEFT_OUT = /^(tests\/vectors\/[^/]+\/[^/]+\.json|benches\/RESULTS\.md|tests\/plain-english\.json|tests\/node\/plain-english\.test\.mjs)$/

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, maxBuffer: 1 << 26 })
  .toString()
  .split('\n')
  .filter((file) => READ.test(file) && !LEFT_OUT.test(file))

/** A phrase, also where a line breaks in it: the mark of a comment may stand between its words. */
const pattern = (phrase) => new RegExp(`\\b${phrase.split(' ').join('\\s+(?:[/*!#>|]+\\s+)?')}\\b`, 'gi')

/** The phrases in a text, each with its line. */
export function found(text) {
  return phrases.flatMap(({ phrase, instead }) =>
    [...text.matchAll(pattern(phrase))].map(({ index }) => `line ${text.slice(0, index).split('\n').length}: “${phrase}”; write: ${instead}`),
  )
}

describe('plain English', () => {
  it('finds a phrase on two lines of a comment', () => {
    assert.deepEqual(found('/// The keys cannot\n/// be had now.').length, 1)
    assert.deepEqual(found('The keys are temporarily unavailable.'), [])
  })

  it(`stands in ${files.length} files`, () => {
    assert.ok(files.length > 500, `only ${files.length} files were read`)
    const wrong = files.flatMap((file) => found(readFileSync(new URL(file, root), 'utf8')).map((one) => `${file}, ${one}`))
    assert.deepEqual(wrong, [])
  })
})
