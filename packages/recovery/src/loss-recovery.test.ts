import type { SentPacket } from '@stt/frame'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sentPacket } from '../test/packets.ts'
import { minimumWindow } from './congestion-controller.ts'
import { createLossRecovery } from './loss-recovery.ts'

/** An action of the network or the clock. */
const step = fc.oneof(
  fc.record({ send: fc.integer({ min: 1, max: 20 }), skip: fc.nat(2) }),
  fc.record({ acknowledge: fc.array(fc.nat(), { minLength: 1, maxLength: 8 }) }),
  fc.record({ wait: fc.double({ min: 0, max: 400, noNaN: true }) }),
  fc.record({ fire: fc.constant(true) }),
)

test('whatever happens: the books balance, nothing is lost twice, the window holds, and a timer runs', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), fc.boolean(), (steps, probing) => {
      const recovery = createLossRecovery({ maxDatagramSize: 1_200, ...(probing ? { probeUpTo: 1_452 } : {}) })
      const open: SentPacket[] = []
      const lost: SentPacket[] = []
      let now = 0
      let next = 0

      const settle = (found: readonly SentPacket[]): void => {
        for (const packet of found) {
          expect(packet.lost).toBe(true)
          expect(lost).not.toContain(packet)
          expect(open.splice(open.indexOf(packet), 1)).toEqual([packet])
          lost.push(packet)
        }
      }
      const send = (size: number): void => {
        const packet = sentPacket(next++, now, size)
        open.push(packet)
        recovery.onPacketSent(packet, now)
      }

      for (const action of steps) {
        const found: SentPacket[] = []
        if ('send' in action) {
          next += action.skip
          for (let i = 0; i < action.send; i++) {
            const size = recovery.sizeProbe(now) || 1_200
            if (recovery.probesWanted > 0) send(1_200)
            else if (recovery.congestion.canSend(size, now)) {
              const { bytesInFlight, congestionWindow } = recovery.getStatistics()
              expect(bytesInFlight + size).toBeLessThanOrEqual(congestionWindow)
              send(size)
            } else expect(recovery.congestion.deadline(now)).toBeGreaterThan(now)
          }
        } else if ('acknowledge' in action) {
          const known = [...open, ...lost]
          const chosen = new Set(action.acknowledge.flatMap(i => known[i % known.length] ?? []))
          const acknowledged = [...chosen].sort((a, b) => a.packetNumber - b.packetNumber)
          if (acknowledged.length === 0) continue
          recovery.onAcknowledged(acknowledged, acknowledged.at(-1)!.sentAt, 0, found, now)
          for (const packet of acknowledged) {
            const list = open.includes(packet) ? open : lost
            list.splice(list.indexOf(packet), 1)
          }
        } else if ('wait' in action) now += action.wait
        else if (recovery.deadline < Number.POSITIVE_INFINITY) {
          now = Math.max(now, recovery.deadline)
          recovery.onTime(found, now)
        }
        settle(found)

        const { bytesInFlight, congestionWindow } = recovery.getStatistics()
        expect(bytesInFlight).toBe(open.reduce((sum, { size }) => sum + size, 0))
        expect(congestionWindow).toBeGreaterThanOrEqual(minimumWindow(1_200))
        expect(recovery.deadline < Number.POSITIVE_INFINITY).toBe(open.length > 0)
      }
    }),
    { numRuns: 300 },
  )
})
