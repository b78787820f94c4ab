import { beforeEach, expect, test } from 'vitest'
import { ManualTimers } from '../test/manual-timers.ts'
import { defaultLimits } from './limits.ts'
import { Liveness } from './liveness.ts'

let timers: ManualTimers
let log: string[]
let trims: number
let liveness: Liveness

beforeEach(() => {
  timers = new ManualTimers()
  log = []
  trims = 0
  liveness = new Liveness(defaultLimits, timers, {
    ping: () => log.push('ping'),
    expire: code => log.push(`expire ${code}`),
    abandon: () => log.push('abandon'),
    trim: () => trims++,
  })
})

test('spec: STT-WS-18: proof in time', () => {
  liveness.awaitProof()
  timers.advance(4_999)
  liveness.watch()
  timers.advance(5_000)
  expect(log).toEqual([])
})

test('spec: STT-WS-18: no proof in time, whatever else was heard', () => {
  liveness.awaitProof()
  liveness.heard()
  liveness.carried()
  timers.advance(5_000)
  expect(log).toEqual(['expire 1008'])
})

test('spec: STT-WS-19: silence brings a Ping, more silence the end', () => {
  liveness.watch()
  timers.advance(30_000)
  expect(log).toEqual(['ping'])
  timers.advance(30_000)
  expect(log).toEqual(['ping', 'abandon'])
  expect(timers.pending).toBe(0)
})

test('spec: STT-WS-19: any byte is a sign of life', () => {
  liveness.watch()
  for (let i = 0; i < 3; i++) {
    timers.advance(30_000)
    liveness.heard()
  }
  expect(log.filter(each => each === 'abandon')).toEqual([])
})

test('spec: STT-WS-19: silence says nothing while the link does not read', () => {
  liveness.watch()
  liveness.deaf = true
  timers.advance(105_000)
  expect(log).toEqual([])
})

test('spec: STT-WS-20: answered Pings do not keep a link without packets', () => {
  liveness.watch()
  for (let i = 0; i < 3; i++) {
    liveness.heard()
    timers.advance(30_000)
  }
  expect(log).toEqual([])
  liveness.heard()
  timers.advance(30_000)
  expect(log).toEqual(['expire 1001'])
})

test('spec: STT-WS-20: a packet either way keeps it', () => {
  liveness.watch()
  for (let i = 0; i < 20; i++) {
    liveness.heard()
    if (i % 3 === 0) liveness.carried()
    timers.advance(30_000)
  }
  expect(log).toEqual([])
})

test('spec: STT-WS-14: control frames are counted by interval', () => {
  liveness.watch()
  const take = () => Array.from({ length: 40 }, () => liveness.takeControlFrame()).filter(Boolean).length
  expect(take()).toBe(32)
  liveness.heard()
  timers.advance(30_000)
  expect(take()).toBe(32)
})

test('memory is looked at in each interval, silent or not', () => {
  liveness.watch()
  for (let i = 0; i < 3; i++) {
    liveness.heard()
    timers.advance(30_000)
  }
  expect(trims).toBe(3)
})

test('a stopped link has no timer', () => {
  liveness.watch()
  liveness.stop()
  timers.advance(1_000_000)
  expect([log, timers.pending]).toEqual([[], 0])
})
