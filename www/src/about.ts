/** What a check or a reason is about: a label, and the field of the console that decides it. */
import { t, type Texts } from './texts/index.ts'

/** The subject of a check, and the field that decides it. */
export interface About {
  label: string
  of?: 'issuer' | 'application' | 'user'
  field?: string
}

interface Known extends Omit<About, 'label'> {
  label: keyof Texts['checks']
}

/** By the beginning of the code. The name of the parameter that carried the token is left out. */
const ABOUT: [RegExp, Known][] = [
  [/^dpop/, { label: 'proof', of: 'application', field: 'dpop.required' }],
  [/^binding\.(no|other)_certificate/, { label: 'binding', of: 'application', field: 'mtls.required' }],
  [/^binding\.(refused|ignored)/, { label: 'binding', of: 'issuer', field: 'boundTokens' }],
  [/^binding/, { label: 'binding', of: 'application', field: 'dpop.rebind' }],
  [/^client\.binding/, { label: 'binding', of: 'application', field: 'profile' }],
  [/^client\.certificate/, { label: 'application', of: 'application', field: 'mtls' }],
  [/^id_jag\.public_client/, { label: 'application', of: 'application' }],
  [/^id_jag/, { label: 'grantType', of: 'application', field: 'idJag' }],
  [/^metadata/, { label: 'application' }],
  [/^client\.public/, { label: 'application', of: 'application', field: 'grantTypes' }],
  [/^client/, { label: 'application', of: 'application' }],
  [/^grant_type/, { label: 'grantType', of: 'application', field: 'grantTypes' }],
  [/^shape/, { label: 'shape' }],
  [/^signature\.(nonce_in_header|der|other_audience|unavailable)/, { label: 'signature' }],
  [/^key\.unavailable\.timeout/, { label: 'signature', of: 'issuer', field: 'readTimeoutMs' }],
  [/^type/, { label: 'type' }],
  [/^header/, { label: 'header' }],
  [/^own\.public_client/, { label: 'issued', of: 'application' }],
  [/^own\.other_application/, { label: 'issued', of: 'application', field: 'resources' }],
  [/^own\.account_mode/, { label: 'issued', of: 'application', field: 'subject' }],
  [/^own\.grant_withdrawn/, { label: 'issued', of: 'application', field: 'grantTypes' }],
  [/^own\.conditions_changed/, { label: 'issued', of: 'application', field: 'trustedTokenIssuers' }],
  [/^own|^(unknown|reused|raced)$/, { label: 'issued' }],
  [/^claims?\.(missing|wrong_type)|^claims$/, { label: 'claims' }],
  [/^issuer\.not_allowed/, { label: 'issuerAllowed', of: 'application', field: 'trustedTokenIssuers' }],
  [/^issuer\.not_of_client/, { label: 'application', of: 'application', field: 'clientAssertion.issuer' }],
  [/^claim\.sub\.not_of_client/, { label: 'application', of: 'application', field: 'clientAssertion.subject' }],
  [/^issuer\.gone/, { label: 'issuer' }],
  [/^issuer\.disabled/, { label: 'issuerEnabled', of: 'issuer', field: 'isEnabled' }],
  [/^issuer/, { label: 'issuer', of: 'issuer', field: 'issuer' }],
  [/^allowed/, { label: 'issuerAllowed', of: 'application', field: 'trustedTokenIssuers' }],
  [/^algorithm/, { label: 'algorithm', of: 'issuer', field: 'algorithms' }],
  [/^key|^signature/, { label: 'signature', of: 'issuer', field: 'certificate' }],
  [/^claim\.(iat\.too_old|exp\.too_far)/, { label: 'age', of: 'issuer', field: 'maxTokenAgeSeconds' }],
  [/^claim\.(exp|nbf|iat)/, { label: 'times', of: 'issuer', field: 'clockSkewSeconds' }],
  [/^claim\.aud\.other_client/, { label: 'audience', of: 'application', field: 'trustedTokenIssuers' }],
  [/^claim\.aud\.not_sole/, { label: 'audience' }],
  [/^claim\.client_id/, { label: 'application' }],
  [/^claim\.jti/, { label: 'claims' }],
  [/^claim\.tenant/, { label: 'condition', of: 'issuer', field: 'conditions' }],
  [/^claim\.resource/, { label: 'target', of: 'application', field: 'audiences' }],
  [/^claim\.aud/, { label: 'audience', of: 'issuer', field: 'alias' }],
  [/^condition/, { label: 'condition', of: 'issuer', field: 'conditions' }],
  [/^replay/, { label: 'replay', of: 'issuer', field: 'replayProtection' }],
  [/^account\.no_attribute/, { label: 'link', of: 'issuer', field: 'claims' }],
  [/^account\.no_match/, { label: 'account', of: 'user' }],
  [/^account\.(link|lookup|ambiguous)/, { label: 'link', of: 'application', field: 'subject' }],
  [/^account\.subject/, { label: 'link', of: 'application', field: 'subject' }],
  [/^account/, { label: 'account', of: 'user' }],
  [/^delegation/, { label: 'delegation', of: 'application', field: 'delegation' }],
  [/^target\.scope|^scope/, { label: 'scope', of: 'application', field: 'scopes' }],
  [/^target\.lifetime/, { label: 'lifetime', of: 'application', field: 'accessToken' }],
  [/^target/, { label: 'target', of: 'application', field: 'audiences' }],
]

export function aboutOf(code: string): About {
  const bare = code.replace(/^(subject_token|actor_token|assertion|client_assertion|refresh_token)\./, '')
  const found = ABOUT.find(([pattern]) => pattern.test(bare))?.[1]
  return found === undefined ? { label: bare.replaceAll(/[._]/g, ' ') } : { ...found, label: t().checks[found.label] }
}
