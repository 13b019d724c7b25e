/** The way back for whoever came from the playground to mend something. */
import { route, to } from '../route.ts'

export function BackToPlayground() {
  if (route.value.query.get('back') !== 'playground') return null
  return (
    <p>
      <a class="button outline" href={to('playground')}>
        Back to the playground, and try again
      </a>
    </p>
  )
}
