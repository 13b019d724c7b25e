/** Heads of HTTP messages as they cross into the engine and out of it (`request.rs`), and how much of a body follows. */

/** Longest request body, but for a configuration document. */
const BODY_LIMIT = 64 * 1024
/** Longest configuration document. */
const DOCUMENT_LIMIT = 1024 * 1024

/** How much is read of the body of a request for this target. A longer body is cut one byte behind it, and refused by the engine. */
export const bodyLimit = (target: string): number => (target.includes('/api/server/v1/configuration/') ? DOCUMENT_LIMIT : BODY_LIMIT)

/** The address of a request's sender, as its head has it. What is no address is unknown to the engine. */
export function senderOf({ peer, address }: { peer?: string | undefined; address?: string | undefined }): string {
  const sender = address === undefined ? peer : `=${address}`
  return sender === undefined || /\s/.test(sender) ? '-' : sender || '-'
}

/** The head of a request: method, sender and target, then a line for each header field. */
export function headOf(method: string, sender: string, target: string, headers: readonly string[]): string {
  let head = `${method} ${sender} ${target}`
  for (let i = 0; i + 1 < headers.length; i += 2) head += `\n${headers[i]}:${headers[i + 1]}`
  return head
}

/** The header fields of a reply, name and value in turn. */
export function fieldsOf(head: string): string[] {
  if (head === '') return []
  const out: string[] = []
  for (const line of head.split('\n')) {
    const colon = line.indexOf(':')
    out.push(line.slice(0, colon), line.slice(colon + 1))
  }
  return out
}
