/** What somebody chooses for this browser: theme, language and time zone. */
import { useState } from 'preact/hooks'

import { prefer, preferences, type Preferences } from '../preferences.ts'
import { language, LANGUAGES, t } from '../texts/index.ts'
import { Dialog } from './dialog.tsx'
import { Choice, Segments } from './fields.tsx'
import { ownZone, seconds, When, zones } from './times.tsx'

const THEMES = ['system', 'light', 'dark'] as const

export function SettingsButton() {
  const [open, setOpen] = useState(false)
  return (
    <>
      <button type="button" class="small outline secondary" onClick={() => setOpen(true)}>
        {t().settings.title}
      </button>
      {open && <Settings onClose={() => setOpen(false)} />}
    </>
  )
}

function Settings({ onClose }: { onClose: () => void }) {
  const words = t().settings
  const { theme, zone } = preferences.value
  const system = words.systemZone(ownZone())
  return (
    <Dialog title={words.title} onClose={onClose}>
      <p>{words.about}</p>
      <p class="label">{words.theme}</p>
      <Segments
        label={words.theme}
        value={theme ?? 'system'}
        onInput={(theme) => prefer({ theme: theme === 'system' ? undefined : (theme as Preferences['theme']) })}
        options={THEMES.map((value) => ({ value, label: words.themes[value] }))}
      />
      <Choice label={words.language} value={language.value} onInput={(language) => prefer({ language })} options={LANGUAGES} hint={words.languageHint} />
      <Choice
        label={words.zone}
        value={zone ?? ''}
        onInput={(zone) => prefer({ zone: zone === '' ? undefined : zone })}
        options={[{ value: '', label: system }, ...zones().map((value) => ({ value, label: value.replaceAll('_', ' ') }))]}
        hint={
          <>
            {words.now} <When at={seconds()} alone />
          </>
        }
      />
      <div class="actions">
        <button type="button" onClick={onClose}>
          {words.done}
        </button>
      </div>
    </Dialog>
  )
}
