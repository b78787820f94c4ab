import type { Link } from '@stt/frame'
import { describe, expect, test } from 'vitest'
import { deadLink } from '../../test/links.ts'
import { type Asked, followerRig, type PathRig } from '../../test/path-rig.ts'
import { ScriptedRecovery } from '../../test/scripted-recovery.ts'
import type { PathFollower } from './path-follower.ts'

const sizesTo = (asked: readonly Asked[], link: Link): number[] =>
  asked.filter(each => each.link === link).map(({ size }) => size)

/** A link over which only what is about paths came, and which has answered. */
function proved(rig: PathRig<PathFollower>, link: Link = deadLink('datagram')): Link {
  rig.arrive(link, { isProbing: true, joinSerial: link.lossy ? 0 : ++serial })
  rig.answer(...rig.run(500))
  expect(rig.path(link).validated).toBe(true)
  return link
}
let serial = 0

describe('a new address', () => {
  // spec: STT-PKT-35
  test('is asked, and the old one too, where the newest packet came from there', () => {
    const rig = followerRig()
    const other = deadLink('datagram')
    rig.arrive(other)
    const asked = rig.run(0)
    expect([sizesTo(asked, rig.link), sizesTo(asked, other)]).toEqual([[42], [1_200]])
    expect(asked[0]!.data).not.toEqual(asked[1]!.data)
    expect(rig.path(other).validated).toBe(false)
  })

  // spec: STT-PKT-35
  test('is asked alone where the packet was about its path, and nothing moves', () => {
    const rig = followerRig()
    const other = deadLink('datagram')
    rig.arrive(other, { isProbing: true })
    const asked = rig.run(0)
    expect(asked.map(({ link }) => link)).toEqual([other])
    rig.answer(...asked)
    rig.run(10_000)
    expect(rig.active.link).toBe(rig.link)
  })

  // spec: STT-PKT-35
  test('is not asked where the packet was an old one', () => {
    const rig = followerRig()
    expect(rig.arrive(deadLink('datagram'), { isNewest: false })).toBe(false)
    expect(rig.run(10_000)).toEqual([])
    expect(rig.paths.all).toEqual([rig.active])
  })

  // spec: STT-PKT-37
  test('is gone to when the answer comes back from there, and only then', () => {
    const rig = followerRig()
    const other = deadLink('datagram')
    rig.run(1_000)
    rig.arrive(other)
    const [old, fresh] = rig.run(0)
    expect(rig.probes.onResponse(fresh!.data, rig.link, rig.now)).toBeUndefined()
    expect(rig.probes.onResponse(old!.data, other, rig.now)).toBeUndefined()
    expect(rig.probes.onResponse(new Uint8Array(8), other, rig.now)).toBeUndefined()
    expect(rig.active.link).toBe(rig.link)
    rig.answer(fresh!)
    expect(rig.active.link).toBe(other)
    expect(rig.eventsOf('path-changed')).toMatchObject([{ link: other, from: rig.link, reason: 'rebound' }])
    // Its address has changed: what was sent to the one before has not arrived.
    expect(rig.abandoned.map(({ link }) => link)).toEqual([rig.link])
  })

  // spec: STT-PKT-35
  test('is asked three times, an answer to any of them counts, and then it is forgotten', () => {
    const rig = followerRig()
    const other = deadLink('datagram')
    rig.arrive(other)
    const asked = rig.run(1_200).filter(({ link }) => link === other)
    expect(asked.map(({ at }) => at)).toEqual([0, 500, 1_000])
    rig.answer(asked[0]!)
    expect(rig.active.link).toBe(other)
    const third = deadLink('datagram')
    rig.arrive(third)
    expect(sizesTo(rig.run(20_000), third)).toEqual([1_200, 1_200, 1_200])
    expect(rig.paths.find(third)).toBeUndefined()
  })

  // spec: STT-PKT-36
  test('gets three times the bytes that came from there, at most, answers included', () => {
    const rig = followerRig()
    const other = deadLink('datagram')
    rig.arrive(other, { size: 100 })
    expect(sizesTo(rig.run(0), other)).toEqual([42])
    for (let i = 0; i < 3; i++) rig.probes.onChallenge(new Uint8Array(8), other, 100)
    expect(sizesTo(rig.run(1_200), other)).toEqual([100, 100, 42])
    expect(rig.policy.deadline()).toBe(Number.POSITIVE_INFINITY)
  })

  // spec: STT-PKT-35
  test('is not gone to when the newest packet came from the old one meanwhile', () => {
    const rig = followerRig()
    const other = deadLink('datagram')
    rig.arrive(other)
    const asked = rig.run(0)
    rig.arrive(rig.link)
    rig.answer(...asked)
    rig.run(10_000)
    expect(rig.active.link).toBe(rig.link)
  })

  // spec: STT-PKT-35
  test('of where the peer has gone keeps its place while others are only probed', () => {
    const rig = followerRig()
    const [gone, probed] = [deadLink('datagram'), deadLink('datagram')]
    rig.arrive(gone)
    expect(rig.arrive(probed, { isProbing: true, isNewest: false })).toBe(false)
    expect(rig.path(gone).validated).toBe(false)
    rig.answer(...rig.run(500))
    expect(rig.active.link).toBe(gone)
    expect(rig.arrive(probed, { isProbing: true, isNewest: false })).toBe(true)
  })

  // spec: STT-PKT-35 STT-REC-51
  test('a third takes the place of the second, and is asked when the next challenge may leave', () => {
    const rig = followerRig()
    const [second, third] = [deadLink('datagram'), deadLink('datagram')]
    rig.arrive(second)
    const asked = rig.run(200)
    rig.arrive(third)
    expect(rig.paths.find(second)).toBeUndefined()
    expect(rig.run(299).filter(({ link }) => link === third)).toEqual([])
    expect(rig.run(1).map(({ link }) => link)).toEqual([rig.link, third])
    rig.answer(...asked)
    expect(rig.active.link).toBe(rig.link)
  })

  // spec: STT-PKT-35
  test('copies from ever new ones cost one challenge an interval, and one small one to the peer’s own', () => {
    const rig = followerRig()
    const asked: Asked[] = []
    for (let i = 0; i < 2_999; i++) {
      rig.arrive(deadLink('datagram'))
      asked.push(...rig.run(2))
    }
    expect(asked).toHaveLength(2 * 12)
    expect(sizesTo(asked, rig.link)).toEqual(Array.from({ length: 12 }, () => 42))
    expect(rig.paths.all).toHaveLength(2)
  })

  // spec: STT-PKT-35
  test.each([
    [100, 500],
    [500, 500],
    [501, 501],
    [9_000, 3_000],
  ])('where PTO is %i ms challenges are %i ms apart', (probeTimeout, apart) => {
    const rig = followerRig()
    rig.recovery.probeTimeout = probeTimeout
    const other = deadLink('datagram')
    rig.arrive(other)
    const asked = rig.run(10_000).filter(({ link }) => link === other)
    expect(asked.map(({ at }) => at)).toEqual([0, apart, 2 * apart])
  })
})

