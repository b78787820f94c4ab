import { packetNumberOf } from '@stt/frame'
import { describe, expect, test } from 'vitest'
import { direction, seal } from '../../test/sealed.ts'
import { DEFAULT_KEY_UPDATE_LIMITS, KeyUpdates } from './key-updates.ts'

const PROBE_TIMEOUT = 100

/** One side's updates, and the peer's sealer to move the side's opener with. */
function side(limits = {}) {
  const own = direction()
  const peer = direction()
  const epochs: number[] = []
  const updates = new KeyUpdates({
    sealer: own.sealer,
    opener: peer.opener,
    limits: { ...DEFAULT_KEY_UPDATE_LIMITS, ...limits },
    now: 0,
    onEpoch: epoch => epochs.push(epoch),
  })
  const hearPeer = (): void => {
    const packet = seal(peer.sealer)
    peer.opener.open(packet, packetNumberOf(packet)!, 0, 0)
  }
  return { updates, epochs, sealer: own.sealer, peerSealer: peer.sealer, hearPeer }
}

describe('KeyUpdates', () => {
  // spec: STT-PKT-10
  test('the first update needs an acknowledgement in epoch 0 and nothing else', () => {
    const { updates, epochs } = side()
    updates.request()
    expect(updates.service(10, PROBE_TIMEOUT)).toBe(true)
    expect(epochs).toEqual([])
    updates.onAcknowledged(0, 20)
    expect(updates.dueAt(20, PROBE_TIMEOUT)).toBe(20)
    expect(updates.service(20, PROBE_TIMEOUT)).toBe(true)
    expect(epochs).toEqual([1])
  })

  // spec: STT-PKT-10 STT-PKT-11
  test('a later one is remembered until the peer followed, acknowledged, and 3 PTO have passed', () => {
    const { updates, epochs, peerSealer, hearPeer } = side()
    updates.request()
    updates.onAcknowledged(0, 0)
    updates.service(0, PROBE_TIMEOUT)
    updates.request()
    expect(updates.dueAt(10, PROBE_TIMEOUT)).toBe(Number.POSITIVE_INFINITY)

    updates.onAcknowledged(0, 15)
    updates.onAcknowledged(1, 16)
    expect(updates.dueAt(16, PROBE_TIMEOUT)).toBe(Number.POSITIVE_INFINITY)
    peerSealer.advanceEpoch()
    hearPeer()
    expect(updates.follow(20)).toBe(false)
    updates.onAcknowledged(1, 80)
    expect(updates.dueAt(80, PROBE_TIMEOUT)).toBe(316)
    expect(updates.service(315, PROBE_TIMEOUT)).toBe(false)
    expect(updates.service(316, PROBE_TIMEOUT)).toBe(true)
    expect(epochs).toEqual([1, 2])
  })

  // spec: STT-PKT-11
  test('where nothing was acknowledged yet the peer is asked for it, once', () => {
    const { updates } = side()
    expect(updates.service(0, PROBE_TIMEOUT)).toBe(false)
    updates.request()
    expect(updates.service(1, PROBE_TIMEOUT)).toBe(true)
    expect(updates.service(2, PROBE_TIMEOUT)).toBe(false)
  })

  // spec: STT-PKT-9
  test('the peer is followed at once, whatever was acknowledged', () => {
    const { updates, epochs, sealer, peerSealer, hearPeer } = side()
    peerSealer.advanceEpoch()
    expect(updates.follow(0)).toBe(false)
    hearPeer()
    expect(updates.follow(1)).toBe(true)
    expect(updates.follow(2)).toBe(false)
    expect([sealer.epoch, ...epochs]).toEqual([1, 1])
  })

  // spec: STT-PKT-9
  test('both at once make one epoch, not two', () => {
    const { updates, epochs, peerSealer, hearPeer } = side()
    updates.request()
    updates.onAcknowledged(0, 0)
    updates.service(0, PROBE_TIMEOUT)
    peerSealer.advanceEpoch()
    hearPeer()
    expect(updates.follow(5)).toBe(false)
    expect(epochs).toEqual([1])
  })

  test('a request that the peer was faster with is fulfilled', () => {
    const { updates, epochs, peerSealer, hearPeer } = side()
    updates.request()
    peerSealer.advanceEpoch()
    hearPeer()
    updates.follow(0)
    updates.onAcknowledged(1, 10)
    expect(updates.service(10_000, PROBE_TIMEOUT)).toBe(false)
    expect(epochs).toEqual([1])
  })

  // spec: STT-PKT-8
  test.each([
    ['packets', { packets: 3 }],
    ['bytes', { bytes: 3 * 34 }],
  ])('by %s', (_, limits) => {
    const { updates, epochs, sealer } = side(limits)
    updates.onAcknowledged(0, 0)
    for (let i = 0; i < 2; i++) seal(sealer)
    updates.service(1, PROBE_TIMEOUT)
    expect(epochs).toEqual([])
    seal(sealer)
    updates.service(1, PROBE_TIMEOUT)
    expect(epochs).toEqual([1])
  })

  // spec: STT-PKT-8
  test('by time', () => {
    const { updates, epochs } = side({ age: 1_000 })
    updates.onAcknowledged(0, 0)
    expect(updates.dueAt(0, PROBE_TIMEOUT)).toBe(1_000)
    expect(updates.service(999, PROBE_TIMEOUT)).toBe(false)
    expect(updates.service(1_000, PROBE_TIMEOUT)).toBe(true)
    expect(epochs).toEqual([1])
    expect(updates.dueAt(1_000, PROBE_TIMEOUT)).toBe(2_000)
  })

  // spec: STT-PKT-8
  test('the limits of the protocol', () => {
    expect(DEFAULT_KEY_UPDATE_LIMITS).toEqual({ packets: 67_108_864, bytes: 68_719_476_736, age: 3_600_000 })
  })
})
