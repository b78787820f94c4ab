import { runs } from '@stt/vitest-config/runs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { acknowledge, createPair, deliver, lose, type Packet, pattern, pollAll, takePacket } from '../test/pair.ts'
import type { StreamEngine, StreamManager } from './index.ts'

/*
 * Two managers, a network that loses, reorders and duplicates, and applications that do anything at any time. A model
 * of each direction of each stream knows what was written and what was read.
 */

const STREAM_WINDOW = 6_000
const SESSION_WINDOW = 30_000

test('whatever happens, what is read is a prefix of what was written, within the windows, and both ends agree', () => {
  fc.assert(
    fc.property(fc.array(operation, { minLength: 20, maxLength: 250 }), operations => {
      const world = new World()
      for (const [name, side, n, size] of operations) {
        world[name](side, n, size)
        world.check()
      }
      world.finish()
    }),
    runs(200),
  )
})

class World {
  readonly #managers: readonly [StreamManager, StreamManager]
  readonly #directions = new Map<string, Direction>()
  /** Of each sender: packets that are on their way or whose fate it does not know. */
  readonly #packets: [Sending[], Sending[]] = [[], []]
  #now = 0
  #woken: Side | undefined

  constructor() {
    const { a, b } = createPair({
      a: { maxStreamData: 1_000, maxData: 16_000, maxStreamsBidi: 4, maxStreamsUni: 4, maxMessage: 3_000 },
      b: { maxStreamData: 1_500, maxData: 20_000, maxStreamsBidi: 3, maxStreamsUni: 5, maxMessage: 3_000 },
      limits: { maxStreamWindow: STREAM_WINDOW, maxSessionWindow: SESSION_WINDOW },
      onWake: side => {
        this.#woken = side
      },
    })
    this.#managers = [a, b]
  }

  /**
   * A call from the application. Whatever it leaves to send or to poll, the driver has been told of it by then: the
   * law that no wake-up is lost.
   */
  #call<T>(side: Side, call: () => T): T {
    const manager = this.#managers[side]
    const had = manager.hasFrames()
    this.#woken = undefined
    try {
      return call()
    } finally {
      const isWoken = this.#woken === side
      if (manager.hasFrames() && !had) expect(isWoken).toBe(true)
      // The result of the call is polled at once, as were all before it, so nothing else can wait.
      if (this.#poll(side) > 0) expect(isWoken).toBe(true)
    }
  }

  open(side: Side, n: number): void {
    this.#call(side, () => this.#managers[side].open({ unidirectional: n % 2 === 0, priority: n % 8 }))
  }

  write(side: Side, n: number, size: number): void {
    const stream = this.#pick(side, n)
    if (stream === undefined || stream.writableEnded) return
    const direction = this.#directionFrom(side, stream.id)
    const accepts = stream.writableBytes
    const count = this.#call(side, () => stream.write(pattern(size, direction.seed + direction.written)))
    expect(count).toBe(Math.min(size, accepts))
    direction.written += count
  }

  end(side: Side, n: number): void {
    const stream = this.#pick(side, n)
    if (stream === undefined || stream.writableEnded) return
    this.#call(side, () => stream.end())
    expect(() => stream.write(pattern(1))).toThrow(expect.objectContaining({ code: 'STT_INVALID_STATE' }))
  }

  reset(side: Side, n: number, code: number): void {
    const stream = this.#pick(side, n)
    if (stream?.isWritable) this.#call(side, () => stream.reset(code))
  }

  stop(side: Side, n: number, code: number): void {
    const stream = this.#pick(side, n)
    if (!stream?.isReadable) return
    this.#call(side, () => stream.stop(code))
    this.#directionTo(side, stream.id).stopped = true
  }

  read(side: Side, n: number): void {
    const stream = this.#pick(side, n)
    if (!stream?.isReadable) return
    const direction = this.#directionTo(side, stream.id)
    const bytes = this.#call(side, () => stream.read())
    if (bytes === undefined) return
    expect(Buffer.compare(bytes, pattern(bytes.length, direction.seed + direction.read))).toBe(0)
    direction.read += bytes.length
    expect(direction.read).toBeLessThanOrEqual(direction.written)
  }

