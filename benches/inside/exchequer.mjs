/** The job done by Exchequer. */
import { createExchequer } from 'exchequer'

import { CLIENT, SCOPE, configuration } from './job.mjs'

export async function exchequer(keys) {
  const sts = await createExchequer(configuration(keys))
  return (token) => sts.exchange({ clientId: CLIENT, subjectToken: token, subjectTokenType: 'jwt', scope: SCOPE })
}
