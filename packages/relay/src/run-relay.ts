import process from 'node:process'
import type { RelayCommand } from './command.ts'
import { listenRelay, type Relay } from './listen-relay.ts'

export interface RunRelayOptions {
  /** Told, in a line, what happens. */
  readonly log: (line: string) => void
  /** Called once it listens. */
  readonly onListening: (relay: Pick<Relay, 'url' | 'udpPorts'>) => void
  /** Ends it, once its circuits had their time. */
  readonly signal: AbortSignal
}

/**
 * Runs a relay until it is told to end. On SIGHUP the command is read again, for its certificate and its page; what cannot be
 * used then is logged, and the relay goes on as it was.
 *
 * @param read reads the command with the files that it names
 * @throws what `read` and `listenRelay` throw at the start
 */
export async function runRelay(read: () => RelayCommand, { log, onListening, signal }: RunRelayOptions): Promise<void> {
  const { relay: options, drain } = read()
  const relay = await listenRelay({ ...options, log })
  const renew = (): void => {
    try {
      const { tls, page } = read().relay
      relay.renew({ ...(tls && { tls }), ...(page && { page }) })
      log(tls || page ? 'certificate and page are read again' : 'there is no certificate or page to be read again')
    } catch (error) {
      log(`not read again: ${error instanceof Error ? error.message : String(error)}; it goes on as it was`)
    }
  }
  process.on('SIGHUP', renew)
  try {
    onListening(relay)
    if (!signal.aborted)
      await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
  } finally {
    await relay.close({ drain })
    process.off('SIGHUP', renew)
  }
}
