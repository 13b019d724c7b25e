/** The one time that a client secret can be seen: only its hash is kept. */
import { Code } from '../../ui/code.tsx'
import { Dialog } from '../../ui/dialog.tsx'

export interface Credentials {
  /** Of the application that they are of. */
  id: string
  clientId: string
  clientSecret: string
}

export function Secret({ clientId, clientSecret, onDone }: Credentials & { onDone: () => void }) {
  return (
    <Dialog title="The client secret, this once">
      <p>The server keeps only a hash of it. Put it where the application reads it before you go on.</p>
      <p>Client id</p>
      <Code text={clientId} label="Client id" />
      <p>Client secret</p>
      <Code text={clientSecret} label="Client secret" />
      <div class="actions">
        <button type="button" onClick={onDone}>
          I have put it away
        </button>
      </div>
    </Dialog>
  )
}
