/** The job done by Exchequer. */
import { createExchequer } from 'exchequer'

import { CLIENT, SCOPE, configuration } from './job.mjs'

/** With its cache of verified tokens, or without. */
export async function exchequer(keys, { cache = false } = {}) {
  const sts = await createExchequer(configuration(keys, cache ? { verifiedTokens: {} } : undefined))
  return (token) => sts.exchange({ clientId: CLIENT, subjectToken: token, subjectTokenType: 'jwt', scope: SCOPE })
}
