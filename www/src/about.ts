/** What a check or a reason is about: its name in words, and where its answer is changed. */

/** What a check is about, and the field that decides it. */
export interface About {
  label: string
  of?: 'issuer' | 'application' | 'user'
  field?: string
}

/** By the beginning of the code; of a token's checks without the parameter's name. */
const ABOUT: [RegExp, About][] = [
  [/^client/, { label: 'Which application', of: 'application' }],
  [/^grant_type/, { label: 'Grant type', of: 'application', field: 'grantTypes' }],
  [/^shape/, { label: 'Shape of the token' }],
  [/^type/, { label: 'Declared token type' }],
  [/^header/, { label: 'Header' }],
  [/^claims?\.(missing|wrong_type)|^claims$/, { label: 'Required claims' }],
  [/^issuer\.not_allowed/, { label: 'Issuer allowed', of: 'application', field: 'trustedTokenIssuers' }],
  [/^issuer\.disabled/, { label: 'Issuer enabled', of: 'issuer', field: 'isEnabled' }],
  [/^issuer/, { label: 'Issuer', of: 'issuer', field: 'issuer' }],
  [/^allowed/, { label: 'Issuer allowed', of: 'application', field: 'trustedTokenIssuers' }],
  [/^algorithm/, { label: 'Algorithm', of: 'issuer', field: 'algorithms' }],
  [/^key|^signature/, { label: 'Signature', of: 'issuer', field: 'certificate' }],
  [/^claim\.iat\.too_old/, { label: 'Age', of: 'issuer', field: 'maxTokenAgeSeconds' }],
  [/^claim\.(exp|nbf|iat)/, { label: 'Times', of: 'issuer', field: 'clockSkewSeconds' }],
  [/^claim\.aud/, { label: 'Audience of the token', of: 'issuer', field: 'alias' }],
  [/^condition/, { label: 'Condition', of: 'issuer', field: 'conditions' }],
  [/^replay/, { label: 'Used once', of: 'issuer', field: 'replayProtection' }],
  [/^account\.(link|lookup|ambiguous)/, { label: 'Linked account', of: 'application', field: 'subject' }],
  [/^account\.subject/, { label: 'Linked account', of: 'application', field: 'subject' }],
  [/^account/, { label: 'Local account', of: 'user' }],
  [/^delegation/, { label: 'Delegation', of: 'application', field: 'delegation' }],
  [/^target\.scope|^scope/, { label: 'Scope', of: 'application', field: 'scopes' }],
  [/^target\.lifetime/, { label: 'Lifetime', of: 'application', field: 'accessToken' }],
  [/^target/, { label: 'Audience asked for', of: 'application', field: 'audiences' }],
]

export function aboutOf(code: string): About {
  const bare = code.replace(/^(subject_token|actor_token|assertion|client_assertion|refresh_token)\./, '')
  return ABOUT.find(([pattern]) => pattern.test(bare))?.[1] ?? { label: bare.replaceAll(/[._]/g, ' ') }
}
