/** Shows a new client secret. The server keeps only its hash, so nobody can look at it again. */
import { Code } from '../../ui/code.tsx'
import { Dialog } from '../../ui/dialog.tsx'

export interface Credentials {
  /** The id of the application. */
  id: string
  clientId: string
  clientSecret: string
}

export function Secret({ clientId, clientSecret, onDone }: Credentials & { onDone: () => void }) {
  return (
    <Dialog title="Save the client secret now">
      <p>This is the only time that the secret is shown: the server keeps a hash of it. Save it where the application reads it.</p>
      <p>Client id</p>
      <Code text={clientId} label="Client id" />
      <p>Client secret</p>
      <Code text={clientSecret} label="Client secret" />
      <div class="actions">
        <button type="button" onClick={onDone}>
          I have saved the secret
        </button>
      </div>
    </Dialog>
  )
}
