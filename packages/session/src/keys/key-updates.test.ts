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
  /** A packet of the peer verifies. @returns its number */
  const hearPeer = (): number => {
    const packet = seal(peer.sealer)
    const packetNumber = packetNumberOf(packet)!
    peer.opener.open(packet, packetNumber, 0, 0)
    return packetNumber
  }
  return { updates, epochs, sealer: own.sealer, peerSealer: peer.sealer, hearPeer }
}

describe('KeyUpdates', () => {
  // spec: STT-PKT-10
  test('the first update needs an acknowledgement in epoch 0 and nothing else', () => {
    const { updates, epochs } = side()
    updates.request()
    expect(updates.onTime(PROBE_TIMEOUT, 10)).toBe(true)
    expect(epochs).toEqual([])
    updates.onAcknowledged(0, 20)
    expect(updates.deadline(PROBE_TIMEOUT, 20)).toBe(20)
    expect(updates.onTime(PROBE_TIMEOUT, 20)).toBe(true)
    expect(epochs).toEqual([1])
  })

  // spec: STT-PKT-10 STT-PKT-11
  test('a later one is remembered until the peer followed, acknowledged, and 3 PTO have passed', () => {
    const { updates, epochs, peerSealer, hearPeer } = side()
    updates.request()
    updates.onAcknowledged(0, 0)
    updates.onTime(PROBE_TIMEOUT, 0)
    updates.request()
    expect(updates.deadline(PROBE_TIMEOUT, 10)).toBe(Number.POSITIVE_INFINITY)

    updates.onAcknowledged(0, 15)
    updates.onAcknowledged(1, 16)
    expect(updates.deadline(PROBE_TIMEOUT, 16)).toBe(Number.POSITIVE_INFINITY)
    peerSealer.advanceEpoch()
    hearPeer()
    expect(updates.follow(20)).toBe(false)
    updates.onAcknowledged(1, 80)
    expect(updates.deadline(PROBE_TIMEOUT, 80)).toBe(316)
    expect(updates.onTime(PROBE_TIMEOUT, 315)).toBe(false)
    expect(updates.onTime(PROBE_TIMEOUT, 316)).toBe(true)
    expect(epochs).toEqual([1, 2])
  })

  // spec: STT-PKT-11
  test('where nothing was acknowledged yet the peer is asked for it, once', () => {
    const { updates } = side()
    expect(updates.onTime(PROBE_TIMEOUT, 0)).toBe(false)
    updates.request()
    expect(updates.onTime(PROBE_TIMEOUT, 1)).toBe(true)
    expect(updates.onTime(PROBE_TIMEOUT, 2)).toBe(false)
  })

  // spec: STT-PKT-9
  test('the peer is followed at once, whatever it acknowledged', () => {
    const { updates, epochs, sealer, peerSealer, hearPeer } = side()
    updates.onAckSent(hearPeer())
    peerSealer.advanceEpoch()
    expect(updates.follow(0)).toBe(false)
    hearPeer()
    expect(updates.follow(1)).toBe(true)
    expect(updates.follow(2)).toBe(false)
    expect([sealer.epoch, ...epochs]).toEqual([1, 1])
  })

  // spec: STT-PKT-47
  test('a peer is not followed into an epoch before a packet of the one before was acknowledged', () => {
    const { updates, epochs, peerSealer, hearPeer } = side()
    hearPeer()
    peerSealer.advanceEpoch()
    hearPeer()
    expect(() => updates.follow(1_000)).toThrowError(expect.objectContaining({ closeCode: 0x0e }))
    expect(epochs).toEqual([])

    const later = side()
    const old = later.hearPeer()
    later.updates.onAckSent(old)
    later.peerSealer.advanceEpoch()
    later.hearPeer()
    later.updates.follow(10)
    // This ACK is of the epoch before.
    later.updates.onAckSent(old)
    later.peerSealer.advanceEpoch()
    later.hearPeer()
    expect(() => later.updates.follow(1_000)).toThrowError(expect.objectContaining({ closeCode: 0x0e }))
  })

  // spec: STT-PKT-47
  test.each([74, 75])('nor into more than eight, and one for each 75 ms: %i', passed => {
    const { updates, epochs, peerSealer, hearPeer } = side()
    const lead = (now: number): boolean => {
      updates.onAckSent(hearPeer())
      peerSealer.advanceEpoch()
      hearPeer()
      return updates.follow(now)
    }
    for (let epoch = 1; epoch <= 8; epoch++) expect(lead(1_000)).toBe(true)
    if (passed < 75) expect(() => lead(1_000 + passed)).toThrowError('the peer changed its keys too early')
    else expect([lead(1_000 + passed), lead(1_000 + 2 * passed)]).toEqual([true, true])
    expect(epochs).toHaveLength(passed < 75 ? 8 : 10)
    if (passed < 75) return
    expect(() => lead(1_000 + 3 * passed - 1)).toThrowError(expect.objectContaining({ closeCode: 0x0e }))
  })

  // spec: STT-PKT-47
  test('a peer that only answers may do so at any time', () => {
    const { updates, peerSealer, hearPeer } = side()
    for (let epoch = 0; epoch < 3; epoch++) {
      updates.request()
      updates.onAcknowledged(epoch, epoch * 1_000)
      updates.onTime(PROBE_TIMEOUT, epoch * 1_000 + 300)
      peerSealer.advanceEpoch()
      hearPeer()
      expect(updates.follow(epoch * 1_000 + 300)).toBe(false)
    }
  })

  // spec: STT-PKT-9
  test('both at once make one epoch, not two', () => {
    const { updates, epochs, peerSealer, hearPeer } = side()
    updates.request()
    updates.onAcknowledged(0, 0)
    updates.onTime(PROBE_TIMEOUT, 0)
    peerSealer.advanceEpoch()
    hearPeer()
    expect(updates.follow(5)).toBe(false)
    expect(epochs).toEqual([1])
  })

  test('a request that the peer was faster with is fulfilled', () => {
    const { updates, epochs, peerSealer, hearPeer } = side()
    updates.request()
    updates.onAckSent(hearPeer())
    peerSealer.advanceEpoch()
    hearPeer()
    updates.follow(0)
    updates.onAcknowledged(1, 10)
    expect(updates.onTime(PROBE_TIMEOUT, 10_000)).toBe(false)
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
    updates.onTime(PROBE_TIMEOUT, 1)
    expect(epochs).toEqual([])
    seal(sealer)
    updates.onTime(PROBE_TIMEOUT, 1)
    expect(epochs).toEqual([1])
  })

  // spec: STT-PKT-8
  test('by time', () => {
    const { updates, epochs } = side({ age: 1_000 })
    updates.onAcknowledged(0, 0)
    expect(updates.deadline(PROBE_TIMEOUT, 0)).toBe(1_000)
    expect(updates.onTime(PROBE_TIMEOUT, 999)).toBe(false)
    expect(updates.onTime(PROBE_TIMEOUT, 1_000)).toBe(true)
    expect(epochs).toEqual([1])
    expect(updates.deadline(PROBE_TIMEOUT, 1_000)).toBe(2_000)
  })

  // spec: STT-PKT-8
  test('the limits of the protocol', () => {
    expect(DEFAULT_KEY_UPDATE_LIMITS).toEqual({ packets: 67_108_864, bytes: 68_719_476_736, age: 3_600_000 })
  })
})
