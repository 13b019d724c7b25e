/** Where an issuer's keys come from, and whether they are any good. */
import { useState } from 'preact/hooks'

import { call, ISSUERS } from '../api.ts'
import type { Certificate } from '../model.ts'
import { Area, Badge, ErrorNotice, Fold, Group, Notice, Text, Ticked, When } from '../ui.tsx'

export type Source = 'jwksUri' | 'discovery' | 'certificates' | 'jwks'

export interface KeyForm {
  source: Source
  jwksUri: string
  certificates: string[]
  jwks: string
}

const SOURCES: { value: Source; label: string; about: string }[] = [
  { value: 'jwksUri', label: 'JWKS URL', about: 'fetched when needed, and again when they change' },
  { value: 'discovery', label: 'Discovery', about: 'the URL is found in the issuer’s /.well-known/openid-configuration' },
  { value: 'certificates', label: 'Certificates', about: 'for issuers this server cannot reach' },
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

/** The member `certificate` of the issuer. Throws when the key set is no JSON. */
export function certificateOf({ source, jwksUri, certificates, jwks }: KeyForm): Certificate {
  switch (source) {
    case 'jwksUri':
      return { jwksUri: jwksUri.trim() }
    case 'discovery':
      return { discovery: true }
    case 'certificates':
      return { certificates: certificates.map((one) => one.trim()).filter((one) => one !== '') }
    case 'jwks':
      // The server says what is wrong with a text that is no key set.
      try {
        return { jwks: JSON.parse(jwks) as unknown }
      } catch {
        return { jwks }
      }
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
  const take = async (files: FileList | null) => {
    const texts = await Promise.all([...(files ?? [])].map(read))
    set({ certificates: [...form.certificates.filter((one) => one.trim() !== ''), ...texts] })
  }
  return (
    <Group title="Keys" name="certificate" hint="A token counts only if one of these keys signed it.">
      <div class="choices" role="radiogroup" aria-label="Where the keys come from">
        {SOURCES.map(({ value, label, about }) => (
          <label key={value} class="choice">
            <input type="radio" name="source" value={value} checked={form.source === value} onChange={() => set({ source: value })} />
            <span>
              <strong>{label}</strong>
              <small>{about}</small>
            </span>
          </label>
        ))}
      </div>
      {form.source === 'jwksUri' && <Text label="JWKS URL" name="certificate.jwksUri" type="url" placeholder="https://idp.example.com/jwks" value={form.jwksUri} onInput={(jwksUri) => set({ jwksUri })} required />}
      {form.source === 'jwks' && <Area label="Key set (JWKS)" name="certificate.jwks" value={form.jwks} onInput={(jwks) => set({ jwks })} rows={8} hint='Public keys: {"keys": [{"kty": "RSA", "n": "…", "e": "AQAB"}]}' required />}
      {form.source === 'certificates' && (
        <>
          <label class="field">
            Certificate files
            <input type="file" multiple accept=".pem,.crt,.cer,.cert,.der,application/x-x509-ca-cert,application/pkix-cert" onChange={(event) => void take(event.currentTarget.files)} />
            <small class="hint">PEM, CRT, CER, CERT or DER. Old and new may stand side by side while the issuer changes its key.</small>
          </label>
          {(form.certificates.length === 0 ? [''] : form.certificates).map((certificate, index) => (
            <div key={index} class="certificate">
              <Area label={index === 0 ? 'Certificate' : `Certificate ${index + 1}`} name={`certificate.certificates[${index}]`} rows={4} value={certificate} onInput={(text) => set({ certificates: form.certificates.length === 0 ? [text] : form.certificates.map((old, at) => (at === index ? text : old)) })} {...(index === 0 && { hint: 'Uploaded above, or pasted: PEM or the base64 of DER.' })} />
              {form.certificates.length > 1 && (
                <button type="button" class="small outline secondary" aria-label={`Remove certificate ${index + 1}`} onClick={() => set({ certificates: form.certificates.filter((_, at) => at !== index) })}>
                  Remove
                </button>
              )}
            </div>
          ))}
        </>
      )}
      <Test subject={subject} />
    </Group>
  )
}

interface Tried {
  url: string | null
  problem?: string
  skipped: string[]
  keys: { kid?: string | null; kty: string; crv?: string; thumbprint: string; algorithms: string[]; notBefore?: number; notAfter?: number }[]
}

/** Asks the server what it would do with these keys. */
function Test({ subject }: { subject: () => unknown }) {
  const [state, setState] = useState<{ busy?: boolean; tried?: Tried; error?: unknown }>({})
  const test = async () => {
    setState({ busy: true })
    try {
      setState({ tried: await call<Tried>('POST', `${ISSUERS}/check`, subject()) })
    } catch (error) {
      setState({ error })
    }
  }
  return (
    <div class="test">
      <button type="button" class="outline small" aria-busy={state.busy} onClick={() => void test()}>
        Test these keys
      </button>
      <div aria-live="polite">
        <ErrorNotice error={state.error} />
        {state.tried !== undefined && <Outcome tried={state.tried} />}
      </div>
    </div>
  )
}

function Outcome({ tried }: { tried: Tried }) {
  const used = tried.keys.filter((key) => key.algorithms.length > 0).length
  if (tried.problem !== undefined) {
    return (
      <Notice kind="bad" title="No keys">
        <p>
          <Ticked text={tried.problem} />
        </p>
        <p>The server tried it from where it runs. If that cannot reach the issuer, register certificates or paste the key set.</p>
      </Notice>
    )
  }
  return (
    <Notice kind={used > 0 ? 'good' : 'warn'} title={used === 1 ? 'One key would be used' : `${used} keys would be used`}>
      {tried.url !== null && (
        <p class="mono">
          {tried.url}
        </p>
      )}
      <ul class="keys">
        {tried.keys.map((key) => (
          <li key={key.thumbprint}>
            <span class="mono">{key.kid ?? `${key.thumbprint.slice(0, 12)}…`}</span> {key.kty}
            {key.crv === undefined ? '' : ` ${key.crv}`} {key.algorithms.length > 0 ? <Badge kind="good">{key.algorithms.join(', ')}</Badge> : <Badge kind="warn">not used</Badge>}
            {key.notAfter !== undefined && (
              <small class="quiet">
                {' '}
                valid <When at={key.notBefore ?? 0} /> to <When at={key.notAfter} />
              </small>
            )}
          </li>
        ))}
      </ul>
      {tried.skipped.length > 0 && (
        <Fold title={`${tried.skipped.length} left out`}>
          <ul>
            {tried.skipped.map((why) => (
              <li key={why}>
                <Ticked text={why} />
              </li>
            ))}
          </ul>
        </Fold>
      )}
    </Notice>
  )
}
