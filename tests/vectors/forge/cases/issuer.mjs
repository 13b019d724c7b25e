/** Whose token it is: exactly one trusted token issuer, or nobody's. */
import { refused, granted, suite } from '../case.mjs'

const unknown = 'subject_token.issuer.unknown'

suite('issuer', ({ refuse, accept, steps }) => {
  for (const [name, iss] of Object.entries({
    'trailing-slash': 'https://idp.example/',
    'without-scheme': 'idp.example',
    'http': 'http://idp.example',
    'upper-case-host': 'https://IDP.example',
    'upper-case-scheme': 'HTTPS://idp.example',
    'default-port': 'https://idp.example:443',
    'path': 'https://idp.example/tenant',
    'dot-segment': 'https://idp.example/.',
    'query': 'https://idp.example?',
    'fragment': 'https://idp.example#',
    'percent-encoded': 'https://idp.ex%61mple',
    'cyrillic-letter': 'https://idp.ехample',
    'full-width-letter': 'https://ｉdp.example',
    'combining-mark': 'https://idp.example\u0301',
    'zero-width-space': 'https://idp.example\u200b',
    'punycode': 'https://xn--idp-example',
    'space-before': ' https://idp.example',
    'line-break-after': 'https://idp.example\n',
    'nul-after': 'https://idp.example\u0000',
    'trailing-dot': 'https://idp.example.',
    'subdomain-of-attacker': 'https://idp.example.attacker.example',
    'user-info': 'https://idp.example@attacker.example',
    'display-name': 'Acme',
    'pattern': 'https://*.example',
    'longer': 'https://idp.example' + 'x'.repeat(5000),
  })) {
    refuse(name, `The issuer is compared exactly: \`${iss.slice(0, 40)}\` is not \`https://idp.example\`.`, unknown, { token: { claims: { iss } } })
  }
  for (const [name, iss] of Object.entries({
    'metadata-service': 'http://169.254.169.254/latest/meta-data/',
    'loopback': 'http://127.0.0.1:8080',
    'loopback-name': 'http://localhost:6379',
    'ipv6-loopback': 'http://[::1]/',
    'inside': 'https://10.0.0.1',
    'file': 'file:///etc/passwd',
    'gopher': 'gopher://127.0.0.1:6379/_FLUSHALL',
    'attacker': 'https://attacker.example',
  })) {
    refuse(`ssrf-${name}`, `A token cannot make us fetch \`${iss}\`: only what is configured is fetched.`, unknown, { token: { claims: { iss } } })
  }

  refuse('disabled', 'Tokens of a disabled issuer are refused, and its keys are not fetched.', 'subject_token.issuer.disabled', {
    token: { claims: { iss: 'https://retired.example' } },
  })
  refuse('not-of-the-application', 'An application exchanges tokens of the issuers on its list only.', 'subject_token.issuer.not_allowed', {
    token: { claims: { iss: 'https://elsewhere.example' } },
  })
  refuse('not-of-this-application', 'The list is that of the application, not that of another.', 'subject_token.issuer.not_allowed', {
    client: 'defaults', token: { key: 'globex-rs2048', claims: { iss: 'https://globex.example' } },
  })

  refuse('algorithm-not-allowed', "An algorithm that the issuer's policy does not name is refused before anything is fetched.", 'subject_token.algorithm.not_allowed', {
    token: { key: 'globex-rs2048', alg: 'PS256', claims: { iss: 'https://globex.example' } },
  })

  const globex = { claims: { iss: 'https://globex.example' } }
  steps('same-kid-at-two-issuers', 'Two issuers may have a key of one name; each is verified by its own.', 'standard', [
    granted({ token: { key: 'globex-es256', header: { kid: 'idp-es256' }, ...globex }, expect: { fetches: 1, claims: { idp: 'https://globex.example' } } }),
    granted({ token: {}, expect: { fetches: 1, claims: { idp: 'https://idp.example' } } }),
    refused('subject_token.signature.rejected', { token: { key: 'globex-es256', header: { kid: 'idp-es256' } } }),
    refused('subject_token.signature.rejected', { token: { key: 'idp-es256', ...globex } }),
  ])
  refuse('key-of-another-issuer', 'A key that is published by another issuer does not count.', 'subject_token.key.not_found', {
    token: { key: 'globex-rs2048' }, expect: { fetches: 1 },
  })
  steps('keys-are-kept-apart', 'What one issuer publishes does not become a key of another, in whatever order they are asked.', 'standard', [
    granted({
      token: { key: 'globex-rs2048', ...globex },
      fetch: { 'https://globex.example/jwks': [{ body: { $jwks: ['globex-rs2048', { $public: 'attacker-es256', kid: 'idp-es256' }] } }] },
    }),
    refused('subject_token.signature.rejected', { token: { key: 'attacker-es256', header: { kid: 'idp-es256' } }, expect: { fetches: 1 } }),
    granted({ token: {}, expect: { fetches: 0 } }),
  ])
  steps('one-url-as-keys-and-as-issuer', 'The same URL may be the issuer of one and the key set of another: what is discovered from it and what is fetched from it are kept apart.', 'discovery', [
    granted({
      client: 'web', token: { key: 'attacker-es256', claims: { iss: 'https://squatter.example' } },
      fetch: { 'https://disco.example': [{ body: { $jwks: ['attacker-es256'] } }] },
    }),
    refused('subject_token.key.not_found', {
      token: { key: 'attacker-es256', claims: { iss: 'https://disco.example' } },
      fetch: {
        'https://disco.example/.well-known/openid-configuration': [{ body: { issuer: 'https://disco.example', jwks_uri: 'https://disco.example/jwks' } }],
        'https://disco.example/jwks': [{ body: { $jwks: ['idp-es256'] } }],
      },
      expect: { fetches: 2 },
    }),
  ])
  accept('iss-is-no-url', 'An issuer may be any string (RFC 7519 section 4.1.1).', {
    config: 'conditions', client: 'web', token: { claims: { iss: 'kubernetes/serviceaccount', kubernetes: { io: { namespace: 'prod' } } } },
  })
})
