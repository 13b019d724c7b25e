/**
 * Every preset, without a browser: its configuration is taken, the token that it
 * has as a sample is granted, and one that is nearly the same is refused for the
 * reason that it differs in.
 */
import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { describe, it } from 'node:test'

import { createExchequer } from 'exchequer'
import { SignJWT, exportJWK, generateKeyPair } from 'jose'
import { rolldown } from 'rolldown'

const bundle = await rolldown({ input: fileURLToPath(new URL('../../www/src/playground/sample.ts', import.meta.url)), logLevel: 'silent' })
const bundled = async (code) => import(`data:text/javascript,${encodeURIComponent(code)}`)
const { sampleOf, SAMPLE_CLIENT } = await bundled((await bundle.generate({ format: 'esm' })).output[0].code)
const presets = await rolldown({ input: fileURLToPath(new URL('../../www/src/presets.ts', import.meta.url)), logLevel: 'silent' })
const german = await rolldown({ input: fileURLToPath(new URL('../../www/src/texts/de/presets.ts', import.meta.url)), logLevel: 'silent' })
const { presets: GERMAN } = await bundled((await german.generate({ format: 'esm' })).output[0].code)
const { PRESETS } = await bundled((await presets.generate({ format: 'esm' })).output[0].code)

const notMet = 'condition.not_met'
const anotherAudience = [{ aud: 'https://other.example.com' }, /^claim\.aud\./]
/** What is changed in the sample of each preset, and what it is refused for. */
const NEAR = {
  github: [
    [{ repository_owner_id: '123457' }, notMet],
    [{ repository_id: '45678' }, notMet],
    [{ ref: 'refs/pull/1/merge' }, notMet],
    [{ repository_id: undefined }, 'condition.claim_missing'],
  ],
  gitlab: [[{ namespace_path: 'my-group-of-others' }, notMet], [{ ref_protected: 'false' }, notMet], [{ ref_protected: true }, 'condition.wrong_type']],
  buildkite: [[{ organization_slug: 'acme-inc-2' }, notMet], [{ pipeline_slug: 'other' }, notMet]],
  circleci: [[{ 'oidc.circleci.com/project-id': '66666666-7777-8888-9999-000000000001' }, notMet], anotherAudience],
  bitbucket: [
    [{ sub: '{66666666-7777-8888-9999-000000000001}:{aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee}' }, notMet],
    [{ sub: '66666666-7777-8888-9999-000000000000:aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee' }, notMet],
    anotherAudience,
  ],
  'azure-devops': [[{ prj_id: '66666666-7777-8888-9999-000000000001' }, notMet], [{ def_id: '11' }, notMet], [{ def_id: 1 }, 'condition.wrong_type'], [{ rpo_ref: 'refs/pull/1/merge' }, notMet]],
  'hcp-terraform': [[{ terraform_organization_id: 'org-GRNbCjYNpBB6NEBI' }, notMet], [{ terraform_workspace_id: 'ws-other' }, notMet], [{ terraform_run_phase: 'plan' }, notMet]],
  aws: [
    [{ sub: 'arn:aws:iam::123456789012:role/DataProcessingRole2' }, notMet],
    [{ 'https://sts.amazonaws.com/': { aws_account: '123456789013' } }, notMet],
    [{ 'https://sts.amazonaws.com/': {} }, 'condition.claim_missing'],
  ],
  'cloudflare-access': [[{ type: 'org' }, notMet], [{ aud: ['32eafc7626e974616deaf0dc3ce63d7bcbed58a2731e84d06bc3cdf1b53c4229'] }, 'claim.aud.mismatch']],
  kubernetes: [[{ sub: 'system:serviceaccount:payments:worker2' }, notMet]],
  google: [[{ hd: 'example.com.attacker.example' }, notMet], [{ hd: undefined }, 'condition.claim_missing']],
  entra: [[{ tid: '11111111-2222-3333-4444-555555555556' }, notMet]],
  okta: [anotherAudience],
  auth0: [anotherAudience],
  keycloak: [anotherAudience, [{ typ: 'ID' }, 'header.typ.mismatch']],
  wso2: [anotherAudience],
  asgardeo: [anotherAudience],
  spire: [[{ sub: 'spiffe://example.org.attacker.example/ns/payments/sa/worker' }, notMet]],
}

