import { render } from 'preact'

import '@picocss/pico/css/pico.cyan.min.css'
import './console.css'
import './preferences.ts'
import { finish } from './session/flow.ts'
import { returned } from './session/returned.ts'
import { Shell } from './shell.tsx'
import { ready } from './texts/index.ts'

void ready.then(() => {
  void finish(returned)
  render(<Shell />, document.getElementById('app')!)
})
