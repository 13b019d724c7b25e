/** Texts of presets that are not those of `presets.ts`, by the preset's id: none in English. */
export interface PresetTexts {
  /** The labels of its questions, by their names. */
  asks: Record<string, string>
  /** In the order of the preset's own. */
  traps: string[]
}

export const presets: Record<string, PresetTexts> = {}
