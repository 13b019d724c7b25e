/** The source of an issuer's keys. */
import type { Certificate } from '../../model.ts'
import { Area, bind, Cards, Text } from '../../ui/fields.tsx'
import { Group } from '../../ui/groups.tsx'
import { json } from '../editing.ts'
import { Test } from './test.tsx'

export type Source = 'jwksUri' | 'discovery' | 'certificates' | 'jwks'

export interface KeyForm {
  source: Source
  jwksUri: string
  certificates: string[]
  jwks: string
}

const SOURCES: { value: Source; label: string; about: string }[] = [
  { value: 'jwksUri', label: 'JWKS URL', about: 'fetched when needed, and again when they change' },
  { value: 'discovery', label: 'Discovery', about: 'the URL is read from the issuer’s /.well-known/openid-configuration' },
  { value: 'certificates', label: 'Certificates', about: 'for issuers that this server cannot reach' },
  { value: 'jwks', label: 'Key set', about: 'a JWKS document, pasted' },
]

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

export function Keys({ form, onChange, subject }: { form: KeyForm; onChange: (form: KeyForm) => void; subject: () => unknown }) {
  const set = (change: Partial<KeyForm>) => onChange({ ...form, ...change })
  const { text } = bind(form, set)
  const { source } = form
  return (
    <Group title="Keys" name="certificate" hint="A token is accepted only if one of these keys signed it.">
      <Cards label="Where the keys come from" value={source} onInput={(source) => set({ source })} options={SOURCES} />
      {source === 'jwksUri' && (
        <Text label="JWKS URL" {...text('jwksUri', 'certificate.jwksUri')} type="url" placeholder="https://idp.example.com/jwks" required />
      )}
      {source === 'jwks' && (
        <Area label="Key set (JWKS)" {...text('jwks', 'certificate.jwks')} rows={8} hint='Public keys: {"keys": [{"kty": "RSA", "n": "…", "e": "AQAB"}]}' required />
      )}
      {source === 'certificates' && <Certificates items={form.certificates} onChange={(certificates) => set({ certificates })} />}
      <Test subject={subject} />
    </Group>
  )
}

const FILES = '.pem,.crt,.cer,.cert,.der,application/x-x509-ca-cert,application/pkix-cert'

/** Certificates, uploaded or pasted. There is always a field to paste into. */
function Certificates({ items, onChange }: { items: string[]; onChange: (items: string[]) => void }) {
  const shown = items.length === 0 ? [''] : items
  const take = async (files: FileList | null) => {
    const texts = await Promise.all([...(files ?? [])].map(read))
    onChange([...items.filter((one) => one.trim() !== ''), ...texts])
  }
  return (
    <>
      <label class="field">
        Certificate files
        <input type="file" multiple accept={FILES} onChange={(event) => void take(event.currentTarget.files)} />
        <small class="hint">PEM, CRT, CER, CERT or DER. List the old and the new certificate while the issuer changes its key.</small>
      </label>
      {shown.map((certificate, index) => (
        <div key={index} class="certificate">
          <Area
            label={index === 0 ? 'Certificate' : `Certificate ${index + 1}`}
            name={`certificate.certificates[${index}]`}
            rows={4}
            value={certificate}
            onInput={(text) => onChange(shown.map((old, at) => (at === index ? text : old)))}
            {...(index === 0 && { hint: 'Uploaded above, or pasted: PEM or the base64 of DER.' })}
          />
          {shown.length > 1 && (
            <button type="button" class="small outline secondary" aria-label={`Remove certificate ${index + 1}`} onClick={() => onChange(shown.filter((_, at) => at !== index))}>
              Remove
            </button>
          )}
        </div>
      ))}
    </>
  )
}
