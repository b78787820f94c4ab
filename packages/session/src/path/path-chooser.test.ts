import type { Link } from '@stt/frame'
import { describe, expect, test } from 'vitest'
import { deadLink } from '../../test/links.ts'
import { type Asked, chooserRig, type PathRig } from '../../test/path-rig.ts'
import { probeTimeoutOf, Tier } from './path.ts'
import type { PathChooser } from './path-chooser.ts'

type Rig = PathRig<PathChooser>

/** Another link, which has answered twice: it waits for its turn. */
function standby(rig: Rig, tier: number = Tier.Relayed, link: Link = deadLink('datagram')): Link {
  rig.policy.add(link, tier, rig.now)
  for (let i = 0; i < 2; i++) rig.answer(...rig.run(0).filter(asked => asked.link === link))
  return link
}

const over = (asked: readonly Asked[], link: Link): number[] =>
  asked.filter(each => each.link === link).map(({ at }) => at)

describe('a link that was opened', () => {
  // spec: STT-PKT-49
  test('is asked at once and three times in all, later each time, and closed where nothing comes back', () => {
    const rig = chooserRig()
    const link = deadLink('datagram')
    rig.policy.add(link, undefined, 0)
    const asked = rig.run(60_000)
    expect(over(asked, link)).toEqual([0, 250, 750])
    expect(asked.map(({ size }) => size)).toEqual([1_200, 1_200, 1_200])
    expect(new Set(asked.map(({ data }) => data[0])).size).toBe(3)
    expect(rig.eventsOf('path-closed')).toHaveLength(1)
    expect(rig.paths.all).toEqual([rig.active])
  })

  // spec: STT-PKT-50
  test('says with each challenge, until one is answered, the number of its connection; an address has none', () => {
    const rig = chooserRig()
    const links = [deadLink('message'), deadLink('datagram'), deadLink('message')] as const
    for (const link of links) rig.policy.add(link, Tier.Relayed, 0)
    const asked = rig.run(300)
    expect(links.map(link => asked.filter(each => each.link === link).map(each => each.joinSerial))).toEqual([
      [1, 1],
      [0, 0],
      [2, 2],
    ])
    rig.answer(...asked)
    expect(rig.run(60_000).every(({ joinSerial }) => joinSerial === 0)).toBe(true)
  })

  // spec: STT-PKT-49
  test('of a better tier is moved to with the second answer in a row and not with the first', () => {
    const rig = chooserRig('message')
    const link = deadLink('datagram')
    rig.policy.add(link, Tier.Lan, 0)
    rig.answer(...rig.run(0))
    expect(rig.eventsOf('path-validated')).toHaveLength(1)
    const second = rig.run(200)
    expect(over(second, link)).toEqual([0])
    expect(rig.active.link).toBe(rig.link)
    rig.answer(...second)
    expect(rig.active.link).toBe(link)
    expect(rig.eventsOf('path-changed')).toMatchObject([{ link, from: rig.link, reason: 'better' }])
    expect(rig.moves).toBe(1)
  })

  test('of a better tier is not moved to where a challenge was lost between the two answers', () => {
    const rig = chooserRig('message')
    const link = deadLink('datagram')
    rig.policy.add(link, Tier.Lan, 0)
    rig.answer(...rig.run(0))
    // The second is lost, the third is answered: the count begins anew.
    const third = rig.run(1_300)
    expect(third.length).toBeGreaterThan(1)
    rig.answer(third.at(-1)!)
    expect(rig.active.link).toBe(rig.link)
    rig.answer(...rig.run(0))
    expect(rig.active.link).toBe(link)
  })

  test.each([
    ['no better', Tier.Datagram],
    ['worse', Tier.Message],
  ])('of a tier that is %s waits for its turn', (_what, tier) => {
    const rig = chooserRig('datagram', Tier.Datagram)
    standby(rig, tier)
    rig.run(5_000)
    expect(rig.active.link).toBe(rig.link)
  })

  test('answers over another link say nothing of it', () => {
    const rig = chooserRig()
    const [a, b] = [deadLink('datagram'), deadLink('datagram')]
    rig.policy.add(a, Tier.Lan, 0)
    rig.policy.add(b, Tier.Lan, 0)
    const [first, second] = rig.run(0)
    rig.answer({ ...first!, link: second!.link }, { ...second!, link: first!.link }, { ...first!, link: rig.link })
    expect(rig.paths.others.some(({ validated }) => validated)).toBe(false)
  })
})

