/** Shows a new client secret. The server keeps only its hash, so nobody can look at it again. */
import { t } from '../../texts/index.ts'
import { Code } from '../../ui/code.tsx'
import { Dialog } from '../../ui/dialog.tsx'

export interface Credentials {
  /** The id of the application. */
  id: string
  clientId: string
  clientSecret: string
}

/** The secret in an answer about an application: it is there when it was made just now. */
export const credentialsIn = ({ id = '', clientId = '', clientSecret }: Partial<Credentials>): Credentials | undefined => (clientSecret === undefined ? undefined : { id, clientId, clientSecret })

export function Secret({ clientId, clientSecret, onDone }: Credentials & { onDone: () => void }) {
  const words = t().application
  return (
    <Dialog title={words.secretTitle}>
      <p>{words.secretAbout}</p>
      <p>{words.clientId}</p>
      <Code text={clientId} label={words.clientId} />
      <p>{words.clientSecret}</p>
      <Code text={clientSecret} label={words.clientSecret} />
      <div class="actions">
        <button type="button" onClick={onDone}>
          {words.secretSaved}
        </button>
      </div>
    </Dialog>
  )
}