describe('the path in use', () => {
  // spec: STT-PKT-56
  test('is asked, and small, while four probes in a row or more were not acknowledged', () => {
    const rig = followerRig()
    rig.recovery.probesInARow = 3
    expect(rig.run(1_000)).toEqual([])
    rig.recovery.probesInARow = 4
    const asked = [0, 1, 2].flatMap(() => rig.run(499))
    expect(sizesTo(asked, rig.link)).toEqual([42, 42])
    rig.recovery.probesInARow = 0
    expect(rig.run(10_000)).toEqual([])
  })

  test('is not asked where nothing is lost', () => {
    const rig = followerRig('message')
    expect(rig.run(10_000)).toEqual([])
  })
})

describe('a link that is proved', () => {
  // spec: STT-PKT-35
  test('is followed to at once', () => {
    const rig = followerRig()
    const other = proved(rig)
    rig.run(1_000)
    rig.arrive(other)
    expect(rig.active.link).toBe(other)
    expect(rig.eventsOf('path-changed')).toMatchObject([{ link: other, from: rig.link, reason: 'followed' }])
    expect(rig.run(1_000)).toEqual([])
  })

  // spec: STT-PKT-35
  test('an old packet and one about paths move nothing there', () => {
    const rig = followerRig()
    const other = proved(rig)
    rig.arrive(other, { isNewest: false })
    rig.arrive(other, { isProbing: true })
    rig.run(1_000)
    expect(rig.active.link).toBe(rig.link)
  })

  // spec: STT-PKT-35
  test('no move follows another sooner than in 100 ms and a round trip', () => {
    const rig = followerRig()
    const recovery = new ScriptedRecovery()
    recovery.rtt.update(40, 0)
    const other = proved(rig, deadLink('datagram', 1_200, recovery))
    rig.run(1_000)
    rig.arrive(other)
    expect(rig.active.link).toBe(other)
    for (let i = 0; i < 13; i++) {
      rig.run(10)
      rig.arrive(rig.link)
    }
    rig.run(9)
    expect(rig.active.link).toBe(other)
    rig.run(1)
    expect(rig.active.link).toBe(rig.link)
    expect(rig.eventsOf('path-changed')).toHaveLength(2)
  })

  test('packets that come by turns over two links for a second move it ten times at most', () => {
    const rig = followerRig()
    const other = proved(rig)
    rig.run(1_000)
    for (let i = 0; i < 500; i++) {
      rig.arrive(i % 2 === 0 ? other : rig.link)
      rig.run(2)
    }
    expect(rig.eventsOf('path-changed').length).toBeGreaterThan(1)
    expect(rig.eventsOf('path-changed').length).toBeLessThanOrEqual(10)
  })

  // spec: STT-PKT-51
  test('is no longer, a minute after the last packet from there', () => {
    const rig = followerRig()
    const other = proved(rig)
    const last = rig.path(other).receivedAt
    rig.runUntil(last + 60_000)
    rig.arrive(other, { isProbing: true })
    expect(rig.path(other).validated).toBe(true)
    rig.runUntil(last + 120_001)
    rig.arrive(other)
    expect(rig.path(other).validated).toBe(false)
    expect(rig.active.link).toBe(rig.link)
    rig.answer(...rig.run(0).filter(({ link }) => link === other))
    expect(rig.active.link).toBe(other)
  })

  test('is asked no more, and kept while it is', () => {
    const rig = followerRig()
    proved(rig)
    expect(rig.run(59_000)).toEqual([])
    expect(rig.policy.deadline()).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('a message link', () => {
  // spec: STT-PKT-50
  test('joins by a serial that none had, and no other way', () => {
    const rig = followerRig()
    expect(rig.arrive(deadLink('message'))).toBe(false)
    expect(rig.arrive(deadLink('message'), { isProbing: true })).toBe(false)
    expect(rig.added).toBe(0)
    const first = deadLink('message')
    expect(rig.arrive(first, { isProbing: true, joinSerial: 3 })).toBe(true)
    expect(rig.arrive(deadLink('message'), { isProbing: true, joinSerial: 3 })).toBe(false)
    expect(rig.arrive(deadLink('message'), { isProbing: true, joinSerial: 2 })).toBe(true)
    expect(rig.arrive(first, { isProbing: true, joinSerial: 3 })).toBe(true)
    expect(rig.added).toBe(2)
    expect(rig.paths.others).toHaveLength(2)
  })

  // spec: STT-PKT-37
  test.each([
    ['datagram', 'message', [42, 42]],
    ['message', 'datagram', [42, 1_200]],
    ['message', 'message', [42, 42]],
  ] as const)('from a %s link to a %s link the peer is followed as between addresses', (from, to, sizes) => {
    const rig = followerRig(from)
    const other = deadLink(to)
    rig.arrive(other, { joinSerial: 1 })
    const asked = rig.run(0)
    expect([sizesTo(asked, rig.link), sizesTo(asked, other)]).toEqual([[sizes[0]], [sizes[1]]])
    rig.answer(...asked)
    expect(rig.active.link).toBe(other)
  })
})

describe('room', () => {
  // spec: STT-PKT-48
  test('of six beside the active one the longest quiet makes room, sooner one that proved nothing', () => {
    const rig = followerRig()
    const links = Array.from({ length: 5 }, () => proved(rig, deadLink('message')))
    const unproved = deadLink('message')
    rig.arrive(unproved, { isProbing: true, joinSerial: ++serial })
    expect(rig.paths.others).toHaveLength(6)
    rig.arrive(links[0]!, { isProbing: true })
    const last = proved(rig, deadLink('message'))
    expect(rig.paths.find(unproved)).toBeUndefined()
    rig.run(1)
    proved(rig, deadLink('message'))
    expect(rig.paths.find(links[1]!)).toBeUndefined()
    for (const link of [rig.link, links[0]!, links[2]!, last]) expect(rig.paths.find(link)).toBeDefined()
  })
})

describe('answers', () => {
  // spec: STT-PKT-34
  test('go where the question came from, with as many bytes as it had and 1,200 at most', () => {
    const rig = followerRig()
    const other = deadLink('datagram')
    rig.probes.onChallenge(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), other, 60)
    rig.probes.onChallenge(new Uint8Array(8).fill(9), rig.link, 9_000)
    expect(rig.run(0)).toMatchObject([
      { link: other, isChallenge: false, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), size: 60 },
      { link: rig.link, isChallenge: false, data: new Uint8Array(8).fill(9), size: 1_200 },
    ])
  })

  test('are four at most, and none goes to a message link that is not the session’s', () => {
    const rig = followerRig()
    const other = deadLink('datagram')
    for (let i = 0; i < 100; i++) rig.probes.onChallenge(new Uint8Array(8), other, 60)
    expect(rig.run(0)).toHaveLength(4)
    rig.probes.onChallenge(new Uint8Array(8), deadLink('message'), 60)
    expect(rig.run(0)).toEqual([])
  })
})

test('without what challenges are made of nothing is taken in, and nothing moves', () => {
  const rig = followerRig('datagram', false)
  const other = deadLink('datagram')
  expect([rig.arrive(other), rig.arrive(deadLink('message'), { joinSerial: 1 })]).toEqual([false, false])
  expect(rig.run(10_000)).toEqual([])
  expect(rig.paths.all).toEqual([rig.active])
})

test('where the last link is gone the newest that is proved takes over at once', () => {
  const rig = followerRig('message')
  const other = deadLink('message')
  rig.arrive(other, { isProbing: true, joinSerial: 1 })
  rig.paths.lose(rig.link, rig.now)
  rig.arrive(other)
  expect(rig.paths.active).toBeUndefined()
  rig.answer(...rig.run(0))
  expect(rig.paths.active?.link).toBe(other)
})
