/** The console on every host that serves HTTP, in Chromium: an administrator sees the issuers, and the playground decides. */
import { after, before, test } from 'node:test'

import { close, launch, open, signedIn } from './support/console.mjs'
import { HOSTS } from './support/hosts.mjs'

let browser
before(async () => (browser = await launch()))
after(() => browser.close())

for (const { name, skip, isAdministered, start } of HOSTS) {
  test(`the console of ${name}`, { skip }, async () => {
    const host = await start()
    try {
      if (isAdministered) {
        const page = await signedIn(browser, host)
        await page.getByRole('link', { name: 'Builds' }).waitFor()
        await close(page)
      }
      const page = await open(browser, `${host.url}/console/#/playground`)
      await page.getByRole('button', { name: 'Try it out' }).click()
      const decision = page.getByRole('region', { name: 'Decision' })
      await decision.getByText('Granted').waitFor()
      await decision.getByText('subject_token.claim.aud').waitFor()
      await close(page)
    } finally {
      await host.stop()
    }
  })
}
