import { packetNumberOf } from '@stt/frame'
import { describe, expect, test } from 'vitest'
import { direction, seal } from '../../test/sealed.ts'
import type { OpenedPacket, PacketDrop, PacketOpener } from './packet-opener.ts'

const RETENTION = 3_000

const openPacket = (opener: PacketOpener, packet: Uint8Array, now = 0): OpenedPacket | PacketDrop =>
  opener.open(packet, packetNumberOf(packet)!, RETENTION, now)

/** The length of what was opened, or why nothing was. */
const open = (opener: PacketOpener, packet: Uint8Array, now = 0): number | PacketDrop => {
  const opened = openPacket(opener, packet, now)
  return typeof opened === 'string' ? opened : opened.length
}

const plaintext = ({ bytes, length }: OpenedPacket): Uint8Array => bytes.slice(0, length)

describe('PacketOpener', () => {
  test('what was sealed comes out, in any order', () => {
    const { sealer, opener } = direction()
    const packets = [0, 1, 2].map(value => seal(sealer, Uint8Array.of(value, value)))
    for (const index of [2, 0, 1]) {
      expect(plaintext(openPacket(opener, packets[index]!) as OpenedPacket)).toEqual(Uint8Array.of(index, index))
    }
    expect(opener.highest).toBe(2)
  })

  test('a large packet gets a buffer of its own, a small one shares it with the next', () => {
    const { sealer, opener } = direction()
    for (const [size, owned] of [
      [8_192 - 33, true],
      [8_192 - 34, false],
    ] as const) {
      const packets = [1, 2].map(value => seal(sealer, new Uint8Array(size).fill(value)))
      const { bytes, ...first } = openPacket(opener, packets[0]!) as OpenedPacket
      expect(first).toEqual({ length: size, owned })
      openPacket(opener, packets[1]!)
      expect(bytes.subarray(0, size).every(byte => byte === (owned ? 1 : 2))).toBe(true)
    }
  })

  test('a forged large packet is dropped like a small one', () => {
    const { sealer, opener } = direction()
    const packet = seal(sealer, new Uint8Array(20_000))
    const forged = packet.slice()
    forged[9_000] = forged[9_000]! ^ 1
    expect(open(opener, forged)).toBe('tag')
    expect([opener.failures, opener.highest]).toEqual([1, -1])
    expect(open(opener, packet)).toBe(20_000)
  })

  // spec: STT-PKT-6
  test('a replayed packet is dropped without being opened', () => {
    const { sealer, opener } = direction()
    const packet = seal(sealer)
    const { bytes } = openPacket(opener, packet) as OpenedPacket
    bytes.fill(0xee)
    expect(open(opener, packet)).toBe('duplicate')
    expect(bytes[0]).toBe(0xee)
    expect(opener.failures).toBe(0)
  })

  // spec: STT-PKT-6
  test('a forged packet does not move the window: the real one with its number is still taken', () => {
    const { sealer, opener } = direction()
    const packet = seal(sealer)
    const forged = packet.slice()
    forged[20] = forged[20]! ^ 1
    expect(open(opener, forged)).toBe('tag')
    const farAhead = packet.slice()
    farAhead[12] = 0xff
    expect(open(opener, farAhead)).toBe('tag')
    expect(opener.failures).toBe(2)
    expect(opener.highest).toBe(-1)
    expect(open(opener, packet)).toBe(1)
  })

  test('any byte changed: not verified, and nothing is written', () => {
    const { sealer, opener } = direction()
    const { bytes } = openPacket(opener, seal(sealer)) as OpenedPacket
    const packet = seal(sealer, new Uint8Array(20).fill(7))
    for (let at = 17; at < packet.length; at++) {
      const changed = packet.slice()
      changed[at] = changed[at]! ^ 0x80
      bytes.fill(0xee)
      expect(open(opener, changed)).toBe('tag')
      expect(bytes.every(byte => byte === 0xee)).toBe(true)
    }
  })

  // spec: STT-PKT-12
  test('the epoch before is held for a while, so that what was overtaken still counts', () => {
    const { sealer, opener } = direction()
    const [early, late, tooLate] = [seal(sealer), seal(sealer), seal(sealer)]
    open(opener, early)
    sealer.advanceEpoch()
    expect(open(opener, seal(sealer), 100)).toBe(1)
    expect([opener.epoch, opener.openedEpoch]).toEqual([1, 1])
    expect(opener.deadline).toBe(100 + RETENTION)
    expect(open(opener, late, 3_099)).toBe(1)
    expect([opener.epoch, opener.openedEpoch]).toEqual([1, 0])
    expect(open(opener, tooLate, 3_100)).toBe('epoch')
    expect(opener.deadline).toBe(Number.POSITIVE_INFINITY)
  })

  // spec: STT-PKT-12
  test('an epoch further away than one is dropped', () => {
    const { sealer, opener } = direction()
    sealer.advanceEpoch()
    sealer.advanceEpoch()
    expect(open(opener, seal(sealer))).toBe('epoch')
    sealer.advanceEpoch()
    expect(open(opener, seal(sealer))).toBe('epoch')
    expect(opener.epoch).toBe(0)
  })

  // spec: STT-PKT-12
  test('the bits of the next epoch alone change nothing: its key has to verify', () => {
    const { sealer, opener } = direction()
    const packet = seal(sealer)
    packet[0] = 0x50
    expect(open(opener, packet)).toBe('tag')
    expect(opener.epoch).toBe(0)
  })

  // spec: STT-PKT-14
  test('an old epoch with a newer number than one of the new epoch is the peer’s fault', () => {
    const { sealer, opener } = direction()
    const twin = direction().sealer
    open(opener, seal(sealer))
    twin.skipPacketNumber()
    twin.advanceEpoch()
    open(opener, seal(twin))
    sealer.skipPacketNumber()
    expect(() => open(opener, seal(sealer))).toThrowError(expect.objectContaining({ closeCode: 0x0e }))
  })

  // spec: STT-PKT-14
  test('a new epoch that begins below a number of the old one is the peer’s fault', () => {
    const { sealer, opener } = direction()
    const twin = direction().sealer
    twin.advanceEpoch()
    for (let i = 0; i < 5; i++) sealer.skipPacketNumber()
    open(opener, seal(sealer))
    expect(() => open(opener, seal(twin))).toThrowError(expect.objectContaining({ closeCode: 0x0e }))
  })

  test('a peer that hurries through epochs is followed, each time by one', () => {
    const { sealer, opener } = direction()
    for (let epoch = 1; epoch <= 9; epoch++) {
      sealer.advanceEpoch()
      expect(open(opener, seal(sealer), epoch)).toBe(1)
      expect(opener.epoch).toBe(epoch)
    }
  })

  test('an opener that was disposed of opens nothing more', () => {
    const { sealer, opener } = direction()
    opener.dispose()
    expect(() => open(opener, seal(sealer))).toThrowError(expect.objectContaining({ code: 'STT_DISPOSED' }))
  })
})
