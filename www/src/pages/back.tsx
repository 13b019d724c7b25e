/** The way back for whoever came from somewhere to mend something. */
import { route, to } from '../route.ts'

const PLACES: Record<string, string> = {
  playground: 'Back to the playground, and try again',
  health: 'Back to what was refused',
}

export function BackTo() {
  const place = route.value.query.get('back') ?? ''
  const words = PLACES[place]
  if (words === undefined) return null
  return (
    <p>
      <a class="button outline" href={to(place)}>
        {words}
      </a>
    </p>
  )
}