describe('a link that waits for its turn', () => {
  // spec: STT-PKT-51
  test.each([
    ['datagram', 20_000],
    ['message', 50_000],
  ] as const)('%s: is asked each %i ms, and given up when three in a row are lost', (kind, interval) => {
    const rig = chooserRig()
    const link = standby(rig, Tier.Relayed, deadLink(kind))
    const since = rig.now
    const asked = rig.run(1.3 * interval).filter(each => each.link === link)
    expect(asked[0]!.at - since).toBeGreaterThan(0.79 * interval)
    expect(asked[0]!.at - since).toBeLessThan(1.21 * interval)
    expect(asked).toHaveLength(3)
    rig.run(10_000)
    expect(rig.paths.find(link)).toBeUndefined()
    expect(rig.eventsOf('path-closed')).toMatchObject([{ link }])
  })

  // spec: STT-PKT-51
  test('an answer to any of the three keeps it', () => {
    const rig = chooserRig()
    const link = standby(rig)
    let asked = 0
    // Two of three are lost.
    for (let i = 0; i < 10_000; i++) rig.answer(...rig.run(50).filter(each => each.link === link && ++asked % 3 === 0))
    expect(asked).toBeGreaterThan(50)
    expect(rig.paths.find(link)?.validated).toBe(true)
  })

  // spec: STT-PKT-51
  test('no two sessions ask at the same time: the interval is drawn from 80 to 120 of a hundred', () => {
    const drawnBy = (byte: number): number => {
      const rig = chooserRig()
      const link = standby(rig)
      rig.path(link).nextChallengeAt = rig.now
      // The rig draws 128: what the least and the most give is reckoned from there.
      const asked = rig.run(0)
      rig.answer(...asked)
      return ((rig.path(link).nextChallengeAt - rig.now) / (0.8 + (0.4 * 128) / 255)) * (0.8 + (0.4 * byte) / 255)
    }
    expect([Math.round(drawnBy(0)), Math.round(drawnBy(255))]).toEqual([16_000, 24_000])
  })
})

