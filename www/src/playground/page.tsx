/** "Try it out": why a token is accepted or refused, and where to change it. */
import { useEffect, useRef, useState } from 'preact/hooks'

import { adminToken } from '../api.ts'
import { route } from '../route.ts'
import { ErrorNotice, Heading } from '../ui/words.tsx'
import { Decision } from './decision.tsx'
import { applicationsOf, begin, draft, parameters, parsed, set, takeOver } from './draft.ts'
import { Configuration, Request, SubjectToken, Where } from './inputs.tsx'
import { placeOf } from './place.ts'
import { outcome, run } from './run.ts'
import { OWN_ISSUER } from './sample.ts'
import { documentOfServer, issuerOfServer, type Known, known } from './server.ts'
import { Snippets } from './snippets.tsx'

interface Server {
  known: Known
  issuer: string
}

/** The server that somebody is signed in to; a link from one of its pages says what to try. */
function useServer(onError: (error: unknown) => void): Server | undefined {
  const [server, setServer] = useState<Server>()
  const signedIn = adminToken.value !== undefined
  const { query } = route.value
  useEffect(() => {
    if (!signedIn) return set({ where: 'page' })
    const client = query.get('client')
    if (query.has('issuer') || client !== null) set({ where: 'server', source: 'pasted', ...(client !== null && { clientId: client }) })
    Promise.all([known(), issuerOfServer()]).then(([known, issuer]) => setServer({ known, issuer }), onError)
  }, [signedIn])
  return signedIn ? server : undefined
}

export function Playground() {
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const result = useRef<HTMLElement>(null)
  const server = useServer(setError)
  const there = draft.value.where === 'server'
  const document = parsed(draft.value.config)
  const applications = there ? (server?.known.applications ?? []) : applicationsOf(document)
  const clients = applications.map(({ clientId, name }) => ({ value: clientId, label: name === undefined ? clientId : `${name} (${clientId})` }))
  const client = applications.find(({ clientId }) => clientId === draft.value.clientId) ?? applications[0]
  const form = { ...draft.value, clientId: client?.clientId ?? draft.value.clientId }

  /** Does one thing, and shows what goes wrong with it. */
  const attempt = async (what: () => Promise<void>) => {
    setBusy(true)
    setError(undefined)
    await what().catch((thrown: unknown) => (setError(thrown), (outcome.value = undefined)))
    setBusy(false)
  }
  const decide = async (event: Event) => {
    event.preventDefault()
    draft.value = form
    await attempt(async () => {
      await run(form)
      setTimeout(() => result.current?.scrollIntoView({ behavior: 'auto', block: 'start' }), 0)
    })
  }
  const take = () => void attempt(async () => takeOver(await documentOfServer()))
  const startWith = (id: string) => (begin(id), (outcome.value = undefined))

  const seen = outcome.value
  const place = placeOf({ there, server: server?.known, token: seen?.token ?? '', clientId: form.clientId })
  return (
    <>
      <Heading
        title="Playground"
        about="Why is a token accepted or refused? The engine decides here as the token endpoint would, and says what it compared."
      />
      <form onSubmit={decide} noValidate aria-busy={busy ? 'true' : undefined}>
        {adminToken.value !== undefined && <Where form={form} />}
        {!there && <Configuration form={form} onBegin={startWith} onTake={adminToken.value === undefined ? undefined : take} />}
        <SubjectToken form={form} />
        <Request form={form} clients={clients} />
        <div class="actions">
          <button type="submit" disabled={busy} aria-busy={busy}>
            Try it out
          </button>
        </div>
      </form>
      <ErrorNotice error={error} />
      <section class="outcome-of-run" aria-label="Decision" ref={result} aria-live="polite">
        {seen !== undefined && <Decision outcome={seen} place={place} there={there} />}
      </section>
      {seen !== undefined && (
        <Snippets
          base={(there ? server?.issuer : document?.issuer) ?? OWN_ISSUER}
          clientId={form.clientId}
          isPublic={client?.type === 'mobile' || client?.type === 'spa'}
          parameters={parameters(form)}
          grant={form.grant}
          {...(!there && document !== undefined && { config: document })}
        />
      )}
    </>
  )
}
