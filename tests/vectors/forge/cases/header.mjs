/** What a header may say, and what it says to no avail. */
import { suite } from '../case.mjs'

suite('header', ({ refuse }) => {
  const forbidden = 'subject_token.header.alg.forbidden'
  for (const [name, alg] of Object.entries({
    'none': 'none', 'none-capital': 'None', 'none-upper': 'NONE', 'none-mixed': 'nOnE', 'empty': '',
    'number': 0, 'null': null, 'list': ['ES256'], 'lower-case': 'es256', 'unknown': 'ES256K', 'trailing-space': 'ES256 ',
  })) {
    refuse(`alg-${name}`, `A token whose \`alg\` is ${JSON.stringify(alg)} is refused, whatever signature it has.`, forbidden, {
      token: { header: { alg } },
    })
    }
  refuse('alg-absent', 'A token without `alg` is refused.', forbidden, {
    token: { headerText: '{"kid":"idp-es256","typ":"JWT"}' },
  })
})
