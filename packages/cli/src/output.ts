import { isSttError } from '@stt/errors'
import { describeError, exitCodeOf } from './cli-error.ts'
import type { JsonLine } from './json-lines.ts'

export interface OutputOptions {
  readonly json: boolean
  readonly quiet: boolean
}

/** Where a command speaks: results on stdout, everything else on stderr, or lines of JSON in place of both. */
export class Output {
  readonly json: boolean
  readonly quiet: boolean
  /** Whether a person sees stderr, so that bars and colour are of use. */
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

  /** The result of a command, for people. */
  result(text: string): void {
    if (!this.json) process.stdout.write(`${text}\n`)
  }

  /** What goes on, for people: nothing where `--quiet` asks for nothing. */
  note(text: string): void {
    if (!this.json && !this.quiet) process.stderr.write(`stt: ${text}\n`)
  }

  /** The same for programs. */
  line(line: JsonLine): void {
    if (!this.json) return
    this.#lines += `${JSON.stringify(line).replace(UNPRINTABLE, escaped)}\n`
    // A pipe is written to at once and waited for: lines of thousands of files that come together go together.
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

  /** What ends a command. @returns the exit code */
  error(error: unknown): number {
    const exitCode = exitCodeOf(error)
    const message = describeError(error)
    const code = isSttError(error) ? error.code : undefined
    if (this.json) this.line({ type: 'error', exitCode, ...(code && { code }), message })
    else process.stderr.write(`stt: ${message}\n`)
    return exitCode
  }
}

/** The same text in JSON, which any program reads and no terminal obeys. */
const escaped = (text: string): string =>
  text.replace(/./gs, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** What `printable` of @stt/errors leaves out, and JSON.stringify leaves as it is. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu
