import type { Link } from '@stt/frame'
import { VirtualLoop, type VirtualTimer } from '@stt/testing'
import { expect, test } from 'vitest'
import { Guard } from '../time/guard.ts'
import { PathKeeper } from './path-keeper.ts'

test('a session that has ended holds no timer, although its links end later', () => {
  const loop = new VirtualLoop()
  const timers = new Set<VirtualTimer>()
  const link = { remote: 'udp://10.0.0.1:4433' } as Link
  const keeper = new PathKeeper({
    addresses: ['udp://10.0.0.1:4433', 'ws://10.0.0.1:4433'],
    text: 'udp://10.0.0.1:4433',
    host: '10.0.0.1',
    link,
    standby: 1,
    clock: {
      now: () => loop.now,
      setTimer(callback, delay) {
        const timer = loop.after(delay, callback)
        timers.add(timer)
        return timer
      },
      clearTimer: timer => timers.delete(timer as VirtualTimer),
      afterReads: callback => callback(),
    },
    entropy: length => new Uint8Array(length),
    guard: new Guard(error => {
      throw error
    }),
    network: { watch: () => () => {} },
    dialer: { tierOf: () => 1, openLink: () => new Promise(() => {}) },
    session: { needsPath: false, paths: [], takeIn: () => {}, letGo: () => {}, onNetworkChange: () => {} },
  })
  expect(timers.size).toBe(1)
  keeper.stop()
  keeper.onMoved()
  keeper.onGone(link)
  expect(timers.size).toBe(0)
})
