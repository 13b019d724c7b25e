/** Where people sign in, as the server is configured. */
import { Refused, send } from '../api.ts'
import { useLoaded } from '../ui/loaded.ts'

/** A trusted token issuer at which people sign in. */
export interface Place {
  /** What people call it. */
  name: string
  /** The `iss` of its tokens. */
  issuer: string
  /** The client id of the console there. */
  clientId: string
  /** The client id of the application here that exchanges the ID tokens. */
  application: string
  authorizationEndpoint: string
}

export const SIGN_IN = 'api/server/v1/sign-in'

/** `undefined`: people sign in with a token only. */
export async function place(): Promise<Place | undefined> {
  try {
    const { status, body } = await send<Place>('GET', SIGN_IN)
    return status === 204 ? undefined : body
  } catch (error) {
    // A server without an administration API.
    if (error instanceof Refused && error.status < 500 && error.status !== 0) return undefined
    throw error
  }
}

let known: Promise<Place | undefined> | undefined

/** Asked once for all pages; again after a failure. */
export function usePlace() {
  return useLoaded(async () => {
    known ??= place()
    try {
      return { place: await known }
    } catch (error) {
      known = undefined
      throw error
    }
  }, [])
}
