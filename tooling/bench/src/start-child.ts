import { type ChildProcess, fork } from 'node:child_process'

/** A process of the benchmarks. That one ends by itself is an error. */
export function startChild(file: string, ...parameters: string[]): ChildProcess {
  const child = fork(file, parameters, { execArgv: ['--import', 'tsx', ...conditions()] })
  child.once('exit', code => {
    if (code) throw new Error(`the process of ${parameters[0]} ended with code ${code}`)
  })
  return child
}

/** Whether sources or built files are measured: as this process itself was told. */
function conditions(): string[] {
  return process.execArgv.filter(argument => argument.startsWith('--conditions='))
}
