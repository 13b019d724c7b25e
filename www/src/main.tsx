import { render } from 'preact'

import '@picocss/pico/css/pico.cyan.min.css'
import './console.css'
import { Shell } from './shell.tsx'

render(<Shell />, document.getElementById('app')!)