  send(side: Side, n: number, size: number): void {
    const packet = takePacket(this.#managers[side], 150 + size, { now: this.#now, rtt: n })
    if (packet !== undefined) this.#packets[side].push({ packet, arrived: false, lost: false })
  }

  /** Delivers any packet, perhaps again. */
  arrive(side: Side, n: number): void {
    const sending = this.#packets[side][n % (this.#packets[side].length || 1)]
    if (sending === undefined) return
    deliver(sending.packet, this.#managers[1 - side]!)
    sending.arrived = true
  }

  /** Tells the sender of a packet that arrived; perhaps it took it for lost before. */
  acknowledge(side: Side, n: number): void {
    const packets = this.#packets[side]
    const index = n % (packets.length || 1)
    if (!packets[index]?.arrived) return
    acknowledge(packets[index].packet, this.#managers[side])
    packets.splice(index, 1)
  }

  /** Tells the sender that a packet is lost; perhaps it arrives later all the same. */
  lose(side: Side, n: number): void {
    const sending = this.#packets[side][n % (this.#packets[side].length || 1)]
    if (sending === undefined || sending.lost) return
    lose(sending.packet, this.#managers[side])
    sending.lost = true
  }

  wait(_side: Side, n: number, milliseconds: number): void {
    this.#now += n * milliseconds
  }

  check(): void {
    for (const side of SIDES) {
      const manager = this.#managers[side]
      this.#poll(side)
      const { receiveBuffered, receiveCredit } = manager.getStatistics()
      expect(receiveBuffered).toBeGreaterThanOrEqual(0)
      expect(receiveBuffered + receiveCredit).toBeLessThanOrEqual(SESSION_WINDOW)
      for (const stream of manager.list()) {
        if (!stream.isReadable) continue
        const statistics = stream.getStatistics()
        const { written, read } = this.#directionTo(side, stream.id)
        expect(statistics.receiveBuffered + stream.receiveWindow).toBeLessThanOrEqual(STREAM_WINDOW)
        expect(statistics.receiveMemory).toBeLessThanOrEqual(4 * STREAM_WINDOW + 16 * statistics.gaps + 8_192)
        if (stream.resetCode === undefined && statistics.bytesRead === read)
          expect(written - read).toBeLessThanOrEqual(STREAM_WINDOW)
      }
    }
  }

  /** The network heals, everybody reads to the end: both sides must agree on everything. */
  finish(): void {
    for (const side of SIDES)
      for (const sending of this.#packets[side].splice(0)) if (!sending.lost) lose(sending.packet, this.#managers[side])
    this.#carryAll()

    const [a, b] = this.#managers
    const [ofA, ofB] = [a.getStatistics(), b.getStatistics()]
    expect([ofA.sendCredit, ofB.sendCredit]).toEqual([ofB.receiveCredit, ofA.receiveCredit])
    expect([ofA.receiveBuffered, ofB.receiveBuffered]).toEqual([0, 0])
    expect([ofA.open, ofB.open]).toEqual([0, 0])
    for (const { delivered, stopped, read, written } of this.#directions.values())
      if (delivered && !stopped) expect(read).toBe(written)
  }

  /** Ends, reads and carries everything until nothing moves any more. */
  #carryAll(): void {
    for (let moved = true; moved; ) {
      moved = false
      for (const side of SIDES) {
        const manager = this.#managers[side]
        for (const stream of manager.list()) {
          if (!stream.writableEnded) this.#call(side, () => stream.end())
          while (stream.bufferedBytes > 0) this.#call(side, () => this.#readFrom(side, stream))
          this.#call(side, () => stream.claim())
        }
        this.#poll(side)
        const packet = takePacket(manager, 1_200, { now: this.#now, rtt: 5 })
        if (packet === undefined) continue
        moved = true
        deliver(packet, this.#managers[1 - side]!)
        acknowledge(packet, manager)
      }
    }
  }

  /** @returns how many events there were */
  #poll(side: Side): number {
    const events = pollAll(this.#managers[side])
    for (const event of events) if (event.type === 'delivered') this.#directionFrom(side, event.id).delivered = true
    return events.length
  }

  #readFrom(side: Side, stream: StreamEngine): void {
    const direction = this.#directionTo(side, stream.id)
    const bytes = stream.read()!
    expect(Buffer.compare(bytes, pattern(bytes.length, direction.seed + direction.read))).toBe(0)
    direction.read += bytes.length
  }

  #pick(side: Side, n: number): StreamEngine | undefined {
    const streams = this.#managers[side].list()
    return streams[n % (streams.length || 1)]
  }

  #directionFrom(side: Side, id: number): Direction {
    const key = `${side} ${id}`
    let direction = this.#directions.get(key)
    if (direction === undefined) {
      direction = { seed: side * 7_777 + id * 1_000_003, written: 0, read: 0, stopped: false, delivered: false }
      this.#directions.set(key, direction)
    }
    return direction
  }

  #directionTo(side: Side, id: number): Direction {
    return this.#directionFrom((1 - side) as Side, id)
  }
}

type Side = 0 | 1
const SIDES: readonly Side[] = [0, 1]

interface Direction {
  readonly seed: number
  written: number
  read: number
  stopped: boolean
  delivered: boolean
}

interface Sending {
  readonly packet: Packet
  arrived: boolean
  lost: boolean
}

type Operation =
  | 'open'
  | 'write'
  | 'end'
  | 'reset'
  | 'stop'
  | 'read'
  | 'send'
  | 'arrive'
  | 'acknowledge'
  | 'lose'
  | 'wait'

const operation = fc.tuple(
  fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom<Operation>('open', 'lose', 'wait') },
    { weight: 1, arbitrary: fc.constantFrom<Operation>('end', 'reset', 'stop') },
    { weight: 9, arbitrary: fc.constantFrom<Operation>('write', 'read', 'send', 'arrive', 'acknowledge') },
  ),
  fc.constantFrom<Side>(0, 1),
  fc.nat(40),
  fc.nat(1_500),
)
