/** The page of an object while it is not there yet, or cannot be had. */
import { Refused } from '../api.ts'
import { ErrorNotice, Heading, Loading } from '../ui/words.tsx'

export function Opening({ what, back, error, reload }: { what: string; back: { href: string; label: string }; error: unknown; reload: () => void }) {
  if (error === undefined) {
    return (
      <>
        <Heading title="One moment" back={back} />
        <Loading what={what} />
      </>
    )
  }
  return (
    <>
      <Heading title="It cannot be shown" back={back} />
      {/* What is not there does not come by asking again. */}
      {error instanceof Refused && error.status === 404 ? <ErrorNotice error={error} /> : <ErrorNotice error={error} onRetry={reload} />}
    </>
  )
}
