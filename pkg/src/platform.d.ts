/** What the platforms bring that no installed package declares. Programs that use this one have declarations of their own. */
declare module 'cloudflare:workers' {
  export class DurableObject {
    constructor(state: never, env: never)
  }
  /** Keeps the request at hand alive until the work is done. */
  export function waitUntil(work: Promise<unknown>): void
}

declare module '*.wasm' {
  const module: WebAssembly.Module
  export default module
}

declare module '*.wasm?module' {
  const module: WebAssembly.Module
  export default module
}
