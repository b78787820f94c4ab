import type { Link } from '@stt/frame'
import type { LinkKind } from '@stt/testing'
import { describe, expect, test } from 'vitest'
import { deadLink } from '../../test/links.ts'
import { ScriptedRecovery } from '../../test/scripted-recovery.ts'
import { Path } from './path.ts'
import { Paths } from './paths.ts'

function setUp(kind: LinkKind = 'datagram') {
  const abandoned: Link[] = []
  const lossTimers: [Link, number][] = []
  const recovery = new ScriptedRecovery()
  const next = new ScriptedRecovery()
  const host = {
    emit: () => {},
    onAbandoned: (path: Path) => void abandoned.push(path.link),
    onLossTimer: (path: Path, now: number) => void lossTimers.push([path.link, now]),
    onAdding: () => {},
    onActive: () => {},
    onMoved: () => {},
  }
  const paths = new Paths(host, 4)
  const old = deadLink(kind, 1_200, kind === 'datagram' ? recovery : undefined)
  paths.attach(old, undefined, 0)
  const left = paths.active!
  const other = new Path(deadLink('datagram', 1_200, next), true, 0)
  other.validated = true
  paths.add(other)
  return { paths, left, other, recovery, next, abandoned, lossTimers }
}

describe('a path that was left', () => {
  // spec: STT-PKT-19
  test('drains while packets are out there, keeps its controller, and has drained when all are acknowledged', () => {
    const { paths, left, other, recovery, abandoned } = setUp()
    left.onSent(0)
    left.onSent(0)
    paths.moveTo(other, 'better', 100)
    expect([paths.active, paths.isDraining, left.leftAt]).toEqual([other, true, 100])
    expect(left.recovery).toBe(recovery)
    left.onSettled()
    paths.onTime(200)
    expect(paths.isDraining).toBe(true)
    left.onSettled()
    left.onAnswered(250)
    paths.onTime(250)
    expect(paths.isDraining).toBe(false)
    expect(paths.deadline).toBe(Number.POSITIVE_INFINITY)
    expect(abandoned).toEqual([])
    // Its loss recovery is kept for the way back.
    expect(left.recovery).toBe(recovery)
  })

  test('with nothing out has nothing to drain', () => {
    const { paths, other } = setUp()
    paths.moveTo(other, 'better', 100)
    expect(paths.isDraining).toBe(false)
  })

  // spec: STT-PKT-19
  test.each([
    ['datagram', 100, 0, 300],
    ['datagram', 100, 400, 800],
    ['message', 100, 0, 1_000],
    ['datagram', 9_000, 0, 9_000],
  ] as const)(
    '%s: what is out is given up when nothing was acknowledged for three of its PTO of %i, or two of the new path’s of %i',
    (kind, probeTimeout, ofNext, expected) => {
      const rig = setUp(kind)
      const { paths, left, other, recovery, next, abandoned } = rig
      recovery.probeTimeout = probeTimeout
      next.probeTimeout = ofNext || 1
      left.onSent(0)
      paths.moveTo(other, 'better', 1_000)
      const patience = kind === 'message' ? Math.max(expected, 3 * left.rtt.probeTimeout(100)) : expected
      expect(paths.deadline).toBe(1_000 + patience)
      // An acknowledgement begins the wait anew.
      left.onSent(1_000)
      left.onSettled()
      left.onAnswered(1_200)
      expect(paths.deadline).toBe(1_200 + patience)
      paths.onTime(1_200 + patience - 1)
      expect(abandoned).toEqual([])
      paths.onTime(1_200 + patience)
      expect(abandoned).toEqual([left.link])
      expect([paths.isDraining, left.outstanding, left.recovery]).toEqual([false, 0, undefined])
      expect(paths.find(left.link)).toBe(left)
    },
  )

  test('drains for thirty seconds at most, however slowly it is acknowledged', () => {
    const { paths, left, other, abandoned } = setUp()
    for (let i = 0; i < 1_000; i++) left.onSent(0)
    paths.moveTo(other, 'better', 0)
    for (let now = 100; now < 30_000; now += 100) {
      left.onSettled()
      left.onAnswered(now)
      paths.onTime(now)
    }
    expect(abandoned).toEqual([])
    paths.onTime(30_000)
    expect(abandoned).toEqual([left.link])
  })

  // spec: STT-PKT-19
  test.each(['before', 'after'])('is given up at once where its probe timer fired %s it was left', when => {
    const { paths, left, other, recovery, abandoned } = setUp()
    left.onSent(0)
    if (when === 'before') recovery.probesInARow = 1
    paths.moveTo(other, 'better', 100)
    expect(paths.isDraining).toBe(when === 'after')
    recovery.probesInARow = 1
    paths.onTime(101)
    expect(abandoned).toEqual([left.link])
    expect(paths.isDraining).toBe(false)
  })

  test.each(['silent', 'rebound'] as const)('is given up at once where the reason is that it was %s', reason => {
    const { paths, left, other, abandoned } = setUp()
    left.onSent(0)
    paths.moveTo(other, reason, 100)
    expect(abandoned).toEqual([left.link])
  })

  test('has its losses found when the timer of its loss recovery is due', () => {
    const { paths, left, other, recovery, lossTimers } = setUp()
    left.onSent(0)
    recovery.deadline = 150
    paths.moveTo(other, 'better', 100)
    expect(paths.deadline).toBe(150)
    paths.onTime(149)
    expect(lossTimers).toEqual([])
    paths.onTime(150)
    expect(lossTimers).toEqual([[left.link, 150]])
  })

  test('is waited for anew when the session comes back to it', () => {
    const { paths, left, other, abandoned } = setUp()
    left.onSent(0)
    paths.moveTo(other, 'better', 100)
    paths.moveTo(left, 'better', 200)
    expect([paths.active, paths.isDraining, left.outstanding]).toEqual([left, false, 1])
    expect(left.unansweredSince).toBe(200)
    paths.onTime(100_000)
    expect(abandoned).toEqual([])
  })
})

describe('where the session goes', () => {
  // spec: STT-PKT-37
  test('is nowhere that was not proved', () => {
    const { paths, other } = setUp()
    other.validated = false
    expect(() => paths.moveTo(other, 'asked', 0)).toThrow(expect.objectContaining({ code: 'STT_INVALID_STATE' }))
  })

  // spec: STT-PKT-32
  test('when its link is gone, is to the proved one that was heard last', () => {
    const { paths, left, other } = setUp()
    const [quiet, unproved] = [new Path(deadLink('datagram'), true, 0), new Path(deadLink('datagram'), true, 0)]
    quiet.validated = true
    quiet.receivedAt = 5
    other.receivedAt = 7
    unproved.receivedAt = 9
    paths.add(quiet)
    paths.add(unproved)
    expect(paths.lose(left.link, 10)).toBe(false)
    expect(paths.active).toBe(other)
    expect(paths.lose(other.link, 10)).toBe(false)
    expect(paths.active).toBe(quiet)
    expect(paths.lose(quiet.link, 10)).toBe(true)
    expect([paths.active, paths.others]).toEqual([undefined, [unproved]])
  })
})
