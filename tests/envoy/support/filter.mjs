/** The filter under test, as Envoy's configuration has it. */
import { fileURLToPath } from 'node:url'

import { exportJWK, generateKeyPair } from 'jose'

import { STS } from './issuer.mjs'
import { type } from './envoy.mjs'

export const WASM = fileURLToPath(new URL('../../../pkg/dist/exchequer-envoy.wasm', import.meta.url))
/** The same with the names of its functions, by which a test finds one. */
export const NAMED = WASM.replace(/\.wasm$/, '.names.wasm')
export const API = 'https://api.example.com'
export const SECRET = 'edge-secret-for-tests-0123456789'

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'

/** A key that signs our tokens. */
export async function ownKey(alg = 'ES256') {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  return { ...(await exportJWK(privateKey)), kid: 'ours', alg }
}

/** The configuration of the service with these issuers by name. */
export function service(key, issuers) {
  return {
    issuer: STS,
    keys: [key],
    trustedTokenIssuers: Object.entries(issuers).map(([name, issuer]) => issuer.trusted(name)),
    applications: [
      {
        clientId: 'edge',
        clientSecret: { env: 'EDGE_SECRET' },
        type: 'machine',
        grantTypes: [EXCHANGE],
        trustedTokenIssuers: Object.keys(issuers),
        audiences: [API, 'https://admin.example.com'],
        scopes: ['read', 'write'],
        accessToken: { lifetimeSeconds: 300, attributes: ['email'] },
      },
    ],
  }
}

/**
 * The HTTP filter. All of one Envoy share a VM: the same `vm_id` and the same
 * code. A gateway that is not `reading` gets no body while a request waits.
 */
export function filter(configuration, { wasm = WASM, name = 'exchequer', reading = true, variables = {} } = {}) {
  return {
    name,
    typed_config: {
      '@type': type('http.wasm.v3.Wasm'),
      config: {
        name,
        failure_policy: 'FAIL_RELOAD',
        allow_on_headers_stop_iteration: reading,
        vm_config: {
          vm_id: 'exchequer',
          runtime: 'envoy.wasm.runtime.v8',
          code: { local: { filename: wasm } },
          environment_variables: { key_values: { EDGE_SECRET: SECRET, ...variables } },
        },
        configuration: { '@type': 'type.googleapis.com/google.protobuf.StringValue', value: JSON.stringify(configuration) },
      },
    },
  }
}

/** The filter, of which the configuration comes by ECDS, from this file. */
export function discovered(path) {
  const config_source = { resource_api_version: 'V3', path_config_source: { path } }
  return { name: 'exchequer', config_discovery: { config_source, type_urls: [type('http.wasm.v3.Wasm')] } }
}

/** Which cluster leads to each issuer. */
export function clustersOf(issuers) {
  return Object.fromEntries(Object.entries(issuers).map(([name, { url }]) => [url, name]))
}
