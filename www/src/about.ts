/** What a check or a reason is about: a label, and the field of the console that decides it. */

/** The subject of a check, and the field that decides it. */
export interface About {
  label: string
  of?: 'issuer' | 'application' | 'user'
  field?: string
}

/** By the beginning of the code. The name of the parameter that carried the token is left out. */
const ABOUT: [RegExp, About][] = [
  [/^client/, { label: 'Which application', of: 'application' }],
  [/^grant_type/, { label: 'Grant type', of: 'application', field: 'grantTypes' }],
  [/^shape/, { label: 'Shape of the token' }],
  [/^signature\.(nonce_in_header|der|other_audience|unavailable)/, { label: 'Signature' }],
  [/^key\.unavailable\.timeout/, { label: 'Signature', of: 'issuer', field: 'readTimeoutMs' }],
  [/^type/, { label: 'Declared token type' }],
  [/^header/, { label: 'Header' }],
  [/^own\.public_client/, { label: 'Issued token', of: 'application' }],
  [/^own\.other_application/, { label: 'Issued token', of: 'application', field: 'resources' }],
  [/^own\.account_mode/, { label: 'Issued token', of: 'application', field: 'subject' }],
  [/^own\.grant_withdrawn/, { label: 'Issued token', of: 'application', field: 'grantTypes' }],
  [/^own\.conditions_changed/, { label: 'Issued token', of: 'application', field: 'trustedTokenIssuers' }],
  [/^own|^(unknown|reused|raced)$/, { label: 'Issued token' }],
  [/^claims?\.(missing|wrong_type)|^claims$/, { label: 'Required claims' }],
  [/^issuer\.not_allowed/, { label: 'Issuer allowed', of: 'application', field: 'trustedTokenIssuers' }],
  [/^issuer\.gone/, { label: 'Issuer' }],
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
  [/^account\.no_attribute/, { label: 'Linked account', of: 'issuer', field: 'claims' }],
  [/^account\.no_match/, { label: 'Local account', of: 'user' }],
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