describe('the path in use', () => {
  // spec: STT-PKT-52
  test('is in doubt when two probes in a row went unanswered and nothing came for a second', () => {
    const rig = chooserRig()
    rig.active.onSent(0)
    rig.recovery.probesInARow = 1
    rig.run(1_500)
    expect(rig.policy.needsPath).toBe(false)
    rig.recovery.probesInARow = 2
    rig.arrive(rig.link)
    rig.run(999)
    expect(rig.policy.needsPath).toBe(false)
    rig.run(1)
    expect(rig.policy.needsPath).toBe(true)
    expect(rig.eventsOf('path-wanted')).toEqual([{ type: 'path-wanted', anew: false }])
    expect(rig.pings).toBe(1)
  })

  // spec: STT-PKT-52
  test.each(['datagram', 'message'] as const)(
    '%s: is in doubt when nothing of what was sent is acknowledged for three seconds, however much comes',
    kind => {
      const rig = chooserRig(kind)
      rig.now = 500
      rig.active.onSent(500)
      for (let i = 0; i < 29; i++) {
        rig.run(100)
        rig.arrive(rig.link)
      }
      rig.run(99)
      expect(rig.policy.needsPath).toBe(false)
      rig.run(1)
      expect(rig.policy.needsPath).toBe(true)
    },
  )

  test('is not in doubt while acknowledgements come, and where nothing was sent', () => {
    const rig = chooserRig('message')
    rig.run(60_000)
    rig.active.onSent(rig.now)
    rig.active.onSent(rig.now)
    for (let i = 0; i < 20; i++) {
      rig.run(2_900)
      rig.active.onAnswered(rig.now)
    }
    rig.active.onSettled()
    rig.active.onSettled()
    rig.run(60_000)
    expect(rig.policy.needsPath).toBe(false)
  })

  // spec: STT-PKT-52
  test('is asked at full size, twelve times; left when the last is unanswered and another answers, and not before', () => {
    const rig = chooserRig()
    const other = standby(rig)
    rig.run(1_000)
    rig.active.onSent(rig.now)
    const since = rig.now + 3_000
    const asked = rig.runUntil(since)
    expect(asked.map(({ link, size, at }) => [link === other, size, at])).toEqual([
      [false, 1_200, since],
      [true, 1_200, since],
    ])
    rig.answer(asked[1]!)
    // Eleven of 50 ms, and 150 for the last.
    rig.runUntil(since + 699)
    expect(rig.active.link).toBe(rig.link)
    rig.runUntil(since + 700)
    expect(rig.active.link).toBe(other)
    expect(rig.eventsOf('path-changed')).toMatchObject([{ link: other, from: rig.link, reason: 'silent' }])
    expect([rig.pings, rig.moves]).toEqual([1, 1])
    // Packets sent there have hardly arrived, so they are not waited for.
    expect(rig.abandoned.map(({ link }) => link)).toEqual([rig.link])
  })

  test('stays where it is while no other answers, is asked once more, and others are asked for each ten seconds', () => {
    const rig = chooserRig()
    rig.active.onSent(0)
    const asked = rig.run(33_500)
    expect(over(asked, rig.link)).toEqual([...Array.from({ length: 12 }, (_, i) => 3_000 + 50 * i), 3_700])
    expect(rig.active.link).toBe(rig.link)
    expect(rig.eventsOf('path-wanted').map(event => 'anew' in event && event.anew)).toEqual([false, true, true, true])
  })

  test('an answer that another gave before the doubt proves nothing now', () => {
    const rig = chooserRig()
    standby(rig)
    rig.run(2_000)
    rig.active.onSent(rig.now)
    rig.run(20_000)
    expect(rig.active.link).toBe(rig.link)
  })

  // spec: STT-PKT-52
  test.each([
    ['datagram', 'a challenge'],
    ['message', 'a challenge'],
    ['message', 'anything'],
  ] as const)('is trusted again, a %s link, when %s that was sent there is answered', (kind, what) => {
    const rig = chooserRig(kind)
    const other = standby(rig)
    rig.active.onSent(rig.now)
    const asked = rig.run(3_000)
    expect(rig.policy.needsPath).toBe(true)
    if (what === 'anything') rig.active.onAnswered(rig.now)
    rig.answer(...asked.filter(({ link }) => link === (what === 'anything' ? other : rig.link)))
    rig.run(1_000)
    expect(rig.policy.needsPath).toBe(false)
    expect(rig.active.link).toBe(rig.link)
    expect(rig.policy.deadline(rig.now)).toBeGreaterThan(rig.now)
  })

  // spec: STT-PKT-52
  test('an acknowledgement over a datagram link changes nothing: small packets may be all that passes', () => {
    const rig = chooserRig()
    const other = standby(rig)
    rig.active.onSent(0)
    const asked = rig.runUntil(3_050)
    rig.answer(...asked.filter(({ link }) => link === other))
    rig.active.onAnswered(rig.now)
    rig.arrive(rig.link)
    rig.runUntil(3_699)
    expect([rig.policy.needsPath, rig.active.link === rig.link]).toEqual([true, true])
    rig.run(1)
    expect(rig.active.link).toBe(other)
  })

  // spec: STT-PKT-52
  test('is trusted again by an answer to the first of twelve, however late, and a connection is left after two', () => {
    const rig = chooserRig()
    const other = standby(rig)
    rig.active.onSent(0)
    const asked = rig.runUntil(3_690)
    rig.answer(...asked.filter(({ link }) => link === other).slice(0, 1))
    rig.answer(asked.find(({ link }) => link === rig.link)!)
    rig.run(100)
    expect([rig.policy.needsPath, rig.active.link === rig.link]).toEqual([false, true])

    const message = chooserRig('message')
    const next = standby(message)
    message.active.onSent(message.now)
    const since = message.now + 3_000
    message.answer(...message.runUntil(since).filter(({ link }) => link === next))
    const patience = Math.max(150, probeTimeoutOf(message.active))
    message.runUntil(since + 2 * patience - 1)
    expect(message.active.link).toBe(message.link)
    message.runUntil(since + 2 * patience)
    expect(message.active.link).toBe(next)
  })

  // spec: STT-PKT-53
  test('a side that only receives asks for an acknowledgement a second after the last', () => {
    const rig = chooserRig()
    rig.run(5_000)
    expect(rig.pings).toBe(0)
    rig.active.onAnswered(rig.now)
    rig.run(400)
    rig.arrive(rig.link, { isEliciting: true })
    rig.run(599)
    expect(rig.pings).toBe(0)
    rig.run(1)
    expect(rig.pings).toBe(1)
    rig.active.onSent(rig.now)
    for (let i = 0; i < 20; i++) {
      rig.arrive(rig.link, { isEliciting: true })
      rig.run(50)
    }
    expect(rig.pings).toBe(1)
    rig.active.onSettled()
    rig.active.onAnswered(rig.now)
    rig.run(5_000)
    expect(rig.pings).toBe(1)
  })

  test('packets that ask for nothing do not have it ask', () => {
    const rig = chooserRig()
    for (let i = 0; i < 50; i++) {
      rig.arrive(rig.link)
      rig.run(100)
    }
    expect(rig.pings).toBe(0)
  })
})

