/** The page of an object while it is not there yet, or cannot be had. */
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
      <ErrorNotice error={error} onRetry={reload} />
    </>
  )
}
