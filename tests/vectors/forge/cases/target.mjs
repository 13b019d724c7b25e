/** For whom and with what scope a token is issued. */
import { from, granted, refused, suite } from '../case.mjs'

const notAllowed = 'target.not_allowed'

suite('target', ({ accept, refuse }) => {
  const aud = (value) => ({ expect: { claims: { aud: value } } })
  const [api, files] = ['https://api.example', 'https://files.example/a']
  const target = (name, about, form) => refuse(name, about, notAllowed, { form, expect: { error: 'invalid_target' } })

  accept('none', 'Nothing asked for: the audiences of the application.', aud([api, files]))
  accept('none-and-none-allowed', 'Nothing asked for and no audiences: the client itself.', { client: 'defaults', ...aud('defaults') })
  accept('audience', 'An audience that is allowed becomes `aud`.', { form: { audience: api }, ...aud(api) })
  accept('resource', 'A resource that is allowed becomes `aud`.', { form: { resource: files }, ...aud(files) })
  accept('both', 'An audience and a resource become `aud` together.', { form: { resource: files, audience: api }, ...aud([api, files]) })
  accept('same-twice', 'What is asked for twice is had once.', { form: { audience: [files, files], resource: files }, ...aud(files) })
  accept('itself', 'An application without audiences may ask for itself.', { client: 'defaults', form: { audience: 'defaults' }, ...aud('defaults') })
  target('audience-not-allowed', 'An audience that is not allowed is not had.', { audience: 'https://other.example' })
  target('resource-not-allowed', 'A resource that is not allowed is not had.', { resource: 'https://other.example' })
  target('one-of-several', 'One target that is not allowed is enough to refuse.', { audience: [api, 'https://other.example'] })
  target('trailing-slash', 'Targets are compared exactly.', { audience: `${api}/` })
  target('letter-case', 'Letter case counts in a target.', { audience: 'https://API.example' })
  target('below', 'What is below an allowed resource is another resource.', { resource: `${files}/b` })
  target('joined', 'Several targets are several parameters.', { audience: `${api} ${files}` })
  target('client-id-of-the-application', 'An application with audiences may not ask for itself besides.', { audience: 'web' })
  target('ourselves', 'A token for ourselves is not had by asking.', { audience: 'https://sts.example' })
  target('long', 'A long target is not repeated in the audit log.', { audience: `https://other.example/${'x'.repeat(5000)}` })
  target('token-as-audience', 'A token in the wrong parameter is not repeated in the audit log.', { audience: 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl' })
})

suite('scope', ({ accept, refuse, steps }) => {
  const scope = (client, asked, had) => ({ client, form: { scope: asked }, expect: { body: { scope: had }, claims: { scope: had } } })
  accept('all', 'Scopes that are allowed are granted, in the order asked for.', scope('web', 'write read', 'write read'))
  accept('some', 'What is not allowed is left out, and the reply says what was granted.', scope('web', 'admin read sudo', 'read'))
  accept('twice', 'A scope that is asked for twice is granted once.', scope('web', 'read read', 'read'))
  accept('spaces', 'More spaces than needed mean nothing.', scope('web', '  read   write ', 'read write'))
  accept('none', 'Nothing asked for and no default: no scope.', scope('web', undefined, null))
  accept('empty', 'A scope without a value is none asked for.', scope('web', ' ', null))
  accept('default', 'Nothing asked for: the default of the application.', scope('defaults', undefined, 'read'))
  accept('default-not-added', 'Something asked for: the default does not come on top.', scope('defaults', 'write', 'write'))
  const malformed = { expect: { error: 'invalid_scope', fetches: 0 } }
  for (const [name, asked] of Object.entries({
    'line-break': 'read\nwrite', 'tab': 'read\twrite', 'quotation-mark': 'read "bad', 'backslash': 'read wri\\te', 'letter-beyond-ascii': 'read é', 'no-break-space': 'read\u00a0write', 'null': 'read \0',
  })) {
    refuse(name, `A scope with a character that no scope has is refused, also beside one that is allowed: ${JSON.stringify(asked)} (RFC 6749 section 3.3).`, 'scope.malformed', { form: { scope: asked }, ...malformed })
  }
  const by = (client, form) => ({ request: { basic: [client, `${client}-secret-for-tests`], form: { ...form, scope: 'read "bad' } } })
  const bearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
  steps('malformed-by-assertion', 'Nor does an assertion get one.', 'grants', [refused('scope.malformed', { ...by('web', { grant_type: bearer, assertion: {} }), ...malformed })])
  steps('malformed-in-a-refresh', 'Nor does a refresh, and the refresh token is not spent by that.', 'grants', [
    granted({ form: { scope: 'read' } }),
    refused('scope.malformed', { ...by('web', { grant_type: 'refresh_token', refresh_token: from(1, 'refresh_token') }), ...malformed }),
    granted({ request: { basic: ['web', 'web-secret-for-tests'], form: { grant_type: 'refresh_token', refresh_token: from(1, 'refresh_token') } } }),
  ])
  steps('malformed-for-a-client-itself', 'Nor does a client for itself.', 'client-metadata', [refused('scope.malformed', { ...by('partners', { grant_type: 'client_credentials' }), ...malformed })])
  for (const [name, asked] of Object.entries({
    'not-allowed': 'admin', 'letter-case': 'READ', 'star': '*', 'comma': 'read,write', 'prefix': 'rea',
  })) {
    refuse(name, `Asking only for scopes that are not allowed is refused: ${JSON.stringify(asked)}.`, 'scope.not_allowed', { form: { scope: asked }, expect: { error: 'invalid_scope' } })
  }
})
