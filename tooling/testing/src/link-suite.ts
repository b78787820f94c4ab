import type { Link } from '@stt/frame'
import { afterEach, describe, expect, test } from 'vitest'
import { createRandom } from './random.ts'

/** Two connected ends and how to let the world go on between them. */
export interface LinkSuiteSubject {
  readonly a: Link
  readonly b: Link
  /** Lets things happen until `done()` holds; rejects or throws when it never will. */
  until(done: () => boolean): Promise<void>
  /** Ends both links and frees what lies beneath them. */
  cleanup(): Promise<void>
}

/** Waits on the real event loop, a turn at a time, until `done()` holds; a hang ends in the test's own limit. */
export async function untilInRealTime(done: () => boolean): Promise<void> {
  while (!done()) await new Promise(resolve => setTimeout(resolve, 1))
}

/** The contract of `Link`, for every implementation. The subject's network must lose nothing. */
export function linkSuite(name: string, factory: () => Promise<LinkSuiteSubject> | LinkSuiteSubject): void {
  describe(`${name}: link contract`, () => {
    let subject: LinkSuiteSubject | undefined
    const start = async (): Promise<LinkSuiteSubject> => (subject = await factory())
    afterEach(async () => {
      await subject?.cleanup()
      subject = undefined
    })

    test('both ends agree on what they are', async () => {
      const { a, b } = await start()
      expect([a.lossy, a.ordered]).toEqual([b.lossy, b.ordered])
      expect(a.maxPacketSize).toBeGreaterThanOrEqual(1_200)
      expect(a.remote).toMatch(/^(udp|ws|wss|memory):\/\//)
      expect(b.remote).toMatch(/^(udp|ws|wss|memory):\/\//)
    })

    test('packets keep their boundaries and bytes at every size, both ways', async () => {
      const { a, b, until } = await start()
      const random = createRandom(1)
      for (const [from, to] of [
        [a, b],
        [b, a],
      ] as const) {
        // biome-ignore format: a pair of pairs
        for (const size of interestingSizes(from.maxPacketSize)) {
          const sent = random.bytes(size)
          const received = collect(to)
          from.send(sent)
          await until(() => received.length === 1)
          expect(equal(received[0]!, sent), `a packet of ${size} bytes`).toBe(true)
        }
      }
    })

    test('the bytes are the caller’s again when send returns', async () => {
      const { a, b, until } = await start()
      const received = collect(b)
      const buffer = new Uint8Array(1_000)
      for (let i = 0; i < 8; i++) a.send(buffer.fill(i))
      buffer.fill(0xff)
      await until(() => received.length === 8)
      received.sort((x, y) => x[0]! - y[0]!)
      expect(received).toEqual(received.map((_, i) => new Uint8Array(1_000).fill(i)))
    })

    test('a receiver that overwrites its view harms nobody', async () => {
      const { a, b, until } = await start()
      const received: Uint8Array[] = []
      b.onPacket = packet => {
        received.push(packet.slice())
        packet.fill(0xee)
      }
      const sent = Array.from({ length: 8 }, (_, i) => new Uint8Array(700).fill(i))
      for (const packet of sent) a.send(packet)
      await until(() => received.length === 8)
      received.sort((x, y) => x[0]! - y[0]!)
      expect(received).toEqual(sent)
      expect(sent).toEqual(sent.map((_, i) => new Uint8Array(700).fill(i)))
    })

    test('packets of a message link arrive in order', async () => {
      const { a, b, until } = await start()
      if (a.lossy) return
      const count = 500
      const received = collect(b)
      const random = createRandom(2)
      for (let i = 0; i < count; i++) {
        const packet = new Uint8Array(2 + random.integer(3_000))
        new DataView(packet.buffer).setUint16(0, i)
        a.send(packet)
      }
      await until(() => received.length === count)
      expect(received.map(packet => (packet[0]! << 8) | packet[1]!)).toEqual(Array.from({ length: count }, (_, i) => i))
    })

    test('nothing is called inside send', async () => {
      const { a, b, until } = await start()
      let inside = false
      let calledInside = false
      let arrived = 0
      const note = (): void => {
        calledInside ||= inside
      }
      b.onPacket = () => {
        arrived++
        note()
      }
      a.onDrain = note
      inside = true
      for (let i = 0; i < 32; i++) a.send(new Uint8Array(1_000))
      inside = false
      await until(() => arrived === 32)
      expect(calledInside).toBe(false)
    })

    test('send answers false in time, and onDrain follows', async () => {
      const { a, b, until } = await start()
      const received = collect(b)
      const packet = new Uint8Array(a.maxPacketSize)
      let drained = 0
      a.onDrain = () => drained++
      let sent = 1
      while (a.send(packet)) sent++
      expect(sent * packet.length, 'bytes taken before send answered false').toBeLessThan(64 * 1_048_576)
      await until(() => drained === 1)
      expect(a.send(packet)).toBe(true)
      // A datagram link may have lost some of such a burst.
      await until(() => (a.lossy ? received.length > 0 : received.length === sent + 1))
    })

    test('close reports once and without a reason, and what is sent later is dropped', async () => {
      const { a, b, until } = await start()
      const received = collect(b)
      const reasons: (Error | undefined)[] = []
      let inside = true
      a.onClose = reason => {
        expect(inside, 'onClose inside close').toBe(false)
        reasons.push(reason)
      }
      a.send(new Uint8Array(10).fill(1))
      a.close()
      a.close()
      inside = false
      a.send(new Uint8Array(10).fill(2))
      await until(() => reasons.length > 0 && received.length > 0)
      a.close()
      a.send(new Uint8Array(10).fill(3))
      expect(reasons).toEqual([undefined])
      expect(received).toEqual([new Uint8Array(10).fill(1)])
    })

    test('the other end of a message link gets everything, then onClose once', async () => {
      const { a, b, until } = await start()
      if (a.lossy) return
      const received = collect(b)
      const closedAfter: number[] = []
      b.onClose = () => closedAfter.push(received.length)
      for (let i = 0; i < 50; i++) a.send(new Uint8Array(1_000).fill(i))
      a.close()
      await until(() => closedAfter.length > 0)
      b.close()
      b.send(new Uint8Array(1))
      expect(closedAfter).toEqual([50])
    })
  })
}

/** Replaces the link's handler by one that keeps copies. */
function collect(link: Link): Uint8Array[] {
  const received: Uint8Array[] = []
  link.onPacket = packet => received.push(Uint8Array.from(packet))
  return received
}

const interestingSizes = (max: number): number[] =>
  [1, 2, 16, 33, 125, 126, 127, 128, 1_199, 1_200, 1_201, 16_384, 65_506, 65_534, max - 1, max].filter(
    (size, i, all) => size <= max && all.indexOf(size) === i,
  )

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
