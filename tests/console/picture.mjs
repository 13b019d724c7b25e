/**
 * Takes the picture in README.md: a token of GitHub Actions that the playground
 * refuses. Run by hand after the console changed: `node tests/console/picture.mjs`.
 */
import { fileURLToPath } from 'node:url'

import { open, start } from './support/console.mjs'

const FILE = fileURLToPath(new URL('../../docs/images/refused.png', import.meta.url))

const { sts, browser, stop } = await start(() => ({}))
try {
  const page = await open(browser, `${sts.url}/console/#/playground`, { viewport: { width: 1200, height: 900 }, deviceScaleFactor: 1.5 })
  const claims = page.getByLabel('Claims')
  const said = JSON.parse(await claims.inputValue())
  await claims.fill(JSON.stringify({ ...said, repository_owner: 'somebody-else', sub: 'repo:somebody-else/app:ref:refs/heads/main' }, null, 2))
  await page.getByRole('button', { name: 'Try it out' }).click()
  const decision = page.getByRole('region', { name: 'Decision' })
  await decision.getByText('subject_token.condition.not_met').first().waitFor()
  // The verdict and the checks are the picture; the tokens beside each other are too small in it.
  await decision.locator('.side').evaluate((side) => (side.style.display = 'none'))
  await decision.evaluate((region) => Object.assign(region.style, { padding: '0 1rem 0.5rem', margin: '0 -1rem' }))
  await decision.screenshot({ path: FILE })
} finally {
  await stop()
}
