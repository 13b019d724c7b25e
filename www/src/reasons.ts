/** What a reason code means and how to mend it, in the language of the console. */
import catalogue from './generated/reasons.json'
import { t } from './texts/index.ts'

export interface Explained {
  cause: string
  remedy: string
}

/** The engine's own texts. */
const CATALOGUE: Record<string, Explained | undefined> = catalogue

/** The reason without the parameter that carried the token. */
const bare = (reason: string) => (reason in CATALOGUE ? reason : reason.slice(reason.indexOf('.') + 1))

/**
 * Cause and remedy of a reason. The remedy speaks of the fields of the console, unless
 * the decision was made elsewhere.
 */
export function explained(reason: string, here = true): Explained | undefined {
  const code = bare(reason)
  const found = t().reasons[code] ?? CATALOGUE[code]
  if (found === undefined || !here) return found
  return { cause: found.cause, remedy: t().remedies[code] ?? found.remedy }
}
