/** The source of an issuer's keys. */
import type { Certificate } from '../../model.ts'
import { t } from '../../texts/index.ts'
import { Area, bind, Cards, Text } from '../../ui/fields.tsx'
import { Group } from '../../ui/groups.tsx'
import { Ticked } from '../../ui/words.tsx'
import { Certificates } from '../certificates.tsx'
import { json } from '../editing.ts'
import { Test } from './test.tsx'

export type Source = 'jwksUri' | 'discovery' | 'certificates' | 'jwks'

export interface KeyForm {
  source: Source
  jwksUri: string
  certificates: string[]
  jwks: string
}

const SOURCES: Source[] = ['jwksUri', 'discovery', 'certificates', 'jwks']

export function keyForm(certificate: Certificate | undefined): KeyForm {
  const { jwksUri = '', certificates = [], jwks, discovery } = certificate ?? { jwksUri: '' }
  return {
    source: jwks !== undefined ? 'jwks' : certificates.length > 0 ? 'certificates' : discovery ? 'discovery' : 'jwksUri',
    jwksUri,
    certificates: [...certificates],
    jwks: jwks === undefined ? '' : JSON.stringify(jwks, null, 2),
  }
}

/** The member `certificate` of the issuer. */
export function certificateOf({ source, jwksUri, certificates, jwks }: KeyForm): Certificate {
  switch (source) {
    case 'jwksUri':
      return { jwksUri: jwksUri.trim() }
    case 'discovery':
      return { discovery: true }
    case 'certificates':
      return { certificates: certificates.map((one) => one.trim()).filter((one) => one !== '') }
    case 'jwks':
      return { jwks: json(jwks) }
  }
}

export function Keys({ form, onChange, subject }: { form: KeyForm; onChange: (form: KeyForm) => void; subject: () => Record<string, unknown> }) {
  const set = (change: Partial<KeyForm>) => onChange({ ...form, ...change })
  const { text } = bind(form, set)
  const { source } = form
  const words = t().keys
  return (
    <Group title={words.title} name="certificate" hint={words.about}>
      <Cards label={words.source} value={source} onInput={(source) => set({ source })} options={SOURCES.map((value) => ({ value, ...words.sources[value] }))} />
      {source === 'jwksUri' && <Text label={words.jwksUri} {...text('jwksUri', 'certificate.jwksUri')} type="url" placeholder="https://idp.example.com/jwks" required />}
      {source === 'jwks' && <Area label={words.jwks} {...text('jwks', 'certificate.jwks')} rows={8} hint={<Ticked text={words.jwksHint} />} required />}
      {source === 'certificates' && <Certificates name="certificate.certificates" items={form.certificates} onChange={(certificates) => set({ certificates })} words={words} />}
      <Test subject={subject} />
    </Group>
  )
}
