/** WebAssembly from the network. */

/** Fetches and compiles a module. */
export async function compiled(url: URL): Promise<WebAssembly.Module> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url.href} is answered ${response.status}; it has to be served beside this module`)
  // Compiling while it comes wants the right type of content.
  if (response.headers.get('content-type')?.startsWith('application/wasm')) return WebAssembly.compileStreaming(response)
  return WebAssembly.compile(await response.arrayBuffer())
}
