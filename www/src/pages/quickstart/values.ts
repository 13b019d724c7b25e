/** Which recipe fits an issuer, and the values that it needs. */
import type { Application, Issuer } from '../../model.ts'
import { proofOf } from '../../playground/server.ts'
import type { Values } from './recipes.ts'

/** Claims of a service account's token in Kubernetes. */
const SERVICE_ACCOUNT = /system:serviceaccount:([\w-]+)(?::([\w-]+))?/

const BY_ISSUER: [RegExp, string][] = [
  [/^https:\/\/token\.actions\.githubusercontent\.com/, 'github'],
  [/^https:\/\/gitlab\./, 'gitlab'],
  [/^https:\/\/oidc\.circleci\.com/, 'circleci'],
  [/^https:\/\/agent\.buildkite\.com/, 'buildkite'],
  [/kubernetes|container\.googleapis\.com|\/\/oidc[.-]eks\.|oic\.prod-aks\.azure\.com/, 'kubernetes'],
]

/** The recipe that is shown first. */
export function recipeOf({ issuer, conditions = [] }: Pick<Issuer, 'issuer' | 'conditions'>): string {
  const known = BY_ISSUER.find(([pattern]) => pattern.test(issuer))?.[1]
  if (known !== undefined) return known
  if (SERVICE_ACCOUNT.test(JSON.stringify(conditions))) return 'kubernetes'
  // A self-managed GitLab has any name.
  return conditions.some(({ claim }) => claim === 'namespace_path' || claim === 'project_path') ? 'gitlab' : 'curl'
}

export function valuesOf(server: string, issuer: Pick<Issuer, 'conditions'>, application: Application): Values {
  const [, namespace = 'default', account = 'default'] = SERVICE_ACCOUNT.exec(JSON.stringify(issuer.conditions ?? [])) ?? []
  const { audiences = [], scopes = [], defaultScopes = [] } = application
  return {
    server,
    clientId: application.clientId,
    proof: proofOf(application),
    audience: audiences[0] ?? '',
    scope: defaultScopes.length > 0 ? '' : scopes.join(' '),
    namespace,
    account,
  }
}
