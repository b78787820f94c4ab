import type { Entropy } from '@stt/crypto'
import { abortError, isSttError, onAbort, type SttError } from '@stt/errors'
import type { Clock } from '../time/clock.ts'

export interface Patience {
  readonly clock: Clock
  /** Ends the waiting. */
  readonly signal: AbortSignal
  /** Milliseconds from the first attempt on in which another may begin. */
  readonly timeout: number
  readonly entropy: Entropy
  /** Name of the attempt for error messages. */
  readonly what: string
}

/**
 * Attempts again while the listener says that it has no place now, after 0.5 s, then 1, 2 and each 4 s, each varied by
 * half, so that those who were sent away do not all come back at once. Rejects with the listener's `STT_BUSY`, which names
 * the limit, when the time is over. spec: STT-HS-44
 */
export async function untilFree<T>(attempt: () => Promise<T>, patience: Patience): Promise<T> {
  const { clock, timeout, entropy } = patience
  const deadline = clock.now() + timeout
  let busy: SttError | undefined
  for (let delay = FIRST_DELAY; ; delay = Math.min(2 * delay, LONGEST_DELAY)) {
    try {
      return await attempt()
    } catch (error) {
      if (!isFull(error)) throw busy && isSttError(error, 'STT_TIMEOUT') ? busy : error
      busy = error
    }
    const pause = delay * (0.5 + entropy(1)[0]! / 0xff)
    if (clock.now() + pause >= deadline) throw busy
    await wait(pause, patience, busy)
  }
}

/** Said before any handshake began: by a close code, in place of a WebSocket, or by a relay. A peer that proved itself and said no meant it. */
function isFull(error: unknown): error is SttError {
  if (!isSttError(error, 'STT_BUSY')) return false
  const { closeCode, status, relay } = error.details
  return closeCode === 1013 || status === 429 || status === 503 || relay !== undefined
}

/** Rejects when the signal ends it: with `busy` when that was a matter of time, else as aborted. */
function wait(pause: number, { clock, signal, what }: Patience, busy: SttError): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clock.clearTimer(timer)
      const aborted = abortError(signal, what)
      reject(aborted.code === 'STT_TIMEOUT' ? busy : aborted)
    }
    const timer = clock.setTimer(() => {
      leave()
      resolve()
    }, pause)
    if (signal.aborted) return end()
    const leave = onAbort(signal, end)
  })
}

const FIRST_DELAY = 500
const LONGEST_DELAY = 4_000
