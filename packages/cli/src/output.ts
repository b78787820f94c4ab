import { isSttError } from '@stt/errors'
import { describeError, exitCodeOf } from './cli-error.ts'
import type { JsonLine } from './json-lines.ts'

export interface OutputOptions {
  readonly json: boolean
  readonly quiet: boolean
}

/** The output of a command: results on stdout and notes on stderr, or lines of JSON in place of both. */
export class Output {
  readonly json: boolean
  readonly quiet: boolean
  /** Whether stderr is a terminal, so that bars and colour are of use. */
  readonly isLive: boolean
  readonly #jsonTo: NodeJS.WritableStream
  #lines = ''
  #flushing: NodeJS.Immediate | undefined

  /** @param jsonTo stdout, unless that is for data */
  constructor({ json, quiet }: OutputOptions, jsonTo: NodeJS.WritableStream = process.stdout) {
    this.json = json
    this.quiet = quiet
    this.isLive = !json && !quiet && process.stderr.isTTY === true
    this.#jsonTo = jsonTo
  }

  /** Prints a result as text. */
  result(text: string): void {
    if (!this.json) process.stdout.write(`${text}\n`)
  }

  /** Prints a note as text, unless `--quiet` was given. */
  note(text: string): void {
    if (!this.json && !this.quiet) process.stderr.write(`stt: ${text}\n`)
  }

  /** Prints something that went wrong while the command goes on: as text, even with `--quiet`. */
  problem(text: string): void {
    if (!this.json) process.stderr.write(`stt: ${text}\n`)
  }

  /** Prints a line of JSON for programs. */
  line(line: JsonLine): void {
    if (!this.json) return
    this.#lines += `${JSON.stringify(line).replace(UNPRINTABLE, escaped)}\n`
    // A write to a pipe blocks, so the lines of one turn are written together.
    if (line.type !== 'file') this.flush()
    else this.#flushing ??= setImmediate(() => this.flush())
  }

  /** Writes what waits. */
  flush(): void {
    clearImmediate(this.#flushing)
    this.#flushing = undefined
    const lines = this.#lines
    this.#lines = ''
    if (lines !== '') this.#jsonTo.write(lines)
  }

  /** Prints the error that ends a command. @returns the exit code */
  error(error: unknown): number {
    const exitCode = exitCodeOf(error)
    const message = describeError(error)
    const code = isSttError(error) ? error.code : undefined
    if (this.json) this.line({ type: 'error', exitCode, ...(code && { code }), message })
    else process.stderr.write(`stt: ${message}\n`)
    return exitCode
  }
}

/** Escapes characters of a line of JSON that a terminal would obey. */
const escaped = (text: string): string =>
  text.replace(/./gs, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** Characters that `printable` of @stt/errors removes and JSON.stringify does not escape. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu
