/** Fields for certificates: of an issuer, whose keys they have, or of an application. */
import { certified, type Validity, validityOf } from '../certificate.ts'
import { t } from '../texts/index.ts'
import { Area } from '../ui/fields.tsx'
import { seconds } from '../ui/times.tsx'
import { Span } from './keystate.tsx'

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

const FILES = '.pem,.crt,.cer,.cert,.der,application/x-x509-ca-cert,application/pkix-cert'

interface CertificatesProps {
  /** The member of the object that has them. */
  name: string
  items: string[]
  onChange: (items: string[]) => void
  words: CertificateWords
}

/** What issuers and applications do not share. */
interface CertificateWords {
  filesHint: string
  consequence: Record<Validity, string>
}

/** Certificates, uploaded or pasted, each in a field of its own. There is always a field to paste into. */
export function Certificates({ name, items, onChange, words: { filesHint, consequence } }: CertificatesProps) {
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
        <small class="hint">{filesHint}</small>
      </label>
      {shown.map((certificate, index) => (
        <div key={index} class="certificate">
          <Area
            label={words.certificate(index)}
            name={`${name}[${index}]`}
            rows={4}
            value={certificate}
            onInput={(text) => onChange(shown.map((old, at) => (at === index ? text : old)))}
            {...(index === 0 && { hint: words.certificateHint })}
          />
          <About certificate={certificate} consequence={consequence} isTwice={identities[index] !== undefined && identities.indexOf(identities[index]) < index} />
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
function About({ certificate, consequence, isTwice }: Pick<CertificateWords, 'consequence'> & { certificate: string; isTwice: boolean }) {
  const known = certified(certificate)
  if (known === undefined) return null
  return (
    <p class="about-certificate" role="status">
      <Span certified={known} validity={validityOf(known, seconds())} consequence={consequence} />
      {isTwice && <span class="worrying"> {t().keys.twice}</span>}
    </p>
  )
}
