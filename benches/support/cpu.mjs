/** CPU time of a process, of this one or of another, with all its threads. Linux only. */
import { readFileSync, readdirSync } from 'node:fs'

/**
 * CPU microseconds that the threads of a process have used. Two limits hold for
 * another process. The time of a thread that has ended is not counted. The process
 * must be idle when this is called, because the kernel updates the time of a running
 * thread only now and then.
 */
export function cpuOf(pid) {
  if (pid === process.pid) {
    const { user, system } = process.cpuUsage()
    return user + system
  }
  const directory = `/proc/${pid}/task`
  let nanoseconds = 0
  for (const thread of readdirSync(directory)) nanoseconds += scheduled(`${directory}/${thread}/schedstat`)
  return nanoseconds / 1000
}

function scheduled(file) {
  try {
    return Number(readFileSync(file, 'utf8').split(' ')[0])
  } catch (error) {
    // The thread ended after the folder was read.
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return 0
    throw error
  }
}

/** Runs `work`, which does `count` things; CPU microseconds of the process `pid` and wall microseconds for each. */
export async function cost(pid, count, work) {
  const [cpu, wall] = [cpuOf(pid), process.hrtime.bigint()]
  await work()
  return { cpu: (cpuOf(pid) - cpu) / count, wall: Number(process.hrtime.bigint() - wall) / 1000 / count }
}

/** The processes that this one started and that run now, by the name of their program. */
export function children(program) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
        const [, name, parent] = /^\d+ \((.*)\) \S (\d+)/s.exec(stat)
        return name === program && Number(parent) === process.pid
      } catch {
        return false
      }
    })
    .map(Number)
}

/** Resident bytes of a process. */
export const residentOf = (pid) => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024
