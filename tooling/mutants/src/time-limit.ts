import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process'

/**
 * Runs a program until it ends, or until its time is over: then it is ended, with every process that it started and
 * however busy they are.
 *
 * @param milliseconds Infinity for as long as it likes
 * @returns whether it ended by itself
 */
export function runWithin(
  milliseconds: number,
  command: string,
  parameters: readonly string[],
  options: Pick<SpawnOptions, 'cwd' | 'env' | 'stdio'> & { readonly onStarted?: (child: ChildProcess) => void } = {},
): Promise<boolean> {
  const { onStarted, ...rest } = options
  // A group of its own can be ended at once; a worker that never comes to look would outlive the one that started it.
  const child = spawn(command, parameters, { ...rest, detached: process.platform !== 'win32' })
  onStarted?.(child)
  running.add(child)
  return new Promise((resolve, reject) => {
    let isOver = false
    const onTime = (): void => {
      isOver = true
      end(child)
    }
    const timer = milliseconds === Number.POSITIVE_INFINITY ? undefined : setTimeout(onTime, milliseconds)
    const settle = (): void => {
      clearTimeout(timer)
      running.delete(child)
    }
    child.once('error', error => {
      settle()
      reject(error)
    })
    child.once('exit', () => {
      settle()
      resolve(!isOver)
    })
  })
}

function end({ pid }: ChildProcess): void {
  if (pid === undefined) return
  if (process.platform === 'win32') spawnSync('taskkill', ['/pid', `${pid}`, '/t', '/f'])
  else process.kill(-pid, 'SIGKILL')
}

const running = new Set<ChildProcess>()
// A process in its own group does not get this program's interrupt.
process.once('exit', () => {
  for (const child of running) end(child)
})
