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
    // Whoever asks twice does not wait.
    if (told.signal.aborted) process.exit(exitCode)
    told.abort(new CliError(exitCode, 'interrupted'))
  })
}
// A reader that went away, as `head` does, wants no more, and no complaint; the other side is told.
process.stdout.on('error', error => {
  if (!hasCode(error, 'EPIPE', 'ERR_STREAM_DESTROYED')) process.exit(ExitCode.failed)
  told.abort(new CliError(ExitCode.brokenPipe, 'who read the output went away'))
})
process.stderr.on('error', () => {})

const exitCode = await runProgram(process.argv.slice(2), told.signal)
// What stdin waits for keeps nobody here; what was written goes out first.
process.stdout.write('', lost => {
  process.stderr.write('', () => process.exit(lost ? ExitCode.brokenPipe : exitCode))
})
