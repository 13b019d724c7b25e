/** The playground: why a token is accepted or refused, and where to change that. */
import { useEffect, useRef, useState } from 'preact/hooks'

import { adminToken } from '../api.ts'
import { route } from '../route.ts'
import { Form } from '../ui/form.tsx'
import { useLoaded } from '../ui/loaded.ts'
import { ErrorNotice, Heading } from '../ui/words.tsx'
import { Decision } from './decision.tsx'
import { applicationsOf, begin, draft, hasActor, parameters, parsed, set, takeOver } from './draft.ts'
import { Configuration, Request, SubjectToken, Where } from './inputs.tsx'
import { placeOf } from './place.ts'
import { outcome, run } from './run.ts'
import { OWN_ISSUER } from './sample.ts'
import { documentFor, documentOfServer, type Known, known, proofOf } from './server.ts'
import { Snippets } from './snippets.tsx'

/** The server, for a signed-in administrator. A link from one of its pages names what to try. */
function useServer(): { data?: Known | undefined; error?: unknown } {
  const signedIn = adminToken.value !== undefined
  const { query } = route.value
  useEffect(() => {
    if (!signedIn) return set({ where: 'page' })
    const client = query.get('client')
    if (query.has('issuer') || client !== null) set({ where: 'server', source: 'pasted', ...(client !== null && { clientId: client }) })
  }, [signedIn])
  return useLoaded(async () => (signedIn ? await known() : undefined), [signedIn])
}

export function Playground() {
  const server = useServer()
  const result = useRef<HTMLElement>(null)
  const there = draft.value.where === 'server'
  const applications = there ? (server.data?.applications ?? []) : applicationsOf(parsed(draft.value.config))
  const clients = applications.map(({ clientId, name }) => ({ value: clientId, label: name === undefined ? clientId : `${name} (${clientId})` }))
  const clientId = (applications.find((one) => one.clientId === draft.value.clientId) ?? applications[0])?.clientId ?? draft.value.clientId
  const form = { ...draft.value, clientId }

  const decide = async () => {
    draft.value = form
    await run(form)
    setTimeout(() => result.current?.scrollIntoView({ behavior: 'auto', block: 'start' }), 0)
  }
  const seen = outcome.value
  const place = placeOf({ there, server: server.data, token: seen?.token ?? '', issuer: seen?.said.parties.trustedTokenIssuer, config: draft.value.config, clientId })
  return (
    <>
      <Heading
        title="Playground"
        about="Why is a token accepted or refused? The engine decides as the token endpoint would, and lists every check."
      />
      <ErrorNotice error={server.error} />
      <Form submit="Try it out" onSubmit={decide}>
        {adminToken.value !== undefined && <Where form={form} />}
        <div class="bench">
          {!there && <Settings />}
          <div>
            <SubjectToken form={form} />
            <Request form={form} clients={clients} />
          </div>
        </div>
      </Form>
      <section class="outcome-of-run" aria-label="Decision" ref={result} aria-live="polite">
        {seen !== undefined && <Decision outcome={seen} place={place} there={there} />}
      </section>
      {seen !== undefined && <Ready />}
    </>
  )
}

/** The configuration: a preset, a pasted one, or a copy of the server's. */
function Settings() {
  const [without, setWithout] = useState<string[]>([])
  const [error, setError] = useState<unknown>()
  const take = async () => {
    setError(undefined)
    try {
      const taken = await documentOfServer()
      outcome.value = undefined
      takeOver(taken.document)
      setWithout(taken.without)
    } catch (thrown) {
      setError(thrown)
    }
  }
  const startWith = (id: string) => {
    begin(id)
    setWithout([])
    outcome.value = undefined
  }
  return (
    <div>
      <Configuration form={draft.value} onBegin={startWith} onTake={adminToken.value === undefined ? undefined : () => void take()} without={without} />
      <ErrorNotice error={error} />
    </div>
  )
}

/** The request of the draft, ready to be sent. */
function Ready() {
  const form = draft.value
  const there = form.where === 'server'
  const { data } = useLoaded(async () => (there ? await documentFor(form.clientId) : undefined), [there, form.clientId])
  const document = there ? data : parsed(form.config)
  if (there && document === undefined) return null
  const application = applicationsOf(document).find(({ clientId }) => clientId === form.clientId)
  return (
    <Snippets
      base={document?.issuer ?? OWN_ISSUER}
      clientId={form.clientId}
      proof={proofOf(application ?? {})}
      parameters={parameters(form)}
      grant={form.grant}
      hasActor={hasActor(form)}
      config={document ?? { issuer: OWN_ISSUER }}
    />
  )
}
