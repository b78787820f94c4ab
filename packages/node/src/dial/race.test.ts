import { isSttError, SttError } from '@stt/errors'
import { describe, expect, test } from 'vitest'
import { type Deferred, deferred } from '../queues/deferred.ts'
import type { Clock } from '../time/clock.ts'
import { type Attempt, Race, type Turn } from './race.ts'

/** A clock whose time passes when the test says so. */
class ManualClock implements Clock {
  #now = 0
  /** Milliseconds by which timers ring too early, as those of systems do. */
  early = 0
  readonly #timers = new Map<object, { readonly at: number; readonly callback: () => void }>()
  now = (): number => this.#now
  setTimer = (callback: () => void, delay: number): object => {
    const timer = {}
    this.#timers.set(timer, { at: this.#now + delay, callback })
    return timer
  }
  clearTimer = (timer: unknown): void => void this.#timers.delete(timer as object)
  afterReads = (callback: () => void): void => queueMicrotask(callback)

  get timers(): number {
    return this.#timers.size
  }

  async advance(milliseconds: number): Promise<void> {
    this.#now += milliseconds
    for (const [timer, { at, callback }] of [...this.#timers]) {
      if (at - this.early <= this.#now && this.#timers.delete(timer)) callback()
    }
    await settled()
  }
}

interface Ways {
  readonly clock: ManualClock
  readonly race: Race<string>
  readonly attempts: readonly Attempt<string>[]
  /** Of each attempt that began: its turn, and how it ends. */
  readonly begun: (Deferred<string> & { readonly turn: Turn })[]
  readonly discarded: string[]
}

function ways(count: number, ranks: readonly number[] = [], memory = { bestAreSilent: false }): Ways {
  const clock = new ManualClock()
  const begun: Ways['begun'] = []
  const discarded: string[] = []
  const attempts = Array.from({ length: count }, (_, i) => ({
    label: `way ${i}`,
    rank: ranks[i] ?? 0,
    run(turn: Turn) {
      const end = deferred<string>()
      begun.push({ ...end, turn })
      turn.signal.addEventListener('abort', () => end.reject(failure('STT_TIMEOUT', 'aborted')))
      return end.promise
    },
  }))
  return { clock, race: new Race(clock, 'connect', memory, late => discarded.push(late)), attempts, begun, discarded }
}

const failure = (code: SttError['code'], message: string): SttError => new SttError(code, message)
const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
const rejection = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => {
      throw new Error('it did not reject')
    },
    (error: Error) => error,
  )

describe('an attempt begins', () => {
  test('250 ms after the one before, while that goes on', async () => {
    const { clock, race, attempts, begun } = ways(3)
    const won = race.run(attempts, undefined)
    await clock.advance(249)
    expect(begun).toHaveLength(1)
    await clock.advance(1)
    expect(begun).toHaveLength(2)
    begun[0]!.resolve('the first')
    expect(await won).toBe('the first')
    expect(begun.map(({ turn }) => turn.signal.aborted)).toEqual([true, true])
    await clock.advance(10_000)
    expect([begun.length, clock.timers]).toEqual([2, 0])
  })

  test('at once when the one before has failed', async () => {
    const { race, attempts, begun } = ways(2)
    const won = race.run(attempts, undefined)
    begun[0]!.reject(failure('STT_CONNECT_FAILED', 'nothing listens'))
    await settled()
    begun[1]!.resolve('the second')
    expect(await won).toBe('the second')
  })

  test('also when it was found late, and nothing else waits', async () => {
    const { clock, race, attempts, begun } = ways(2)
    void race.run([attempts[0]!], undefined).catch(() => {})
    await clock.advance(1_000)
    race.add(attempts[1]!)
    await clock.advance(250)
    expect(begun).toHaveLength(2)
  })

  test('not while a peer answers at another address', async () => {
    const { clock, race, attempts, begun } = ways(2)
    void race.run(attempts, undefined).catch(() => {})
    begun[0]!.turn.answered()
    await clock.advance(250)
    expect(begun).toHaveLength(1)
  })
})

describe('a peer that answers', () => {
  test('is the only one that is carried on with, until six seconds have passed or its attempt has failed', async () => {
    const { clock, race, attempts, begun } = ways(2)
    void race.run(attempts, undefined).catch(() => {})
    await clock.advance(250)
    const [first, second] = begun
    let freed = 0
    second!.turn.onFree = () => freed++
    expect(second!.turn.isHeld(0)).toBe(false)
    first!.turn.answered()
    expect([first!.turn.isHeld(0), second!.turn.isHeld(0)]).toEqual([false, true])
    await clock.advance(5_999)
    expect(freed).toBe(0)
    await clock.advance(1)
    expect([freed, second!.turn.isHeld(0)]).toEqual([1, false])
    second!.turn.answered()
    first!.turn.onFree = () => freed++
    second!.reject(failure('STT_PEER_REFUSED', 'no'))
    await settled()
    expect([freed, first!.turn.isHeld(0)]).toEqual([2, false])
  })

  test('one session is made of them at most', async () => {
    const { clock, race, attempts, begun, discarded } = ways(2)
    const won = race.run(attempts, undefined)
    await clock.advance(250)
    expect(begun[0]!.turn.claim()).toBe(true)
    expect(begun[1]!.turn.claim()).toBe(false)
    expect(begun[1]!.turn.isHeld(0)).toBe(true)
    // The one that had it could not keep it: another may try.
    begun[0]!.reject(failure('STT_PEER_REFUSED', 'another node is trusted'))
    await settled()
    expect(begun[1]!.turn.claim()).toBe(true)
    begun[1]!.resolve('the second')
    expect(await won).toBe('the second')
    expect([begun[0]!.turn.claim(), discarded]).toEqual([false, []])
  })

  test('a session that comes after the dial was given up is given back', async () => {
    const { race, attempts, begun, discarded } = ways(1)
    const controller = new AbortController()
    const won = race.run(
      [
        {
          ...attempts[0]!,
          run: turn => {
            begun.push({ ...deferred<string>(), turn })
            return begun[0]!.promise
          },
        },
      ],
      controller.signal,
    )
    begun[0]!.resolve('too late')
    controller.abort()
    expect(isSttError(await rejection(won), 'STT_ABORTED')).toBe(true)
    await settled()
    expect(discarded).toEqual(['too late'])
  })
})

describe('an answer on a worse way', () => {
  const begin = async (memory = { bestAreSilent: false }) => {
    const race = ways(2, [0, 1], memory)
    const won = race.race.run(race.attempts, undefined)
    await race.clock.advance(250)
    const [better, worse] = race.begun
    let freed = 0
    worse!.turn.onFree = () => freed++
    return { ...race, won, better: better!.turn, worse: worse!.turn, freed: () => freed }
  }

  test('waits as long as it took itself for one on a better way, 100 ms at most', async () => {
    for (const [roundTrip, patience] of [
      [30, 30],
      [500, 100],
    ] as const) {
      const { clock, worse, freed } = await begin()
      expect(worse.isHeld(roundTrip)).toBe(true)
      await clock.advance(patience - 1)
      expect([worse.isHeld(roundTrip), freed()]).toEqual([true, 0])
      await clock.advance(1)
      expect([worse.isHeld(roundTrip), freed()]).toEqual([false, 1])
    }
  })

  test('each waits for itself, and a timer that rings early ends the waiting all the same', async () => {
    const { clock, race, attempts, begun } = ways(3, [0, 1, 1])
    const won = race.run(attempts, undefined)
    await clock.advance(250)
    await clock.advance(250)
    const freed: number[] = []
    begun.forEach(({ turn }, i) => {
      turn.onFree = () => freed.push(i)
    })
    expect([begun[2]!.turn.isHeld(40), begun[1]!.turn.isHeld(80)]).toEqual([true, true])
    clock.early = 0.6
    await clock.advance(39.5)
    expect([begun[2]!.turn.isHeld(40), freed]).toEqual([false, [2]])
    await clock.advance(40)
    expect([begun[1]!.turn.isHeld(80), freed]).toEqual([false, [2, 1]])
    begun[1]!.resolve('it')
    await won
    expect(clock.timers).toBe(0)
  })

  test('stays behind where the better way is answered meanwhile', async () => {
    const { clock, better, worse, freed } = await begin()
    expect(worse.isHeld(80)).toBe(true)
    better.answered()
    await clock.advance(80)
    expect([worse.isHeld(80), better.isHeld(0), freed()]).toEqual([true, false, 0])
  })

  test('waits for none that has failed, and none of its own kind', async () => {
    const { begun, worse } = await begin()
    begun[0]!.reject(failure('STT_CONNECT_FAILED', 'no route'))
    await settled()
    expect(worse.isHeld(80)).toBe(false)
    const same = ways(2)
    void same.race.run(same.attempts, undefined).catch(() => {})
    await same.clock.advance(250)
    expect(same.begun[1]!.turn.isHeld(80)).toBe(false)
  })

  test('that won has the next dial begin there at once, until a better way wins again', async () => {
    const memory = { bestAreSilent: false }
    const { begun, won } = await begin(memory)
    begun[1]!.resolve('over the worse')
    expect(await won).toBe('over the worse')
    expect(begun[0]!.turn.winner).toBe('over the worse')
    const next = ways(3, [0, 1, 1], memory)
    const wonNext = next.race.run(next.attempts, undefined)
    await next.clock.advance(0)
    expect(next.begun).toHaveLength(2)
    await next.clock.advance(249)
    expect(next.begun).toHaveLength(2)
    next.begun[0]!.resolve('over the better')
    expect(await wonNext).toBe('over the better')
    expect(memory.bestAreSilent).toBe(false)
  })

  test('that won at once says nothing of a better way that had no time', async () => {
    const memory = { bestAreSilent: false }
    const { race, attempts, begun } = ways(2, [0, 1], memory)
    const won = race.run(attempts, undefined)
    race.add({ ...attempts[1]!, rank: 0 })
    begun[0]!.reject(failure('STT_CONNECT_FAILED', 'no route'))
    await settled()
    begun[1]!.resolve('over the worse')
    await won
    expect(memory.bestAreSilent).toBe(false)
  })
})

describe('the failure', () => {
  test('of one attempt is its own', async () => {
    const { race, attempts, begun } = ways(1)
    const lost = race.run(attempts, undefined)
    const error = failure('STT_BUSY', 'full')
    begun[0]!.reject(error)
    expect(await rejection(lost)).toBe(error)
  })

  test('of several attempts names each, its kind and its time, and has the code of the attempt that came furthest', async () => {
    const { clock, race, attempts, begun } = ways(3)
    const lost = race.run(attempts, undefined)
    await clock.advance(250)
    begun[1]!.reject(failure('STT_CONNECT_FAILED', 'nothing listens'))
    await settled()
    begun[2]!.reject(failure('STT_PEER_REFUSED', 'another node'))
    await settled()
    await clock.advance(750)
    begun[0]!.reject(failure('STT_TIMEOUT', 'no peer answered'))
    const error = await rejection(lost)
    expect(isSttError(error, 'STT_PEER_REFUSED') && error.details).toEqual({ attempts: 3 })
    expect(error.message).toContain('way 1: STT_CONNECT_FAILED after 0 ms, nothing listens')
    expect(error.message).toContain('way 2: STT_PEER_REFUSED after 0 ms, another node')
    expect(error.message).toContain('way 0: STT_TIMEOUT after 1000 ms, no peer answered')
    expect((error.cause as AggregateError).errors).toHaveLength(3)
  })

  test('of a dial that runs out of time names each attempt, and the addresses that were not tried', async () => {
    const { race, attempts } = ways(2)
    const controller = new AbortController()
    const lost = race.run(attempts, controller.signal)
    controller.abort(new DOMException('late', 'TimeoutError'))
    const error = await rejection(lost)
    expect(isSttError(error, 'STT_TIMEOUT')).toBe(true)
    expect(error.message).toMatch(/way 0: STT_TIMEOUT.*aborted.*not tried: way 1/)
  })

  test.each(['STT_CLOSED', 'STT_LIMIT', 'STT_INVALID_ARGUMENT', 'STT_TRUST_STORE'] as const)(
    'no other address is tried where %s says that none can help',
    async code => {
      const { race, attempts, begun } = ways(2)
      const lost = race.run(attempts, undefined)
      begun[0]!.reject(failure(code, 'no'))
      expect(isSttError(await rejection(lost), code)).toBe(true)
      expect(begun).toHaveLength(1)
    },
  )

  test('a signal that has aborted begins no attempt', async () => {
    const { race, attempts, begun } = ways(1)
    expect(isSttError(await rejection(race.run(attempts, AbortSignal.abort())), 'STT_ABORTED')).toBe(true)
    expect(begun).toHaveLength(0)
  })
})
