/**
 * Exchequer as a Cloudflare Worker.
 *
 * Nothing happens when the module is loaded: workerd forbids randomness there
 * and counts the time. The clock stands still between two answers from outside,
 * which is all the time that a request takes to be decided.
 */
import { isPromise } from './awaitable.js'
import type { Bindings } from './worker/bindings.js'
import { serveConsole } from './worker/console.js'
import { Service, type WorkerOptions, report } from './worker/service.js'

export { ExchequerStore } from './stores/durable-object.js'
export type { Bindings } from './worker/bindings.js'
export type { WorkerOptions } from './worker/service.js'

/** A Worker's default export. */
export interface Worker {
  fetch(request: Request, bindings: Bindings, context: { waitUntil(work: Promise<unknown>): void }): Promise<Response>
}

/** Makes a Worker that serves every HTTP path there is, the console too where its files are bound. */
export function createWorker(options: WorkerOptions = {}): Worker {
  const service = new Service(options)
  const answer = async (request: Request, bindings: Bindings): Promise<Response> => {
    try {
      const served = serveConsole(request, bindings)
      const response = served && (await served)
      if (response !== undefined) return response
      const exchequer = service.for(bindings)
      // Cloudflare writes this field and no client can.
      const address = request.headers.get('cf-connecting-ip') ?? undefined
      return await (isPromise(exchequer) ? await exchequer : exchequer).fetch(request, { address })
    } catch (error) {
      report(error)
      return failure()
    }
  }
  return {
    fetch(request, bindings, context) {
      const answered = answer(request, bindings)
      // A client that goes away does not stop what it has begun.
      context.waitUntil(answered)
      return answered
    },
  }
}

function failure(): Response {
  return Response.json({ error: 'server_error' }, { status: 500, headers: { 'cache-control': 'no-store' } })
}