const now = () => Math.floor(Date.now() / 1000)
const TYPE = 'urn:ietf:params:oauth:token-type:'

/** The preset's configuration, with keys of this test in the place of the issuer's. */
async function service(preset) {
  const [alg] = preset.algorithms ?? ['RS256']
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1' }] }
  const { document, claims } = sampleOf(preset)
  const [trusted] = document.trustedTokenIssuers
  const fetched = []
  const fetch = async (url) => {
    fetched.push(url)
    const discovery = { issuer: trusted.issuer, jwks_uri: `${trusted.issuer}/keys` }
    return Response.json(url.endsWith('/.well-known/openid-configuration') ? discovery : jwks)
  }
  // Kubernetes' keys are pasted.
  const isPasted = trusted.certificate.jwks !== undefined
  const config = { ...document, trustedTokenIssuers: [{ ...trusted, ...(isPasted && { certificate: { jwks } }) }] }
  const sts = await createExchequer(config, { fetch, secrets: () => 'a-secret-for-the-deploy-bot-0123456789' })
  const explain = async (changes = {}) => {
    const all = { iat: now() - 10, exp: now() + 300, ...claims, ...changes }
    const present = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
    const subjectToken = await new SignJWT(present).setProtectedHeader({ alg, kid: 'k1', typ: 'JWT' }).sign(privateKey)
    return sts.explain({ clientId: SAMPLE_CLIENT, subjectToken, subjectTokenType: TYPE + preset.tokenType })
  }
  return { sts, explain, fetched, isPasted, trusted }
}

describe('presets', () => {
  it('each has a near miss here', () => assert.deepEqual(Object.keys(NEAR).sort(), PRESETS.map(({ id }) => id).sort()))

  for (const preset of PRESETS) {
    it(`${preset.label}: the right token is granted, and a near miss refused`, async () => {
      const { sts, explain, fetched, isPasted, trusted } = await service(preset)
      const granted = await explain()
      assert.equal(granted.granted, true, JSON.stringify(granted.checks.at(-1)))
      if (!isPasted) assert.ok(fetched.every((url) => url.startsWith('https://')) && fetched.length > 0)
      for (const [changes, reason] of NEAR[preset.id]) {
        const refused = await explain(changes)
        assert.equal(refused.granted, false, JSON.stringify(changes))
        assert.match(refused.reason, typeof reason === 'string' ? new RegExp(`^subject_token\\.${reason.replaceAll('.', '\\.')}$`) : new RegExp(`^subject_token\\.${reason.source.slice(1)}`))
      }
      // Nothing that the preset sets can never hold, or is open to everybody.
      const said = sts.warnings.filter(({ path }) => path.includes('conditions') || path.startsWith('applications'))
      assert.deepEqual(said, [])
      assert.ok(!JSON.stringify(trusted).includes('{' + preset.asks[0]?.name), 'a name that was not filled in')
      await sts.close()
    })
  }

  it('nothing of a preset is left as a placeholder', () => {
    for (const preset of PRESETS) {
      const { document, claims } = sampleOf(preset)
      for (const { name } of preset.asks) assert.ok(!JSON.stringify([document, claims]).includes(`{${name}}`), `${preset.id} ${name}`)
    }
  })

  it('each has its German texts, which name the same claims, commands and settings', () => {
    const shape = ({ asks, traps }) => ({ asks: asks.map(({ name }) => name), code: traps.map((trap) => (trap.match(/`[^`]+`/g) ?? []).sort()) })
    const ofGerman = ({ asks, traps }) => ({ asks: Object.keys(asks), code: traps.map((trap) => (trap.match(/`[^`]+`/g) ?? []).sort()) })
    assert.deepEqual(Object.fromEntries(Object.entries(GERMAN).map(([id, texts]) => [id, ofGerman(texts)])), Object.fromEntries(PRESETS.map((preset) => [preset.id, shape(preset)])))
  })
})
