/** Reason codes whose texts are not those of the engine's catalogue: none in English. */
export const reasons: Record<string, { cause: string; remedy: string }> = {}
