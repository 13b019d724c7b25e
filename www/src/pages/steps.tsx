/** The way from a new issuer to a first token: issuer, application, trial. It says what is done and what is next. */
import type { ComponentChildren } from 'preact'

import type { Application, Issuer } from '../model.ts'
import { link, to } from '../route.ts'
import { t } from '../texts/index.ts'
import { created } from './editor.tsx'
import type { Usage } from './usage.tsx'

interface Step {
  title: string
  isDone: boolean
  children: ComponentChildren
}

function Way({ steps }: { steps: Step[] }) {
  const words = t().steps
  const next = steps.findIndex(({ isDone }) => !isDone)
  return (
    <ol class="steps" aria-label={words.label}>
      {steps.map(({ title, isDone, children }, index) => (
        <li key={title} class={isDone ? 'done' : index === next ? 'next' : ''} aria-current={index === next ? 'step' : undefined}>
          <span class="mark" role="img" aria-label={isDone ? words.done : words.number(index + 1)}>
            {isDone ? '✓' : index + 1}
          </span>
          <div>
            <strong>{title}</strong>
            {children}
          </div>
        </li>
      ))}
    </ol>
  )
}

/** On the page of an issuer, when it is new or no application may use it. */
export function Steps({ issuer, usage: { data } }: { issuer: Issuer; usage: Usage }) {
  const words = t().steps
  const applications = data?.applications
  if (applications === undefined || (applications.length > 0 && created.value !== issuer.id)) return null
  const isAllowed = applications.length > 0
  return (
    <Way
      steps={[
        { title: words.issuer, isDone: true, children: <p>{words.issuerDone}</p> },
        {
          title: words.application,
          isDone: isAllowed,
          children: isAllowed ? <p>{words.allowedBy(applications.map(({ name }) => name).join(', '))}</p> : <Allow issuer={issuer.name} />,
        },
        { title: words.trial, isDone: false, children: isAllowed ? <Try query={{ issuer: issuer.issuer }} /> : <p>{words.trialLater}</p> },
      ]}
    />
  )
}

function Allow({ issuer }: { issuer: string }) {
  const words = t().steps
  return (
    <>
      <p>{words.noneAllows}</p>
      <p class="actions">
        <a class="button" href={link(['applications', 'new'], { issuer })}>
          {words.createApplication}
        </a>
        <a href={to('applications')}>{words.existing}</a>
      </p>
    </>
  )
}

function Try({ query }: { query: Record<string, string> }) {
  return (
    <p class="actions">
      <a class="button" href={link(['playground'], query)}>
        {t().editor.tryIt}
      </a>
    </p>
  )
}

/** On the page of an application that was just created. */
export function ApplicationSteps({ application }: { application: Application }) {
  const words = t().steps
  const issuers = application.trustedTokenIssuers ?? []
  return (
    <Way
      steps={[
        {
          title: words.issuer,
          isDone: issuers.length > 0,
          children: <p>{issuers.length > 0 ? words.mayUse(issuers.map((one) => (typeof one === 'string' ? one : one.name)).join(', ')) : words.tickIssuer}</p>,
        },
        { title: words.application, isDone: true, children: <p>{words.applicationDone}</p> },
        { title: words.trial, isDone: false, children: issuers.length > 0 ? <Try query={{ client: application.clientId }} /> : <p>{words.trialLater}</p> },
      ]}
    />
  )
}
