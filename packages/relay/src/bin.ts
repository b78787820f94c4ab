#!/usr/bin/env node
import process from 'node:process'
import { isSttError } from '@stt/errors'
import { readCommand, USAGE } from './command.ts'
import { runRelay } from './run-relay.ts'

/** Ends with 2 for arguments that cannot be used, and with 1 for any other error. */
function fail(error: unknown): never {
  const isUsage = isSttError(error, 'STT_INVALID_ARGUMENT') || error instanceof TypeError
  process.stderr.write(`stt-relay: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(isUsage ? 2 : 1)
}

try {
  const read = () => readCommand(process.argv.slice(2), process.env['STT_RELAY_ACCESS'])
  const { json, help } = read()
  if (help) {
    process.stdout.write(USAGE)
    process.exit(0)
  }
  const told = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    // The second signal ends the program at once.
    process.on(signal, () => (told.signal.aborted ? process.exit(1) : told.abort()))
  }
  await runRelay(read, {
    log: line => process.stderr.write(`${line}\n`),
    onListening: ({ url, udpPorts }) => json && process.stdout.write(`${JSON.stringify({ url, udpPorts })}\n`),
    signal: told.signal,
  })
  process.exit(0)
} catch (error) {
  fail(error)
}
