#!/usr/bin/env node
import process from 'node:process'
import { isSttError } from '@stt/errors'
import { readCommand, USAGE } from './command.ts'
import { listenRelay } from './listen-relay.ts'

/** Bad arguments are their own exit code, with how to do it. */
function fail(error: unknown): never {
  const isUsage = isSttError(error, 'STT_INVALID_ARGUMENT') || error instanceof TypeError
  process.stderr.write(`stt-relay: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(isUsage ? 2 : 1)
}

try {
  const { relay: options, drain, json, help } = readCommand(process.argv.slice(2), process.env['STT_RELAY_ACCESS'])
  if (help) {
    process.stdout.write(USAGE)
    process.exit(0)
  }
  const relay = await listenRelay({ ...options, log: line => process.stderr.write(`${line}\n`) })
  if (json) process.stdout.write(`${JSON.stringify({ url: relay.url, udpPorts: relay.udpPorts })}\n`)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    // Whoever asks twice does not wait.
    process.once(signal, () => {
      process.once(signal, () => process.exit(1))
      relay.close({ drain }).then(() => process.exit(0), fail)
    })
  }
} catch (error) {
  fail(error)
}
