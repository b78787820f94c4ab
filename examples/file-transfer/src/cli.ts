import { isSttError } from '@stt/node'
import type { Report } from './reports.ts'
import { report } from './reports.ts'

/** An error that stops a command; its message is for the person who ran it. */
export class Failure extends Error {
  override readonly name: string = 'Failure'
}

/**
 * Runs a command to its end. Whatever stops it becomes one line on stderr and exit code 1. The process then ends by
 * itself, because nothing of it is left open; a parent process that disappears ends it too.
 */
export async function runCommand(name: string, work: () => Promise<void>): Promise<void> {
  const orphaned = (): never => process.exit(1)
  process.once('disconnect', orphaned)
  try {
    await work()
  } catch (error) {
    process.exitCode = 1
    process.stderr.write(`${name}: ${describe(error)}\n`)
    await report(failureOf(error))
  } finally {
    process.off('disconnect', orphaned)
    if (process.connected) process.disconnect()
  }
}

/** For options that may be given several times. */
export const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

/** The error in one line, its code after it where it has one. */
export function describe(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const line = text.replace(/\s*\n\s*/g, ' ')
  return isSttError(error) ? `${line} (${error.code})` : line
}

/** Why the system refused a file, in its own words: `no such file or directory`. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // Node's text is `ENOENT: no such file or directory, open '…'`.
  return /^E[A-Z0-9]+: ([^,]+)/.exec(error.message)?.[1] ?? error.message
}

function failureOf(error: unknown): Report {
  return { type: 'failed', code: isSttError(error) ? error.code : undefined, message: describe(error) }
}
