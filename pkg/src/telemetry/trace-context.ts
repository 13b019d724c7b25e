/** Traces: which one a request belongs to (W3C Trace Context), and what it is called there. */

/** A place in a trace. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** 16 hexadecimal digits. */
  readonly spanId: string
  readonly parentId: string | undefined
  /** Whether anybody wants to see the trace. */
  readonly isSampled: boolean
}

const FORM = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/

/** The place below what a header field says; one in a new trace where it says nothing that counts. */
export function below(traceparent: string | undefined): TraceContext {
  const [, traceId, parentId, flags] = (traceparent !== undefined && FORM.exec(traceparent)) || []
  const isOfOther = traceId !== undefined && !(traceparent!.startsWith('00') && traceparent!.length !== 55)
  return {
    traceId: isOfOther ? traceId : random(16),
    spanId: random(8),
    parentId: isOfOther ? parentId : undefined,
    isSampled: !isOfOther || (Number.parseInt(flags!, 16) & 1) === 1,
  }
}

/** The header field that says so. */
export function traceparentOf({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`
}

function random(bytes: number): string {
  const drawn = crypto.getRandomValues(new Uint8Array(bytes))
  return Array.from(drawn, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
