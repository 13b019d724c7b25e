/** The administration API as an administrator calls it. */
export const ADMIN_TOKEN = 'admin-token-of-the-tests-0123456789'
export const ISSUERS = '/api/server/v1/trusted-token-issuers'
export const APPLICATIONS = '/api/server/v1/applications'
export const USERS = '/scim2/Users'
const GIVE_UP_MS = 30_000

/**
 * Calls it.
 *
 * @param fetches what sends the request: a server's `fetch`, or the network's
 */
export async function admin(url, method, path, body, fetches = fetch) {
  const request = new Request(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(GIVE_UP_MS),
  })
  const response = await fetches(request)
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }
}

/** The SCIM request that sets one attribute of a user. */
export const set = (path, value) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: [{ op: 'replace', path, value }],
})
export const LOCKED = 'urn:scim:wso2:schema:accountLocked'
