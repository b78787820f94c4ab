import { type ChildProcess, fork } from 'node:child_process'
import { basename, extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Failure } from '../cli.ts'
import type { Report, Request } from '../reports.ts'

type ReportOf<Type extends Report['type']> = Extract<Report, { type: Type }>

/** The processes that a run started. The ones that still run are killed when this process ends. */
export class Children {
  readonly #running = new Set<ChildProcess>()

  constructor() {
    process.once('exit', () => this.#kill())
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))
  }

  /**
   * Starts a command of this package. It prints to the output of this process.
   *
   * @param path of the command from this folder, without its ending: `../send`
   */
  start(path: string, parameters: readonly string[]): Child {
    // Built commands lie as their sources do.
    const file = fileURLToPath(new URL(`./${path}${extname(import.meta.url)}`, import.meta.url))
    const child = fork(file, parameters, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#running.add(child)
    child.once('exit', () => this.#running.delete(child))
    return new Child(basename(path), child)
  }

  #kill(): void {
    for (const child of this.#running) child.kill('SIGKILL')
  }
}

/** One started command, its reports and its end. */
export class Child {
  /** The exit code; 1 when a signal ended it. */
  readonly exited: Promise<number>
  readonly #name: string
  readonly #child: ChildProcess
  readonly #reports: Report[] = []
  readonly #waiting = new Set<() => void>()
  #over = false

  constructor(name: string, child: ChildProcess) {
    this.#name = name
    this.#child = child
    this.exited = new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', code => resolve(code ?? 1))
    })
    child.on('message', (message: Report) => {
      this.#reports.push(message)
      this.#wake()
    })
    // After the last message, unlike `exit`.
    child.once('close', () => {
      this.#over = true
      this.#wake()
    })
  }

  /** Takes the next report of a type; a failed or ended process is a `Failure`. */
  async next<Type extends Report['type']>(type: Type): Promise<ReportOf<Type>> {
    for (;;) {
      const found = this.#reports.findIndex(each => each.type === type)
      if (found >= 0) return this.#reports.splice(found, 1)[0] as ReportOf<Type>
      const failed = this.#reports.find(each => each.type === 'failed')
      if (failed) throw new Failure(`the process "${this.#name}" failed: ${failed.message}`)
      if (this.#over) throw new Failure(`the process "${this.#name}" ended without a word`)
      await new Promise<void>(resolve => this.#waiting.add(resolve))
    }
  }

  ask(request: Request): void {
    this.#child.send(request)
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}
