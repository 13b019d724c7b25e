/** The playground: why a token is accepted or refused, and where to change that. */
import { signal } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'

import { adminToken } from '../api.ts'
import { type Known, known } from '../known.ts'
import type { Application, IssuerSummary } from '../model.ts'
import { applicationsAllowing } from '../pages/usage.tsx'
import { link, route, to } from '../route.ts'
import { t } from '../texts/index.ts'
import { Form } from '../ui/form.tsx'
import { type Loaded, useLoaded } from '../ui/loaded.ts'
import { ErrorNotice, Heading, Notice } from '../ui/words.tsx'
import { Decision } from './decision.tsx'
import { applicationsOf, begin, draft, hasActor, parameters, parsed, set, takeOver } from './draft.ts'
import { Configuration, move, Request, SubjectToken, Where } from './inputs.tsx'
import { placeOf } from './place.ts'
import { outcome, run } from './run.ts'
import { OWN_ISSUER, SAMPLE_CLIENT } from './sample.ts'
import { documentFor, documentOfServer, proofOf } from './server.ts'
import { Snippets } from './snippets.tsx'

/** Somebody who is signed in begins on the server, unless they chose otherwise since. */
const began = signal<string | undefined>(undefined)

/** The server, for a signed-in administrator. A link from one of its pages names what to try. */
function useServer(): Loaded<Known | undefined> {
  const signedIn = adminToken.value !== undefined
  const { query } = route.value
  useEffect(() => {
    if (!signedIn) {
      began.value = undefined
      if (draft.value.where === 'server') move('page')
      return
    }
    const client = query.get('client')
    if (query.has('issuer') || client !== null || began.value !== adminToken.value) move('server')
    began.value = adminToken.value
    if (client !== null) set({ clientId: client })
  }, [signedIn])
  return useLoaded(async () => (signedIn ? await known() : undefined), [signedIn])
}

/** The issuer whose tokens are tried, if a link named one, and the applications that may bring them. */
interface Tried {
  issuer: IssuerSummary
  applications: Application[] | undefined
}

function useTried(server: Known | undefined): { tried?: Tried | undefined; waits: boolean } {
  const wanted = route.value.query.get('issuer')
  const issuer = server?.issuers.find((one) => one.issuer === wanted)
  const loaded = useLoaded(async () => issuer && { issuer, applications: await applicationsAllowing(issuer.name) }, [issuer?.id])
  const tried = issuer?.id === loaded.data?.issuer.id ? loaded.data : undefined
  return { tried, waits: issuer !== undefined && tried === undefined && loaded.error === undefined }
}

export function Playground() {
  const server = useServer()
  const { tried, waits } = useTried(server.data)
  const result = useRef<HTMLElement>(null)
  const there = draft.value.where === 'server'
  const ofServer = (there ? tried?.applications : undefined) ?? server.data?.applications ?? []
  const applications: { clientId: string; name?: string }[] = there ? ofServer : applicationsOf(parsed(draft.value.config))
  const clients = applications.map(({ clientId, name }) => ({ value: clientId, label: name === undefined ? clientId : `${name} (${clientId})` }))
  const clientId = (applications.find((one) => one.clientId === draft.value.clientId) ?? applications[0])?.clientId ?? (there && draft.value.clientId === SAMPLE_CLIENT ? '' : draft.value.clientId)
  const form = { ...draft.value, clientId }
  const words = t().playground

  const decide = async () => {
    draft.value = form
    await run(form)
    setTimeout(() => result.current?.scrollIntoView({ behavior: 'auto', block: 'start' }), 0)
  }
  const seen = outcome.value
  const place = placeOf({ there, server: server.data, token: seen?.token ?? '', issuer: seen?.said.parties.trustedTokenIssuer, config: draft.value.config, clientId })
  return (
    <>
      <Heading title={words.title} about={words.about} />
      <ErrorNotice error={server.error} />
      {there && tried !== undefined && <Trying {...tried} />}
      {/* Until it is known which applications allow the issuer, none is proposed. */}
      <Form submit={t().editor.tryIt} onSubmit={decide} disabled={waits}>
        {adminToken.value !== undefined && <Where form={form} />}
        <div class="bench">
          {!there && <Settings />}
          <div>
            <SubjectToken form={form} />
            <Request form={form} clients={clients} />
          </div>
        </div>
      </Form>
      <section class="outcome-of-run" aria-label={t().decision.title} ref={result} aria-live="polite">
        {seen !== undefined && <Decision outcome={seen} place={place} there={there} />}
      </section>
      {seen !== undefined && <Ready />}
    </>
  )
}

/** Whose tokens are tried, or what has to be done first. */
function Trying({ issuer, applications }: Tried) {
  const words = t().playground
  if (applications === undefined || applications.length > 0) {
    return (
      <p class="quiet">
        {words.trying} <a href={to('issuers', issuer.id)}>{issuer.name}</a>
      </p>
    )
  }
  return (
    <Notice kind="warn" title={words.noApplicationTitle}>
      <p>{words.noApplication(issuer.name)}</p>
      <p class="actions">
        <a class="button" href={link(['applications', 'new'], { issuer: issuer.name })}>
          {t().steps.createApplication}
        </a>
        <a href={to('applications')}>{t().steps.existing}</a>
      </p>
    </Notice>
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
