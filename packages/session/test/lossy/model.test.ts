import type { CloseReason } from '@stt/session'
import type { Conditions } from '@stt/testing'
import { runs } from '@stt/vitest-config/runs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type End, type SessionPair, sessionPair } from './session-pair.ts'

/** The next step of the application, the network or time. `end` is a side. */
type Operation =
  | { readonly do: 'write'; readonly end: 0 | 1; readonly bytes: number }
  | { readonly do: 'datagram' | 'ping' | 'rotate'; readonly end: 0 | 1 }
  | { readonly do: 'wait'; readonly milliseconds: number }
  | { readonly do: 'network'; readonly end: 0 | 1; readonly conditions: Partial<Conditions> }
  | { readonly do: 'rebind' }
  | { readonly do: 'close'; readonly end: 0 | 1; readonly code: number; readonly deadline: number }

const end = fc.constantFrom(0 as const, 1 as const)

const network = fc.record({
  delay: fc.integer({ min: 1, max: 200 }),
  jitter: fc.nat(20),
  loss: fc.record({ rate: fc.constantFrom(0, 0.02, 0.3), burst: fc.constantFrom(1, 3) }),
  reorder: fc.constantFrom(0, 0.1),
  duplicate: fc.constantFrom(0, 0.1),
  corrupt: fc.constantFrom(0, 0.05),
  rate: fc.constantFrom(50_000, 1_000_000),
  queue: fc.constantFrom(10_000, 100_000),
})

const operations: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('write' as const), end, bytes: fc.integer({ min: 1, max: 100_000 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('datagram' as const, 'ping' as const, 'rotate' as const), end }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('wait' as const), milliseconds: fc.constantFrom(1, 30, 500, 3_000, 20_000) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('network' as const), end, conditions: network }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rebind' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('close' as const), end, code: fc.nat(9), deadline: fc.constantFrom(0, 5_000) }) },
) // biome-ignore format: a table

/** Two ends, what was asked of them, and what must hold whatever happens. */
class Model {
  readonly #sessions: SessionPair
  readonly #nonces = new Set<string>()
  readonly #written = [0, 0]
  readonly #datagrams = [0, 0]
  readonly #pings = [0, 0]

  constructor(seed: number) {
    this.#sessions = sessionPair({
      seed,
      toServer: { delay: 20 },
      toClient: { delay: 20 },
      tap: (packet, direction) => {
        const nonce = `${direction} ${packet.subarray(9, 17)}`
        if (this.#nonces.has(nonce)) throw new Error(`packet number used twice: ${nonce}`)
        this.#nonces.add(nonce)
      },
    })
  }

  run(operation: Operation): void {
    const { pair, responder, ends } = this.#sessions
    if (operation.do === 'wait') pair.loop.runUntil(pair.loop.now + operation.milliseconds)
    else if (operation.do === 'rebind') responder.listen(pair.rebind())
    else if (operation.do === 'network')
      (operation.end === 0 ? pair.toServer : pair.toClient).change(operation.conditions)
    else this.#ask(ends[operation.end], operation)
    this.#check()
  }

  /** The network recovers: what was promised must come about. */
  settle(): void {
    const { pair, ends, responder } = this.#sessions
    for (const path of [pair.toServer, pair.toClient]) path.change({ ...quiet })
    pair.loop.runUntil(pair.loop.now + 120_000)
    this.#check()
    const reasons = ends.map(each => each.event('ended')?.reason)
    if (reasons.some(Boolean)) this.#checkEnd(reasons)
    else {
      expect(ends.map(({ source }) => source.received)).toEqual([this.#written[1], this.#written[0]])
      // A PING that keeps the session alive may be under way.
      const isQuiet = (): boolean => ends.every(({ session }) => session.getStatistics().packetsOutstanding === 0)
      expect(pair.loop.runWhileNot(isQuiet, pair.loop.now + 1_000)).toBe(true)
      const [a, b] = ends.map(({ session }) => session.getStatistics())
      expect([b!.sendEpoch, a!.receiveEpoch, b!.receiveEpoch]).toEqual([a!.sendEpoch, a!.sendEpoch, a!.sendEpoch])
      expect(responder.session.link).toBe(pair.server)
      for (const [i, each] of ends.entries()) expect(count(each, 'pong')).toBe(this.#pings[i])
    }
    for (const [i, each] of ends.entries()) {
      const settled = each.events.flatMap(event => (event.type === 'datagram-settled' ? [event.datagram] : []))
      expect(settled.length).toBe(this.#datagrams[i])
      expect(new Set(settled).size).toBe(settled.length)
    }
  }

  #ask(each: End, operation: Exclude<Operation, { do: 'wait' | 'rebind' | 'network' }>): void {
    const { session, source } = each
    const i = this.#sessions.ends.indexOf(each)
    const isOpen = session.state === 'active' || session.state === 'handshaking'
    if (operation.do === 'close') {
      const { code, deadline } = operation
      session.close({ app: true, code, reason: '', deadline }, this.#sessions.pair.loop.now)
    } else if (isOpen && operation.do === 'write') {
      source.queue(operation.bytes)
      this.#written[i]! += operation.bytes
    } else if (isOpen && operation.do === 'rotate') {
      session.rotateKeys()
    } else if (isOpen && operation.do === 'ping') {
      session.ping()
      this.#pings[i]!++
    } else if (isOpen) {
      session.sendDatagram(new Uint8Array(500))
      this.#datagrams[i]!++
    }
    each.drive()
  }

  #check(): void {
    for (const [i, { source }] of this.#sessions.ends.entries()) {
      expect(source.received).toBeLessThanOrEqual(this.#written[1 - i]!)
    }
  }

  /** A side reports only reasons that the other side gave. */
  #checkEnd(reasons: readonly (CloseReason | undefined)[]): void {
    for (const [i, reason] of reasons.entries()) {
      const other = reasons[1 - i]
      expect(reason?.by).toBeOneOf(['local', 'peer', 'silence'])
      if (reason?.by === 'peer') expect(other).toMatchObject({ by: 'local', code: reason.code })
    }
    for (const { session } of this.#sessions.ends) expect(session.state).toBe('closed')
  }
}

test('two ends, whatever the applications, the network and time do', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 ** 31 }),
      fc.array(operations, { minLength: 1, maxLength: 40 }),
      (seed, list) => {
        const model = new Model(seed)
        for (const operation of list) model.run(operation)
        model.settle()
      },
    ),
    runs(),
  )
})

const count = (each: End, type: 'pong'): number => each.events.filter(event => event.type === type).length

const quiet: Partial<Conditions> = {
  delay: 20,
  jitter: 0,
  loss: { rate: 0, burst: 1 },
  reorder: 0,
  duplicate: 0,
  corrupt: 0,
  rate: 1_000_000,
  queue: 1_000_000,
}
