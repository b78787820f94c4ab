import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A process that has a chamber open, or tries to. */
export class Child {
  readonly process: ChildProcess
  readonly #lines: AsyncIterator<string>

  constructor(task: 'hold' | 'write', path: string, start = 0) {
    const script = fileURLToPath(new URL('./child.ts', import.meta.url))
    const parameters = ['--conditions=@stt/source', '--import', 'tsx', script, task, path, `${start}`]
    this.process = spawn(process.execPath, parameters, {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#lines = createInterface({ input: this.process.stdout! })[Symbol.asyncIterator]()
  }

  /** The next thing that it says; undefined when it ended. */
  async line(): Promise<string | undefined> {
    const { done, value } = await this.#lines.next()
    return done ? undefined : value
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL')
    if (this.process.exitCode === null && this.process.signalCode === null) await once(this.process, 'exit')
  }

  /** Ends it in order. */
  async end(): Promise<void> {
    this.process.stdin!.end()
    if (this.process.exitCode === null) await once(this.process, 'exit')
  }
}
