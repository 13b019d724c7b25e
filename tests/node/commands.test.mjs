/** docs/commands.md shows what the commands say of themselves. `cargo xtask docs` writes it anew. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { it } from 'node:test'

import { run } from './support/command.mjs'

const PAGE = new URL('../../docs/commands.md', import.meta.url)

it('shows the help of every command as it is', async () => {
  const page = readFileSync(PAGE, 'utf8')
  let [expected] = page.split('\n## ')
  const names = [...(await run(['--help'])).out.matchAll(/^ {2}exchequer (\w+)/gm)].map(([, name]) => name)
  for (const name of names) {
    const { out } = await run([name, '--help'])
    expected += `\n## ${name}\n\n\`\`\`text\n${out.trim()}\n\`\`\`\n`
  }
  if (process.env.BLESS) writeFileSync(PAGE, expected)
  assert.equal(readFileSync(PAGE, 'utf8'), expected, '`cargo xtask docs` writes it anew')
})
