import { render } from 'preact'

// Before anything that reads the address.
import { returned } from './session/returned.ts'

import '@picocss/pico/css/pico.cyan.min.css'
import './console.css'
import './preferences.ts'
import { finish } from './session/flow.ts'
import { resume } from './session/session.ts'
import { Shell } from './shell.tsx'
import { ready } from './texts/index.ts'

void ready.then(() => {
  resume()
  void finish(returned)
  render(<Shell />, document.getElementById('app')!)
})
