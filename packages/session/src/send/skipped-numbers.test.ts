import { expect, test } from 'vitest'
import { direction, seal } from '../../test/sealed.ts'
import { DeliveryTracker } from './delivery-tracker.ts'
import { SkippedNumbers } from './skipped-numbers.ts'

const fate = { onFrameAcknowledged: () => {}, onFrameLost: () => {}, onFrameProbed: () => false }

/** How many packets are sealed before each of the first skips. */
function distances(entropy: (() => Uint8Array) | undefined, packets: number): number[] {
  const { sealer } = direction()
  const deliveries = new DeliveryTracker(fate)
  const skipped = new SkippedNumbers(entropy)
  const found: number[] = []
  let since = 0
  for (let i = 0; i < packets; i++) {
    const expected = sealer.nextPacketNumber
    skipped.onElicitingPacket(sealer, deliveries)
    if (sealer.nextPacketNumber > expected) {
      found.push(since)
      since = 0
    }
    seal(sealer)
    since++
  }
  return found
}

// spec: STT-PKT-18
test('a number is left out each 512 to 1,023 packets, at a random place', () => {
  let draw = 0
  const values = [0, 0x1ff, 0x200, 0xffff]
  const entropy = (): Uint8Array => {
    const value = values[draw++]!
    return Uint8Array.of(value >> 8, value)
  }
  expect(distances(entropy, 2_600)).toEqual([512, 1_023, 512])
})

test('without entropy none is', () => {
  expect(distances(undefined, 3_000)).toEqual([])
})
