/** Which Chromium the tests start: the one that draws for nobody, if it is there, because it needs less time. */
import { existsSync } from 'node:fs'

const PROGRAMS = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'].map((name) => `/usr/bin/${name}`)

/**
 * The path of its program.
 * @throws {Error} when there is none
 */
export function executable() {
  const found = PROGRAMS.find(existsSync)
  if (found === undefined) throw new Error(`there is no Chromium on this machine: none of ${PROGRAMS.join(', ')}`)
  return found
}
