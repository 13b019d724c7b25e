/**
 * The health check of the image, which has no shell and no curl: exits with 0 while
 * the server can do its work. Usage: node health.mjs [URL]
 */
const url = process.argv[2] ?? 'http://127.0.0.1:9443/healthz'
try {
  const response = await fetch(url, { signal: AbortSignal.timeout(4000) })
  if (response.ok) process.exit(0)
  console.error(`${url} answers ${response.status}`)
} catch (error) {
  console.error(`${url} does not answer: ${error.cause?.code ?? error.name}`)
}
process.exit(1)
