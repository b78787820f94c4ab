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
])(
  'a dialer that is turned away comes back later each time, after a wait that is half chance (%i)',
  async (byte, expected) => {
    const entropy = (length: number): Uint8Array => new Uint8Array(length).fill(byte)
    const { times, outcome } = attempts(() => Promise.reject(turnedAway), { entropy })
    await expect(outcome).rejects.toBe(turnedAway)
    expect(times).toEqual(expected)
  },
)

// spec: STT-HS-44
test('one address that lets the dialer in is enough', async () => {
  const { times, outcome } = attempts(at =>
    at < 1_000 ? Promise.reject(full({ status: 429 })) : Promise.resolve('in'),
  )
  expect(await outcome).toBe('in')
  expect(times).toEqual([0, 250, 750, 1_750])
})

test.each([
  ['that the peer decided', full({})],
  ['that is no place', new SttError('STT_CONNECT_FAILED', 'nobody is there')],
])('an address that answers %s is not tried again', async (_what, error) => {
  const { times, outcome } = attempts(() => Promise.reject(error))
  await expect(outcome).rejects.toBe(error)
  expect(times).toEqual([0])
})

test('a dial that runs out of time tells the limit that it met, and one that is called off tells the abort', async () => {
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

test('a last attempt that took too long is told as the refusal before it', async () => {
  const { outcome } = attempts(at =>
    Promise.reject(at === 0 ? turnedAway : new SttError('STT_TIMEOUT', 'nobody answered')),
  )
  await expect(outcome).rejects.toBe(turnedAway)
})
