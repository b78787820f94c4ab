import { SttError } from '@stt/errors'
import { expect, test } from 'vitest'
import { type Patience, untilFree } from './until-free.ts'

const full = (details: Record<string, string | number>): SttError => new SttError('STT_BUSY', 'full', { details })
const turnedAway = full({ closeCode: 1013, limit: 'handshakesPerPrefix' })

/** A clock on which a timer comes due as soon as everything else has settled, and attempts at its times. */
function attempts(outcomes: (at: number) => Promise<string>, changes: Partial<Patience> = {}) {
  let now = 0
  const times: number[] = []
  const clock = {
    now: () => now,
    setTimer(callback: () => void, delay: number) {
      return setImmediate(() => {
        now += delay
        callback()
      })
    },
    clearTimer: (timer: unknown) => clearImmediate(timer as NodeJS.Immediate),
    afterReads: () => {},
  }
  const patience: Patience = {
    clock,
    signal: new AbortController().signal,
    timeout: 10_000,
    entropy: length => new Uint8Array(length).fill(0),
    what: 'connect',
    ...changes,
  }
  const attempt = (): Promise<string> => {
    times.push(now)
    return outcomes(now)
  }
  return { times, outcome: untilFree(attempt, patience) }
}

// spec: STT-HS-44
test.each([
  [0x00, [0, 250, 750, 1_750, 3_750, 5_750, 7_750, 9_750]],
  [0xff, [0, 750, 2_250, 5_250]],
])('who is sent away comes back later each time, half of it a matter of chance (%i)', async (byte, expected) => {
  const entropy = (length: number): Uint8Array => new Uint8Array(length).fill(byte)
  const { times, outcome } = attempts(() => Promise.reject(turnedAway), { entropy })
  await expect(outcome).rejects.toBe(turnedAway)
  expect(times).toEqual(expected)
})

// spec: STT-HS-44
test('the first that is let in is enough', async () => {
  const { times, outcome } = attempts(at =>
    at < 1_000 ? Promise.reject(full({ status: 429 })) : Promise.resolve('in'),
  )
  expect(await outcome).toBe('in')
  expect(times).toEqual([0, 250, 750, 1_750])
})

test.each([
  ['that the peer decided', full({})],
  ['that is no place', new SttError('STT_CONNECT_FAILED', 'nobody is there')],
])('what says something %s is not tried again', async (_what, error) => {
  const { times, outcome } = attempts(() => Promise.reject(error))
  await expect(outcome).rejects.toBe(error)
  expect(times).toEqual([0])
})

test('when the time of the signal is over the limit is told, when it was called off that', async () => {
  for (const [reason, code] of [
    [new DOMException('over', 'TimeoutError'), 'STT_BUSY'],
    [new DOMException('off', 'AbortError'), 'STT_ABORTED'],
  ] as const) {
    const abort = new AbortController()
    const { outcome } = attempts(
      at => {
        if (at > 1_000) abort.abort(reason)
        return Promise.reject(turnedAway)
      },
      { signal: abort.signal, timeout: Number.POSITIVE_INFINITY },
    )
    await expect(outcome).rejects.toMatchObject({ code })
  }
})

test('a last attempt that only took too long is told as what came before', async () => {
  const { outcome } = attempts(at =>
    Promise.reject(at === 0 ? turnedAway : new SttError('STT_TIMEOUT', 'nobody answered')),
  )
  await expect(outcome).rejects.toBe(turnedAway)
})
