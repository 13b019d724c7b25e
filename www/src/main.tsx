import { render } from 'preact'

import '@picocss/pico/css/pico.cyan.min.css'
import './console.css'
import './preferences.ts'
import { Shell } from './shell.tsx'
import { ready } from './texts/index.ts'

void ready.then(() => render(<Shell />, document.getElementById('app')!))
