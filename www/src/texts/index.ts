/** The texts of the console, in the language that was chosen or that the browser asks for. English is always there; another is loaded when it is needed. */
import { computed, effect, signal } from '@preact/signals'

import { preferences } from '../preferences.ts'
import { en } from './en/index.ts'

export type Texts = typeof en

/** Each by its own name. */
export const LANGUAGES = [
  { value: 'en', label: 'English' },
  { value: 'de', label: 'Deutsch' },
]

const LOADERS: Record<string, () => Promise<Texts>> = {
  en: async () => en,
  de: async () => (await import('./de/index.ts')).de,
}

const ofBrowser = () => navigator.languages.map((one) => one.slice(0, 2).toLowerCase()).find((one) => one in LOADERS)

/** What was asked for. */
const wanted = computed(() => {
  const { language = '' } = preferences.value
  return language in LOADERS ? language : (ofBrowser() ?? 'en')
})

const shown = signal({ language: 'en', texts: en })

/** The language that is shown. */
export const language = computed(() => shown.value.language)

/** The texts. What reads them is drawn again when the language changes. */
export const t = (): Texts => shown.value.texts

async function load(language: string): Promise<void> {
  const texts = await LOADERS[language]!()
  if (language !== wanted.peek()) return
  shown.value = { language, texts }
  document.documentElement.lang = language
}

/** Resolves when the first page can be drawn. If its language cannot be loaded, it is drawn in English. */
export const ready = load(wanted.peek()).catch(() => undefined)

effect(() => {
  if (wanted.value !== shown.peek().language) load(wanted.value).catch(() => undefined)
})
