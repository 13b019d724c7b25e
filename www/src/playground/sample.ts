/** A configuration to start with: the issuer of a preset, and an application that may exchange its tokens. */
import { TOKEN_EXCHANGE } from '../model.ts'
import { filled, type Preset } from '../presets.ts'

export const OWN_ISSUER = 'https://sts.example.com'
/** Not the name of any application of the documents, which somebody may have registered. */
export const SAMPLE_CLIENT = 'sample-app'

export interface Document {
  issuer: string
  trustedTokenIssuers?: ({ name: string; issuer: string; alias?: string; certificate?: Record<string, unknown> } & Record<string, unknown>)[]
  applications?: ({ name?: string; clientId: string; type?: string; grantTypes?: string[]; audiences?: string[]; scopes?: string[] } & Record<string, unknown>)[]
  [member: string]: unknown
}

const examples = (preset: Preset) => Object.fromEntries(preset.asks.map(({ name, example }) => [name, example]))

/** The preset's issuer with the examples filled in. */
export function sampleOf(preset: Preset): { document: Document; claims: Record<string, unknown> } {
  const values = examples(preset)
  const { issuer, certificate, conditions, sample } = filled({ issuer: preset.issuer, certificate: preset.certificate, conditions: preset.conditions, sample: preset.sample }, values)
  const aud = sample['aud'] ?? OWN_ISSUER
  const alias = (Array.isArray(aud) ? aud : [aud]).find((one) => one !== OWN_ISSUER) as string | undefined
  return {
    document: {
      issuer: OWN_ISSUER,
      trustedTokenIssuers: [
        {
          name: preset.label,
          issuer,
          ...(alias !== undefined && { alias }),
          certificate: { ...certificate },
          ...(preset.algorithms !== undefined && { algorithms: preset.algorithms }),
          ...(preset.maxTokenAgeSeconds !== undefined && { maxTokenAgeSeconds: preset.maxTokenAgeSeconds }),
          ...(conditions.length > 0 && { conditions }),
          ...(preset.claims !== undefined && { claims: preset.claims }),
        },
      ],
      applications: [
        {
          name: 'Sample application',
          clientId: SAMPLE_CLIENT,
          clientSecret: { env: 'SAMPLE_APP_SECRET' },
          type: 'machine',
          grantTypes: [TOKEN_EXCHANGE],
          trustedTokenIssuers: [preset.label],
          audiences: ['https://api.example.com'],
          scopes: ['deploy:read', 'deploy:write'],
        },
      ],
    },
    claims: { iss: issuer, aud, ...sample },
  }
}
