import { describe, expect, test } from 'vitest'
import { deadLink } from '../../test/links.ts'
import { type PathPacket, PathProbes } from './path-probes.ts'
import { Paths } from './paths.ts'

const PROBE_TIMEOUT = 600

function setUp(kind: 'datagram' | 'message' = 'datagram') {
  let drawn = 0
  const paths = new Paths({ emit: () => {}, onLeft: () => {}, onActive: () => {} })
  paths.attach(deadLink(kind))
  const path = paths.active!
  const probes = new PathProbes(paths, length => new Uint8Array(length).fill(++drawn), true)
  const other = deadLink('datagram')
  const drain = (now: number): PathPacket[] => {
    const packets: PathPacket[] = []
    for (let next = probes.next(PROBE_TIMEOUT, now); next; next = probes.next(PROBE_TIMEOUT, now)) {
      packets.push(next)
    }
    return packets
  }
  return { probes, path, other, drain }
}

describe('PathProbes', () => {
  // spec: STT-PKT-35
  test('the newest packet from another address asks both addresses', () => {
    const { probes, path, other, drain } = setUp()
    probes.onPacket(other, 1_200, true)
    const packets = drain(100)
    expect(packets.map(({ link }) => link)).toEqual([path.link, other])
    expect(packets.map(({ isChallenge, size }) => [isChallenge, size])).toEqual([[true, 42], [true, 1_200]]) // biome-ignore format: one line
    expect(packets[0]!.data).not.toEqual(packets[1]!.data)
  })

  // spec: STT-PKT-35
  test('an older packet, or one about paths alone, asks nobody', () => {
    const { probes, other, drain } = setUp()
    probes.onPacket(other, 1_200, false)
    expect(drain(100)).toEqual([])
    expect(probes.deadline).toBe(Number.POSITIVE_INFINITY)
  })

  // spec: STT-PKT-37
  test('the address counts as proved when the answer comes back from there, and only then', () => {
    const { probes, path, other, drain } = setUp()
    probes.onPacket(other, 1_200, true)
    const [old, fresh] = drain(100)
    expect(probes.onResponse(fresh!.data, path.link)).toBeUndefined()
    expect(probes.onResponse(old!.data, other)).toBeUndefined()
    expect(probes.onResponse(new Uint8Array(8), other)).toBeUndefined()
    expect(probes.onResponse(fresh!.data, other)?.validated).toBe(true)
    expect(probes.onResponse(fresh!.data, other)).toBeUndefined()
    expect(drain(10_000)).toEqual([])
  })

  test('an answer to any of the challenges counts; after three there are no more', () => {
    const { probes, other, drain } = setUp()
    probes.onPacket(other, 1_200, true)
    const [, first] = drain(0)
    expect(drain(599)).toEqual([])
    expect(probes.deadline).toBe(600)
    expect(drain(600)).toHaveLength(1)
    expect(drain(1_200)).toHaveLength(1)
    expect(probes.onResponse(first!.data, other)?.validated).toBe(true)

    const third = deadLink('datagram')
    probes.onPacket(third, 1_200, true)
    const [, again] = drain(1_800)
    for (const at of [2_400, 3_000, 3_600]) drain(at)
    expect(probes.deadline).toBe(Number.POSITIVE_INFINITY)
    expect(probes.onResponse(again!.data, third)).toBeUndefined()
  })

  // spec: STT-PKT-36
  test('an address that is not proved gets three times the bytes that came from there, at most', () => {
    const { probes, other, drain } = setUp()
    probes.onPacket(other, 100, true)
    const sentTo = (packets: PathPacket[]): number =>
      packets.filter(({ link }) => link === other).reduce((sum, { size }) => sum + size, 0)
    let sent = sentTo(drain(0))
    expect(sent).toBe(42)
    for (let i = 0; i < 3; i++) probes.onChallenge(new Uint8Array(8), other, 100)
    for (const at of [0, 600, 1_200]) sent += sentTo(drain(at))
    expect(sent).toBe(42 + 200 + 42)
    expect(probes.deadline).toBe(Number.POSITIVE_INFINITY)
    probes.onPacket(other, 50, false)
    expect(probes.deadline).toBe(1_200)
    sent += sentTo(drain(1_300))
    expect(sent).toBe(42 + 200 + 42 + 42)
  })

  // spec: STT-PKT-35
  test('the newest packet from the old address settles that the peer is there', () => {
    const { probes, path, other, drain } = setUp()
    probes.onPacket(other, 1_200, true)
    const [, fresh] = drain(0)
    probes.onPacket(path.link, 1_200, true)
    expect(probes.onResponse(fresh!.data, other)).toBeUndefined()
  })

  test('a third address takes the place of the second, and is asked when the next challenge may leave', () => {
    const { probes, path, other, drain } = setUp()
    const third = deadLink('datagram')
    probes.onPacket(other, 1_200, true)
    const [, second] = drain(0)
    probes.onPacket(third, 1_200, true)
    expect(drain(599)).toEqual([])
    expect(probes.deadline).toBe(600)
    expect(drain(600).map(({ link }) => link)).toEqual([path.link, third])
    expect(probes.onResponse(second!.data, other)).toBeUndefined()
  })

  // spec: STT-PKT-35
  test('copies from ever new addresses cost one challenge an interval, and one small one to the peer’s own', () => {
    const { probes, path, drain } = setUp()
    const sent: PathPacket[] = []
    for (let now = 0; now < 6_000; now += 2) {
      probes.onPacket(deadLink('datagram'), 1_200, true)
      sent.push(...drain(now))
    }
    const toPeer = sent.filter(({ link }) => link === path.link)
    expect(sent).toHaveLength(2 * 10)
    expect(toPeer).toHaveLength(10)
    expect(toPeer.every(({ size }) => size === 42)).toBe(true)
  })

  // spec: STT-PKT-35
  test.each([
    [100, 500],
    [500, 500],
    [501, 501],
  ])('where PTO is %i ms challenges are %i ms apart', (probeTimeout, apart) => {
    // biome-ignore format: one line
    const { probes } = setUp()
    probes.onPacket(deadLink('datagram'), 1_200, true)
    const challenge = (now: number): boolean => probes.next(probeTimeout, now) !== undefined
    expect([challenge(0), challenge(0), challenge(apart - 1), challenge(apart)]).toEqual([true, true, false, true])
  })

  // spec: STT-PKT-35
  test.each([
    ['datagram', 'message', [42, 42]],
    ['message', 'datagram', [42, 1_200]],
    ['message', 'message', [42, 42]],
  ] as const)('from a %s link to a %s link the peer is followed as between addresses', (from, to, sizes) => {
    const { probes, path, drain } = setUp(from)
    const other = deadLink(to)
    probes.onPacket(other, 1_200, true)
    const packets = drain(0)
    expect(packets.map(({ link, size }) => [link, size])).toEqual([
      [path.link, sizes[0]],
      [other, sizes[1]],
    ])
    expect(probes.onResponse(packets[1]!.data, other)?.validated).toBe(true)
  })

  // spec: STT-PKT-34
  test('a challenge is answered where it came from, with as many bytes as it had and 1,200 at most', () => {
    const { probes, path, other, drain } = setUp()
    probes.onChallenge(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), other, 60)
    probes.onChallenge(new Uint8Array(8).fill(9), path.link, 9_000)
    expect(drain(0)).toEqual([
      { link: other, isChallenge: false, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), size: 60 },
      { link: path.link, isChallenge: false, data: new Uint8Array(8).fill(9), size: 1_200 },
    ])
  })

  test('a flood of challenges is answered four times', () => {
    const { probes, other, drain } = setUp()
    for (let i = 0; i < 100; i++) probes.onChallenge(new Uint8Array(8), other, 60)
    expect(drain(0)).toHaveLength(4)
  })
})
