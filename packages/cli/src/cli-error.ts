import { isSttError, printable, type SttErrorCode } from '@stt/errors'
import { ExitCode } from './exit-codes.ts'

/** An error that ends a command. Its message says in one line what happened and what to do. */
export class CliError extends Error {
  override readonly name: string = 'CliError'
  readonly exitCode: number

  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
  }
}

/** An error in one line. It may contain names from the peer, so control characters are escaped. */
export function describeError(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return printable(text.replace(/\s*\n\s*/g, ' '), MAX_MESSAGE)
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof CliError) return error.exitCode
  if (isSttError(error)) return EXIT_CODES[error.code] ?? ExitCode.failed
  return ExitCode.failed
}

/** The reason of a system error, in its own words: `no such file or directory`. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // Node's text is `ENOENT: no such file or directory, open '…'`.
  return /^E[A-Z0-9]+: ([^,]+)/.exec(error.message)?.[1] ?? error.message
}

/** Whether the system gave one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(error.code as string)
}

const EXIT_CODES: Partial<Record<SttErrorCode, number>> = {
  STT_INVALID_ARGUMENT: ExitCode.usage,
  STT_BAD_ADDRESS: ExitCode.usage,
  STT_TIMEOUT: ExitCode.unreachable,
  STT_NOT_FOUND: ExitCode.unreachable,
  STT_CONNECT_FAILED: ExitCode.unreachable,
  STT_HANDSHAKE_FAILED: ExitCode.unreachable,
  STT_BUSY: ExitCode.refused,
  STT_PEER_REFUSED: ExitCode.refused,
}

const MAX_MESSAGE = 2_000
