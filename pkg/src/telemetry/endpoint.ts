/** Which endpoint a request is for: a label, from a fixed list whatever was sent. */

const BY_END: readonly (readonly [string, string])[] = [
  ['/oauth2/token', 'token'],
  ['/oauth2/introspect', 'introspect'],
  ['/oauth2/revoke', 'revoke'],
  ['/oauth2/explain', 'explain'],
  ['/oauth2/jwks', 'jwks'],
  ['/healthz', 'health'],
  ['/metrics', 'metrics'],
]

const BY_PART: readonly (readonly [string, string])[] = [
  ['/.well-known/', 'metadata'],
  ['/scim2/', 'administration'],
  ['/api/', 'administration'],
]

export function endpointOf(target: string): string {
  const query = target.indexOf('?')
  const path = query < 0 ? target : target.slice(0, query)
  for (const [end, name] of BY_END) if (path.endsWith(end)) return name
  for (const [part, name] of BY_PART) if (path.includes(part)) return name
  return 'other'
}
