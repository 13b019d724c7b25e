/** What is no compact JWS with one meaning. */
import { CompactEncrypt } from 'jose'

import { suite } from '../case.mjs'
import { key } from '../keys.mjs'
import { NOW, b64, jwt } from '../token.mjs'

const compact = 'subject_token.shape.not_compact'
const base64url = 'subject_token.shape.base64url'
const json = 'subject_token.shape.json'
const of = (what) => `subject_token.shape.${what}`

const honest = `"iss":"https://idp.example","sub":"user-42","aud":"https://sts.example","exp":${NOW + 600}`
const text = (change) => async () => ({ text: change((await jwt({ key: 'idp-ed25519' })).text) })
const parts = (change) => text((token) => change(...token.split('.')))

suite('shape', ({ refuse }) => {
  const shape = (name, about, reason, token) => refuse(name, about, reason, { token: typeof token === 'function' ? token() : token })

  shape('opaque', 'A random string is not a JWT.', compact, 'accVkjcJyb4BWCxGsndESCJQbdFMogUC5PbRDqceLTC')
  shape('json', 'The JSON serialisation of a JWS is not a JWT.', of('json_document'), '{"payload":"e30","signatures":[]}')
  shape('one-dot', 'Two parts are no JWT.', compact, parts((h, p) => `${h}.${p}`))
  shape('three-dots', 'Four parts are no JWT.', compact, parts((h, p, s) => `${h}.${p}.${s}.${s}`))
  shape('placeholder', 'A shell that fills in nothing sends the name of the variable.', of('placeholder'), { text: '$ID_TOKEN' })
  shape('shortened', 'A log shows a token shortened, and somebody copies it.', of('placeholder'), { text: 'eyJhbGciOiJFUzI1NiJ9.eyJpc3Mi…' })
  shape('encoded-again', 'The data of a Kubernetes Secret is base64 of the token.', of('encoded_again'), { text: Buffer.from('eyJhbGciOiJFUzI1NiJ9.e30.AAAA').toString('base64') })
  shape('two-tokens', 'Two tokens with a comma between them have five parts, and are no JWE.', base64url, { text: 'e30.e30.AAAA,e30.e30.AAAA' })
  shape('invisible', 'A character that nobody sees comes with a copied text.', base64url, { text: '\u200be30.e30.AAAA' })
  shape('many-dots', 'A thousand parts are no JWT.', compact, [{ repeat: 'e30.', times: 1000 }])
  shape('no-header', 'A token without header is not a JWT.', compact, parts((h, p, s) => `.${p}.${s}`))
  shape('no-payload', 'A detached payload is not a JWT.', compact, parts((h, p, s) => `${h}..${s}`))
  shape('only-dots', 'Two dots are no JWT.', compact, '..')
  refuse('no-signature', 'A token without signature is rejected like any other bad signature.', 'subject_token.signature.rejected', {
    token: parts((h, p) => `${h}.${p}.`)(), expect: { fetches: 1 },
  })

  // The signature of Ed25519 is 64 bytes: the last character has four bits to spare.
  const last = (s, by) => s.slice(0, -1) + String.fromCharCode(s.charCodeAt(s.length - 1) + by)
  shape('signature-trailing-bits', 'Bits that decoding would drop are refused: one signature, one spelling.', base64url, parts((h, p, s) => `${h}.${p}.${last(s, 1)}`))
  shape('payload-padded', 'Base64 padding is refused.', of('padding'), parts((h, p, s) => `${h}.${p}==.${s}`))
  shape('signature-padded', 'Base64 padding of the signature is refused.', of('padding'), parts((h, p, s) => `${h}.${p}.${s}==`))
  shape('standard-alphabet', 'The standard base64 alphabet is refused.', of('standard_base64'), async () => {
    const { text } = await jwt({ key: 'idp-ed25519', claims: { x: '>>>???~~~' } })
    const other = text.replaceAll('-', '+').replaceAll('_', '/')
    if (other === text) throw new Error('nothing differs')
    return { text: other }
  })
  shape('space-before', 'A space before the token is refused.', of('white_space'), text((t) => ` ${t}`))
  shape('newline-after', 'A line break after the token is refused.', of('white_space'), text((t) => `${t}\n`))
  shape('newline-of-windows-after', 'A line break of Windows after the token is refused, and named.', of('white_space'), text((t) => `${t}\r\n`))
  shape('quotes', 'Quotation marks around the token are refused, and named.', of('quotes'), text((t) => JSON.stringify(t)))
  shape('quotes-of-a-shell', 'So are single ones, with a line break behind them.', of('quotes'), text((t) => `'${t}'\n`))
  shape('token-response', 'The whole answer of a token endpoint is not its token.', of('json_document'), text((t) => JSON.stringify({ access_token: t, token_type: 'Bearer' })))
  shape('byte-order-mark', 'A byte order mark before the token is refused, and named.', of('byte_order_mark'), text((t) => `\ufeff${t}`))
  shape('utf-16', 'A token that was written as UTF-16 is refused, and named.', of('utf16'), text((t) => [...t].map((c) => `${c}\u0000`).join('')))
  shape('newline-inside', 'A line break inside the token is refused.', of('white_space'), parts((h, p, s) => `${h}.${p.slice(0, 20)}\r\n${p.slice(20)}.${s}`))
  shape('nul-inside', 'A NUL inside the token is refused.', base64url, parts((h, p, s) => `${h}.${p}.${s}\u0000`))
  shape('bearer-prefix', 'A scheme name before the token is refused.', of('bearer'), text((t) => `Bearer ${t}`))
  shape('header-field', 'A whole header field is refused, and named.', of('bearer'), text((t) => `Authorization: Bearer ${t}`))
  shape('percent-encoded', 'Percent signs that are left in the token are refused.', of('percent_encoded'), text((t) => `${t}%3D`))
  shape('look-alike-letter', 'A Cyrillic letter is no base64url.', base64url, parts((h, p, s) => `${h}.${p}.${s.slice(0, -4)}аAAA`))
  shape('one-character-left', 'No number of bytes is one character longer than a multiple of four.', base64url, parts((h, p) => `${h}.${p}.AAAAA`))

  refuse('white-space-around-an-opaque-token', 'A token that is not known, with a line break behind it, is named by the line break.', of('white_space'), {
    type: 'access_token', token: { text: 'accVkjcJyb4BWCxGsndESCJQbdFMogUC5PbRDqceLTC\n' },
  })
  refuse('quotes-around-a-refresh-token', 'So is a refresh token with quotation marks around it.', of('quotes'), {
    type: 'refresh_token', token: { text: '"accVkjcJyb4BWCxGsndESC.JQbdFMogUC5PbRDqceLTC"' },
  })

  const payload = (name, about, payloadText) => shape(name, about, json, { payloadText })
  const header = (name, about, headerText) => shape(name, about, json, { headerText })
  payload('claim-twice', 'A claim that stands twice has two meanings.', `{${honest},"sub":"admin"}`)
  payload('claim-twice-the-same', 'A claim that stands twice is refused even if both say the same.', `{${honest},"sub":"user-42"}`)
  payload('claim-twice-escaped', 'A claim that stands twice is refused however its name is written.', `{${honest},"\\u0073ub":"admin"}`)
  payload('claim-twice-deep', 'A member that stands twice is refused at every level.', `{${honest},"x":[{"a":1,"a":2}]}`)
  header('header-twice', 'A header parameter that stands twice is refused.', '{"alg":"none","kid":"idp-es256","alg":"ES256"}')
  header('header-twice-escaped', 'A header parameter that stands twice is refused however its name is written.', '{"alg":"ES256","kid":"idp-es256","\\u0061lg":"none"}')
  header('header-twice-deep', 'A member that stands twice inside a header parameter is refused.', '{"alg":"ES256","kid":"idp-es256","jwk":{"a":1,"a":1}}')
  payload('payload-list', 'Claims are an object.', `[{${honest}}]`)
  payload('payload-text', 'Claims are not a text.', JSON.stringify(`{${honest}}`))
  payload('payload-null', 'Claims are not null.', 'null')
  payload('payload-two-documents', 'Nothing follows the claims.', `{${honest}}{}`)
  payload('payload-cut-off', 'Claims that are cut off are refused.', `{${honest}`)
  payload('payload-comment', 'JSON has no comments.', `{${honest}/* */}`)
  payload('payload-trailing-comma', 'JSON has no trailing commas.', `{${honest},}`)
  payload('payload-single-quotes', 'JSON has no single quotes.', "{'iss':'https://idp.example'}")
  payload('payload-byte-order-mark', 'JSON begins without a byte order mark (RFC 8259 section 8.1).', `\ufeff{${honest}}`)
  shape('payload-not-utf8', 'Claims are UTF-8.', json, { payloadText: Buffer.concat([Buffer.from(`{${honest},"x":"`), Buffer.from([0xff]), Buffer.from('"}')]) })
  shape('payload-overlong-utf8', 'Claims are UTF-8 without overlong forms.', json, { payloadText: Buffer.concat([Buffer.from(`{${honest},"x":"`), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]) })
  payload('payload-lone-surrogate', 'A lone surrogate is no text.', `{${honest},"x":"\\ud800"}`)
  payload('exp-nan', 'NaN is no JSON.', `{${honest.replace(/"exp":\d+/, '"exp":NaN')}}`)
  payload('exp-infinity', 'Infinity is no JSON.', `{${honest.replace(/"exp":\d+/, '"exp":Infinity')}}`)
  payload('exp-overflow', 'A number that no reader can hold is refused.', `{${honest.replace(/"exp":\d+/, '"exp":1e400')}}`)
  payload('exp-hexadecimal', 'Hexadecimal numbers are no JSON.', `{${honest.replace(/"exp":\d+/, '"exp":0x7fffffff')}}`)
  payload('exp-leading-zero', 'A leading zero is no JSON.', `{${honest.replace(/"exp":/, '"exp":0')}}`)
  header('header-list', 'A header is an object.', '[{"alg":"ES256"}]')
  header('header-empty-text', 'A header is JSON.', ' ')
  payload('deep', 'Claims that are nested 17 deep are refused.', `{${honest},"deep":${'['.repeat(16)}${']'.repeat(16)}}`)
  payload('deep-bomb', 'Claims that are nested thousands deep are refused and cost nothing.', '{"x":'.repeat(2000) + '1' + '}'.repeat(2000))
  header('deep-bomb-in-the-header', 'A header that is nested thousands deep is refused and costs nothing.', '[]'.replace('[', '['.repeat(4000)))
  shape('long', 'A token of one byte more than 16 KiB is refused before it is read.', 'subject_token.shape.too_large', [{ repeat: 'e', times: 16385 }])

  shape('jwe', 'An encrypted token is refused plainly.', 'subject_token.shape.encrypted', () => jwe({ alg: 'ECDH-ES', enc: 'A128GCM' }, key('ours').publicKey))
  shape('jwe-pbes2', 'Nobody derives a key for a stranger: a PBES2 header with a huge count costs nothing.', 'subject_token.shape.encrypted', {
    text: `${b64('{"alg":"PBES2-HS256+A128KW","p2s":"AAAAAAAAAAA","p2c":2147483647,"enc":"A128GCM"}')}.AAAA.AAAA.AAAA.AAAA`,
  })
  shape('jwe-zip-bomb', 'Nothing is inflated for a stranger.', 'subject_token.shape.encrypted', {
    text: `${b64('{"alg":"dir","zip":"DEF","enc":"A128GCM"}')}..AAAA.AAAA.AAAA`,
  })
  shape('jwe-in-three-parts', 'A header with `enc` is one of a JWE, however many parts there are.', 'subject_token.shape.encrypted', { header: { enc: 'A128GCM' } })
})

async function jwe(header, publicKey) {
  const { text, shown } = await jwt()
  void text
  const payload = new TextEncoder().encode(JSON.stringify(shown.claims))
  return { text: fixed(await new CompactEncrypt(payload).setProtectedHeader(header).encrypt(publicKey)) }
}

/** Encryption differs every time: its parts are replaced by as many letters. */
function fixed(token) {
  const [header, ...rest] = token.split('.')
  const { epk, ...plain } = JSON.parse(Buffer.from(header, 'base64url'))
  const again = { ...plain, epk: { ...epk, x: 'A'.repeat(43), y: 'A'.repeat(43) } }
  return [b64(JSON.stringify(again)), ...rest.map((part) => 'A'.repeat(part.length))].join('.')
}
