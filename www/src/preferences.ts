/** What somebody chose for this browser: language, theme and time zone. Nothing is written before a choice. */
import { effect, signal } from '@preact/signals'

export interface Preferences {
  /** Absent: as the browser says. */
  language?: string | undefined
  /** Absent: as the system says. */
  theme?: 'light' | 'dark' | undefined
  /** A name of the IANA database. Absent: as the system says. */
  zone?: string | undefined
}

const KEY = 'exchequer.console'

function read(): Preferences {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}')
    return typeof value === 'object' && value !== null ? (value as Preferences) : {}
  } catch {
    return {}
  }
}

export const preferences = signal<Preferences>(read())

export function prefer(change: Preferences): void {
  preferences.value = { ...preferences.value, ...change }
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences.value))
  } catch {
    // The browser keeps nothing: the choice holds until the page is closed.
  }
}

const system = matchMedia('(prefers-color-scheme: dark)')
const isDark = signal(system.matches)
system.addEventListener('change', ({ matches }) => (isDark.value = matches))

/** The style sheets read the theme from this attribute. */
effect(() => {
  document.documentElement.dataset['theme'] = preferences.value.theme ?? (isDark.value ? 'dark' : 'light')
})
