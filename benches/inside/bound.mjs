/**
 * A token request with a DPoP proof and one without, and the verification of that
 * proof's signature alone. Runs in every JavaScript runtime.
 */
import { createExchequer } from 'exchequer'

import { CLIENT, SCOPE, STS, configuration } from './job.mjs'

export const [UNBOUND, BOUND, SIGNATURE] = ['not bound', 'bound to a key', 'one native verification by ES256']

/**
 * The parties by name; each takes `{ token, proof }`.
 *
 * @param verified makes the verification alone, of the client's public key
 */
export async function boundParties({ theirs, ours, client }, verified) {
  const sts = await createExchequer(configuration({ theirs, ours }))
  const exchange = (token, dpop) => sts.exchange({ clientId: CLIENT, subjectToken: token, subjectTokenType: 'jwt', scope: SCOPE, dpop })
  return {
    [UNBOUND]: ({ token }) => exchange(token),
    [BOUND]: ({ token, proof }) => exchange(token, { proof, method: 'POST', url: `${STS}/oauth2/token` }),
    [SIGNATURE]: await verified(client),
  }
}
