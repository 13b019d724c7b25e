/** workerd without the network, and with the flags that a new Worker gets. */
export const COMPATIBILITY = { compatibilityDate: '2026-04-01', cf: false, telemetry: { enabled: false } }
