#!/usr/bin/env node
import process from 'node:process'
import { CliError, hasCode } from './cli-error.ts'
import { ExitCode } from './exit-codes.ts'
import { runProgram } from './program.ts'

const told = new AbortController()
for (const [signal, exitCode] of [
  ['SIGINT', ExitCode.interrupted],
  ['SIGTERM', ExitCode.terminated],
] as const) {
  process.on(signal, () => {
    if (told.signal.aborted) return endAtOnce(signal)
    told.abort(new CliError(exitCode, 'interrupted'))
  })
}
// After the reader of stdout has gone, as `head` does, the command ends without an error message, and the other side is told.
process.stdout.on('error', error => {
  if (!hasCode(error, 'EPIPE', 'ERR_STREAM_DESTROYED')) process.exit(ExitCode.failed)
  told.abort(new CliError(ExitCode.brokenPipe, 'who read the output went away'))
})
process.stderr.on('error', () => {})

const exitCode = await runProgram(process.argv.slice(2), told.signal)
// A pending read of stdin must not keep the process alive; the output is written first.
process.stdout.write('', lost => {
  process.stderr.write('', () => process.exit(lost ? ExitCode.brokenPipe : exitCode))
})

/**
 * By the signal itself, and not by `process.exit`, which waits for file operations that are under way: one on a stalled disk
 * may never end.
 */
function endAtOnce(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
}