describe('hints', () => {
  // spec: STT-PKT-56
  test('a challenge over a datagram link that is in use has it asked at full size, once a second', () => {
    const rig = chooserRig()
    for (let i = 0; i < 99; i++) {
      rig.arrive(rig.link, { asks: true, isProbing: true })
      const asked = rig.run(20)
      expect(asked.every(({ size }) => size === 1_200)).toBe(true)
      rig.answer(...asked)
    }
    expect(rig.pings).toBe(2)
    expect(rig.policy.needsPath).toBe(false)
  })

  // spec: STT-PKT-56
  test('a path over which it is asked is left after twelve that are not answered', () => {
    const rig = chooserRig()
    const other = standby(rig)
    rig.run(1_000)
    rig.arrive(rig.link, { asks: true, isProbing: true })
    const since = rig.now
    for (let i = 0; i < 14; i++) {
      expect(rig.active.link).toBe(rig.link)
      rig.answer(...rig.run(50).filter(({ link }) => link === other))
    }
    expect(rig.active.link).toBe(other)
    expect(rig.now - since).toBe(700)
  })

  // spec: STT-PKT-56
  test('one over another link, or a connection, means nothing', () => {
    const rig = chooserRig()
    rig.arrive(standby(rig), { asks: true, isProbing: true })
    const message = chooserRig('message')
    message.arrive(message.link, { asks: true, isProbing: true })
    expect([rig.policy.needsPath, message.policy.needsPath]).toEqual([false, false])
  })

  // spec: STT-PKT-52
  test('the system’s are looked at once a second, and move nothing by themselves', () => {
    const rig = chooserRig()
    rig.policy.onUnreachable(deadLink('datagram'), 0)
    expect(rig.policy.needsPath).toBe(false)
    for (let i = 0; i < 95; i++) {
      rig.policy.onUnreachable(rig.link, rig.now)
      rig.answer(...rig.run(10))
    }
    expect(rig.pings).toBe(1)
    for (let i = 0; i < 10; i++) {
      rig.policy.onUnreachable(rig.link, rig.now)
      rig.answer(...rig.run(10))
    }
    expect(rig.pings).toBe(2)
    expect(rig.active.link).toBe(rig.link)
  })

  test('about a link that waits has it asked', () => {
    const rig = chooserRig()
    const link = standby(rig)
    rig.run(3_000)
    rig.policy.onUnreachable(link, rig.now)
    expect(over(rig.run(0), link)).toEqual([rig.now])
    expect(rig.policy.needsPath).toBe(false)
  })
})

describe('a path that was left because it carried nothing', () => {
  /** The better path falls silent, the worse one answers. */
  function left(rig: Rig, better: Link): void {
    rig.active.onSent(rig.now)
    const since = rig.now
    while (rig.active.link === better) rig.answer(...rig.run(10).filter(({ link }) => link !== better))
    expect(rig.now - since).toBeLessThan(3_800)
  }

  /** Milliseconds until the session is back on `better`, which answers from now on. */
  function back(rig: Rig, better: Link): number {
    const since = rig.now
    while (rig.active.link !== better) {
      rig.answer(...rig.run(10))
      if (rig.now - since > 400_000) throw new Error('never came back')
    }
    return rig.now - since
  }

  // spec: STT-PKT-54
  test('is come back to after ten seconds, twice as many each time, and at once after a change of network', () => {
    const rig = chooserRig('datagram', Tier.Lan)
    standby(rig)
    for (const expected of [10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]) {
      left(rig, rig.link)
      const waited = back(rig, rig.link)
      expect(waited).toBeGreaterThan(expected - 20)
      expect(waited).toBeLessThan(expected + 50)
    }
    left(rig, rig.link)
    rig.policy.onNetworkChange(rig.now)
    expect(rig.policy.needsPath).toBe(true)
    expect(back(rig, rig.link)).toBeLessThan(1_000)
  })
})

test('where it cannot ask it takes in no link, and nothing moves', () => {
  const rig = chooserRig('datagram', undefined, false)
  const add = (): void => rig.policy.add(deadLink('datagram'), Tier.Lan, 0)
  expect(add).toThrow(expect.objectContaining({ code: 'STT_INVALID_STATE' }))
  rig.active.onSent(0)
  expect(rig.run(30_000)).toEqual([])
  expect(rig.paths.all).toEqual([rig.active])
})

test('after a stall nothing is held against a path that the program did not listen to', () => {
  const rig = chooserRig()
  rig.active.onSent(0)
  rig.now = 60_000
  rig.policy.onStall(rig.now)
  rig.run(2_999)
  expect(rig.policy.needsPath).toBe(false)
})

test('an initiator does not follow its peer, and adds no link that it did not open', () => {
  const rig = chooserRig()
  expect(rig.arrive(deadLink('datagram'))).toBe(false)
  expect(rig.arrive(deadLink('message'), { joinSerial: 1 })).toBe(false)
  expect(rig.paths.all).toEqual([rig.active])
})
