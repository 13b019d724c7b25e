/**
 * The blocks of a document, each by what is done with it:
 *
 * | language | what is done |
 * |---|---|
 * | `bash` | run, in order, in one shell; `console` or `json` behind it is what it prints |
 * | `json` | a configuration, or a piece of one, that the engine takes without a warning; with `…` in it, an excerpt; with `mode`, one of the filter for Envoy, which Envoy starts with |
 * | `json5` | any other JSON |
 * | `js` | run as a module |
 * | `yaml` | parsed, and not run: it is for a system that is not here |
 * | `sh` | read by `bash -n`, and not run: it needs what is not here |
 * | `nginx` | tests/node/nginx.test.mjs starts nginx with it |
 * | `rust`, `text`, `toml` | shown |
 */

/** Languages that are not run, and why. */
export const NOT_RUN = {
  yaml: 'it is for a cluster, a proxy or a pipeline that is not here; it is parsed',
  sh: 'it needs a cluster, a registry or a service that is not here; its syntax is checked',
  nginx: 'tests/node/nginx.test.mjs starts nginx with it',
  rust: 'the tests of the crate run it',
  toml: 'it is the manifest of a crate that is not here; its versions and crates are compared',
  text: 'it is no command',
  json5: 'it is an excerpt',
}

export function blocksOf(markdown) {
  const blocks = []
  let heading = 'the beginning'
  let isPrinted = false
  for (const [, title, language, text] of markdown.matchAll(/^#{1,6} (.*)$|^ *```([\w-]*)\n([^]*?)^ *```$/gm)) {
    if (title !== undefined) {
      heading = title
      isPrinted = false
      continue
    }
    // What stands directly behind commands is their output.
    if (isPrinted && (language === 'json' || language === 'console')) {
      blocks.at(-1).output = { language, text }
      isPrinted = false
      continue
    }
    isPrinted = language === 'bash'
    blocks.push({ heading, language: language === 'json' ? kindOf(text) : language, text })
  }
  return blocks
}

function kindOf(json) {
  if (json.includes('…')) return 'json5'
  return /^\{\s*"mode":/.test(json) ? 'filter' : 'json'
}

/** The commands of a document with what they print, as a document by itself. */
export function commandsOf(blocks) {
  const fence = ({ language, text }) => `\`\`\`${language}\n${text}\`\`\`\n`
  const steps = blocks.filter(({ language }) => language === 'bash')
  // What is piped may fail, as a refusal does; what is printed is compared.
  const begin = fence({ language: 'bash', text: 'set +o pipefail\n' })
  const run = steps.map((step) => `# ${step.heading}\n${fence(step)}${step.output === undefined ? '' : fence(step.output)}`).join('')
  return begin + run
}

/** A piece of a configuration as a whole one. */
export function wholeConfiguration(piece) {
  const issuer = 'https://sts.example.com'
  if (piece.issuer !== undefined && piece.certificate === undefined) return piece
  if (piece.clientId !== undefined) {
    const named = (piece.trustedTokenIssuers ?? []).map((one) => one.name ?? one)
    const trustedTokenIssuers = named.map((name, index) => trusted(name, `https://issuer-${index}.example.com`))
    const roles = [{ name: 'any' }]
    return { issuer, trustedTokenIssuers, applications: [piece], roles }
  }
  if (piece.certificate !== undefined) {
    return { issuer, trustedTokenIssuers: [piece], applications: [application(piece.name)] }
  }
  return { issuer, ...piece }
}

function trusted(name, issuer) {
  const claims = ['email', 'repository', 'namespace', 'team'].map((claim) => ({ from: claim, to: claim }))
  return { name, issuer, certificate: { jwksUri: `${issuer}/jwks` }, claims }
}

function application(...trustedTokenIssuers) {
  return {
    clientId: 'any',
    clientSecret: { env: 'ANY_SECRET' },
    grantTypes: ['urn:ietf:params:oauth:grant-type:token-exchange'],
    trustedTokenIssuers,
    subject: { useMappedLocalSubject: true },
  }
}
