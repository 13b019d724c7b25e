/**
 * Serves the console of a Worker at /console/. Its files are static assets; what
 * is said about them is what every host says.
 */
import { type Plan, missing, planOf } from '../console.js'
import type { Bindings } from './bindings.js'

const UNBOUND = `the console is not bound to this Worker; in its wrangler.toml write

[assets]
directory = "node_modules/exchequer/dist/console"
binding = "EXCHEQUER_CONSOLE"
run_worker_first = true`

/** Answers a request for the console; `undefined`, at once, when it is none. */
export function serveConsole(request: Request, bindings: Bindings): Promise<Response | undefined> | undefined {
  return request.url.includes('/console') ? served(request, bindings) : undefined
}

async function served(request: Request, bindings: Bindings): Promise<Response | undefined> {
  const { method, url } = request
  const plan = planOf(method, new URL(url).pathname)
  if (plan?.file === undefined) return plan && text(method, plan)
  const assets = bindings.EXCHEQUER_CONSOLE
  if (assets === undefined) return text(method, missing(UNBOUND))
  // Assets know the index by its folder, and would send whoever asks for the file there.
  const path = plan.file === 'index.html' ? '/' : `/${plan.file}`
  const found = await assets.fetch(new Request(new URL(path, url), { method }))
  return found.status === 200 ? reply(method, plan, found.body) : text(method, missing())
}

const text = (method: string, plan: Plan) => reply(method, plan, plan.text)

function reply(method: string, { status, headers }: Plan, body: BodyInit | null): Response {
  return new Response(method === 'HEAD' ? null : body, { status, headers })
}
