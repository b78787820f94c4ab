import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A program that is waited for: what it prints before it is ready, and that it ends well. */
export class Program {
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown[]>
  readonly #name: string
  #text = ''

  constructor(command: string, parameters: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    this.#name = [command, ...parameters].join(' ')
    this.#child = spawn(command, parameters, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#closed = once(this.#child, 'close')
    // Nothing stays where the benchmark fails.
    const stop = (): void => this.stop()
    process.once('exit', stop)
    this.#child.once('close', () => process.off('exit', stop))
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.on('data', (data: Buffer) => {
        this.#text += data.toString()
      })
    }
  }

  /** What the first group of the pattern found in what it printed, once it has. */
  async printed(pattern: RegExp): Promise<string> {
    for (;;) {
      const [, found] = pattern.exec(this.#text) ?? []
      if (found !== undefined) return found
      const more = [this.#child.stdout!, this.#child.stderr!].map(stream => once(stream, 'data'))
      const isOver = await Promise.race([...more, this.#closed.then(() => true)])
      if (isOver === true) throw this.#failed()
    }
  }

  /** Resolves with all that it printed; rejects where it fails. */
  async ended(): Promise<string> {
    const [code] = await this.#closed
    if (code !== 0) throw this.#failed()
    return this.#text
  }

  stop(): void {
    this.#child.kill()
  }

  #failed(): Error {
    return new Error(`${this.#name} ended before it should: ${this.#text}`)
  }
}
