/** Loaded into a server before it starts: on SIGUSR2 says what a process that it starts is given to know. */
import { spawnSync } from 'node:child_process'

process.on('SIGUSR2', () => process.stderr.write(spawnSync('env').stdout))
