/** The source of an issuer's keys. */
import { certified, validityOf } from '../../certificate.ts'
import type { Certificate } from '../../model.ts'
import { t } from '../../texts/index.ts'
import { Area, bind, Cards, Text } from '../../ui/fields.tsx'
import { Group } from '../../ui/groups.tsx'
import { seconds } from '../../ui/times.tsx'
import { Ticked } from '../../ui/words.tsx'
import { json } from '../editing.ts'
import { Span } from '../keystate.tsx'
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

/** PEM as text, DER in base64: `.pem`, `.crt`, `.cer`, `.cert` and `.der` may be either. */
async function read(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  const text = new TextDecoder().decode(bytes)
  // A certificate in DER begins with a SEQUENCE; base64 of one never does.
  if (bytes[0] !== 0x30 || text.includes('-----BEGIN')) return text
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
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
      {source === 'certificates' && <Certificates items={form.certificates} onChange={(certificates) => set({ certificates })} />}
      <Test subject={subject} />
    </Group>
  )
}

const FILES = '.pem,.crt,.cer,.cert,.der,application/x-x509-ca-cert,application/pkix-cert'

/** Certificates, uploaded or pasted. There is always a field to paste into. */
function Certificates({ items, onChange }: { items: string[]; onChange: (items: string[]) => void }) {
  const words = t().keys
  const shown = items.length === 0 ? [''] : items
  const take = async (files: FileList | null) => {
    const texts = await Promise.all([...(files ?? [])].map(read))
    onChange([...items.filter((one) => one.trim() !== ''), ...texts])
  }
  const identities = shown.map((text) => certified(text)?.identity)
  return (
    <>
      <label class="field">
        {words.files}
        <input type="file" multiple accept={FILES} onChange={(event) => void take(event.currentTarget.files)} />
        <small class="hint">{words.filesHint}</small>
      </label>
      {shown.map((certificate, index) => (
        <div key={index} class="certificate">
          <Area
            label={words.certificate(index)}
            name={`certificate.certificates[${index}]`}
            rows={4}
            value={certificate}
            onInput={(text) => onChange(shown.map((old, at) => (at === index ? text : old)))}
            {...(index === 0 && { hint: words.certificateHint })}
          />
          <About certificate={certificate} isTwice={identities[index] !== undefined && identities.indexOf(identities[index]) < index} />
          {shown.length > 1 && (
            <button type="button" class="small outline secondary" aria-label={words.removeCertificate(index + 1)} onClick={() => onChange(shown.filter((_, at) => at !== index))}>
              {t().remove}
            </button>
          )}
        </div>
      ))}
    </>
  )
}

/** Whose the certificate is and when it is valid, as soon as it is there. */
function About({ certificate, isTwice }: { certificate: string; isTwice: boolean }) {
  const known = certified(certificate)
  if (known === undefined) return null
  return (
    <p class="about-certificate" role="status">
      <Span certified={known} validity={validityOf(known, seconds())} />
      {isTwice && <span class="worrying"> {t().keys.twice}</span>}
    </p>
  )
}
