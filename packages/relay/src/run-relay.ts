import process from 'node:process'
import type { RelayCommand } from './command.ts'
import { listenRelay, type Relay } from './listen-relay.ts'

export interface RunRelayOptions {
  /** Called with a line for each event. */
  readonly log: (line: string) => void
  /** Called once the relay listens. */
  readonly onListening: (relay: Pick<Relay, 'url' | 'udpPorts'>) => void
  /** Ends the relay, after the time that circuits have. */
  readonly signal: AbortSignal
}

/**
 * Runs a relay until `signal` aborts. On SIGHUP it reads the command again for its certificate and page. If these cannot be used,
 * it logs why and goes on with those that it has.
 *
 * Rejects with the errors of `read` and `listenRelay` at the start.
 *
 * @param read reads the command and the files that it names
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
