/** A form that takes a token, tries it, and keeps it in the memory of the page. */
import type { Signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'

import { Refused, send } from '../api.ts'
import { Text } from './fields.tsx'
import { Form } from './form.tsx'

interface TokenFormProps {
  label: string
  hint: ComponentChildren
  submit: string
  /** What the token has to be able to read. */
  path: string
  /** Where the token is kept. */
  keep: Signal<string | undefined>
  /** What is said of a token that is not accepted, instead of what the server says. */
  refused?: string
  onDone?: () => void
}

export function TokenForm({ label, hint, submit, path, keep, refused, onDone }: TokenFormProps) {
  const [token, setToken] = useState('')
  const signIn = async () => {
    await send('GET', path, undefined, token.trim()).catch((error: unknown) => {
      throw refused !== undefined && error instanceof Refused && error.status === 401 ? new Refused(401, refused) : error
    })
    keep.value = token.trim()
    onDone?.()
  }
  return (
    <Form submit={submit} onSubmit={signIn}>
      <Text label={label} type="password" value={token} onInput={setToken} hint={hint} />
    </Form>
  )
}
