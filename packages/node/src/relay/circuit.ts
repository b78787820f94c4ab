import { abortError, onAbort, SttError } from '@stt/errors'
import type { Link } from '@stt/frame'
import { CircuitRequest, type CircuitRequestOptions, type Greeting, type No } from '@stt/rendezvous'
import { Alarm } from '../time/alarm.ts'
import type { Clock } from '../time/clock.ts'

/** Another instance of the relay has the peer that is dialed. */
export class Elsewhere {
  readonly url: string

  constructor(url: string) {
    this.url = url
  }
}

/**
 * Asks a relay for one end of a circuit over a connection to it, which is closed when that comes to nothing.
 *
 * Rejects with `STT_CONNECT_FAILED` (`details.reason`), `STT_BUSY`, `STT_ABORTED` or `STT_TIMEOUT`.
 *
 * @param onSpliced called before anything that the other end says comes over the link
 * @returns where to go instead, if the relay says so
 */
export function requestCircuit(
  link: Link,
  options: CircuitRequestOptions,
  clock: Clock,
  signal: AbortSignal | undefined,
  onSpliced: (link: Link) => void,
  onGreeted: (greeting: Greeting) => void = () => {},
): Promise<Elsewhere | undefined> {
  return new Promise((resolve, reject) => {
    const request = new CircuitRequest(options, clock.now())
    const end = (): void => {
      leave?.()
      alarm.cancel()
      link.onPacket = link.onClose = () => {}
    }
    const fail = (error: SttError): void => {
      end()
      link.close()
      reject(error)
    }
    const drain = (): void => {
      for (;;) {
        const output = request.poll(clock.now())
        if (output.type === 'timeout') return alarm.set(output.at)
        if (output.type === 'transmit') link.send(output.packet)
        else if (output.event.type === 'greeted') onGreeted(output.event.greeting)
        else if (output.event.type === 'failed') return fail(failure(options.url, output.event.reason))
        else if (output.event.type === 'refused') {
          const { no } = output.event
          if (no.reason !== 'elsewhere') return fail(refusal(options.url, no))
          end()
          link.close()
          return resolve(new Elsewhere(no.url))
        } else if (output.event.type === 'spliced') {
          end()
          onSpliced(link)
          return resolve(undefined)
        }
      }
    }
    const alarm = new Alarm(clock, drain)
    const what = `reaching a node at the relay ${options.url}`
    const leave = signal && onAbort(signal, () => fail(abortError(signal, what)))
    link.onPacket = bytes => {
      request.receive(bytes, clock.now())
      drain()
    }
    link.onClose = () => {
      request.closed()
      drain()
    }
    if (signal?.aborted) return fail(abortError(signal, what))
    drain()
  })
}

/** How to proceed after a relay refused. */
export function refusal(url: string, { reason, retryAfter }: No): SttError {
  const details = { reason, retryAfter, relay: url }
  if (reason === 'full' || reason === 'rate') {
    const message = `the relay ${url} has no room for another circuit (${reason}): dial again in ${Math.ceil(retryAfter / 1_000)} s, or give another relay`
    return new SttError('STT_BUSY', message, { details })
  }
  return new SttError('STT_CONNECT_FAILED', `the relay ${url} said no (${reason}): ${HELP[reason] ?? 'try another relay'}`, { details }) // biome-ignore format: one line
}

const failure = (url: string, reason: string): SttError =>
  new SttError('STT_CONNECT_FAILED', `no circuit through the relay ${url}: ${reason}`, { details: { relay: url } })

const HELP: Readonly<Record<string, string>> = {
  nobody:
    'no node with that id listens there now. See that it runs, holds the same seed, and has this relay among its relays',
  auth: 'it serves others only. Its operator lets the holders of a seed in by their access key, and it has to be dialed by one of the URLs that it was told to have',
  taken: 'another node listens there under the name of this one',
  version: 'it speaks another version of the protocol',
}
