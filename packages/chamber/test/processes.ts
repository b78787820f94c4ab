import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { bundledProgram } from '@stt/testing'

const PROGRAM = await bundledProgram(join(import.meta.dirname, 'child.ts'))

/** A process that has a chamber open, or tries to. */
export class Child {
  readonly process: ChildProcess
  readonly #lines: AsyncIterator<string>

  constructor(task: 'hold' | 'write', path: string, start = 0) {
    const parameters = ['--enable-source-maps', PROGRAM, task, path, `${start}`]
    this.process = spawn(process.execPath, parameters, { stdio: ['pipe', 'pipe', 'inherit'] })
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
