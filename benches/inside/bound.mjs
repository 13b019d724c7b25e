/**
 * A token request with a DPoP proof and one without, and one without after which the
 * signature of a proof is verified: so that all find the caches of the processor alike.
 * Runs in every JavaScript runtime.
 */
import { createExchequer } from 'exchequer'

import { CLIENT, SCOPE, configuration } from './job.mjs'

export const [UNBOUND, BOUND, BOTH] = ['not bound', 'bound to a key', 'not bound, and one native verification by ES256']

/**
 * The parties by name; each takes `{ token, proof }`.
 *
 * @param verified makes a function that verifies a proof natively, of the client's public key
 */
export async function boundParties({ theirs, ours, client }, verified) {
  const sts = await createExchequer(configuration({ theirs, ours }))
  const exchange = (token, dpop) => sts.exchange({ clientId: CLIENT, subjectToken: token, subjectTokenType: 'jwt', scope: SCOPE, dpop })
  const verify = await verified(client)
  return {
    [UNBOUND]: ({ token }) => exchange(token),
    [BOUND]: ({ token, proof }) => exchange(token, { proof }),
    [BOTH]: async ({ token, proof }) => {
      const issued = await exchange(token)
      await verify(proof)
      return issued
    },
  }
}
