import { VirtualLoop, type VirtualTimer } from '@stt/testing'
import { expect, test } from 'vitest'
import { Guard } from '../time/guard.ts'
import { type NetworkChange, NetworkWatch } from './network-watch.ts'

function setUp() {
  const loop = new VirtualLoop()
  const faults: Error[] = []
  const platforms: ((change: NetworkChange) => void)[] = []
  const network = new NetworkWatch({
    clock: {
      now: () => loop.now,
      setTimer: (callback, delay) => loop.after(delay, callback),
      clearTimer: timer => loop.cancel(timer as VirtualTimer | undefined),
    },
    guard: new Guard(error => faults.push(error)),
    watchPlatform(onChange) {
      platforms.push(onChange)
      return () => void platforms.splice(platforms.indexOf(onChange), 1)
    },
  })
  const change = (addressesChanged: boolean): void => platforms.forEach(tell => void tell({ addressesChanged }))
  /** What one who watches was told: when, and whether addresses changed. */
  const watch = () => {
    const told: [number, boolean][] = []
    const stop = network.watch(({ addressesChanged }) => told.push([loop.now, addressesChanged]))
    return { told, stop }
  }
  return { loop, faults, platforms, network, change, watch }
}

test('all watchers share one watch of the platform, which lasts while somebody watches', () => {
  const { platforms, watch, change, loop } = setUp()
  expect(platforms).toHaveLength(0)
  const [one, other] = [watch(), watch()]
  expect(platforms).toHaveLength(1)
  change(true)
  expect([one.told, other.told]).toEqual([[[0, true]], [[0, true]]])
  one.stop()
  one.stop()
  expect(platforms).toHaveLength(1)
  other.stop()
  expect(platforms).toHaveLength(0)
  loop.runUntil(10_000)
  const again = watch()
  expect(platforms).toHaveLength(1)
  change(false)
  expect(again.told).toEqual([[10_000, false]])
  expect(one.told).toHaveLength(1)
})

test('watchers are told at most once in five seconds, at the end of them', () => {
  const { loop, watch, change } = setUp()
  const { told } = watch()
  change(false)
  loop.runUntil(1_000)
  change(true)
  loop.runUntil(2_000)
  change(false)
  loop.runUntil(4_999)
  expect(told).toEqual([[0, false]])
  loop.runUntil(5_000)
  // That addresses changed is not forgotten for what came later.
  expect(told).toEqual([[0, false], [5_000, true]]) // biome-ignore format: one line
  loop.runUntil(20_000)
  expect(told).toHaveLength(2)
  change(false)
  expect(told.at(-1)).toEqual([20_000, false])
})

test('a watcher that has stopped is told nothing, and no timer is left when nobody watches', () => {
  const { loop, watch, change } = setUp()
  const { told, stop } = watch()
  change(true)
  change(true)
  expect(loop.idle).toBe(false)
  stop()
  expect(loop.idle).toBe(true)
  const other = watch()
  loop.runUntil(20_000)
  expect([told, other.told]).toEqual([[[0, true]], []])
})

test('a watcher that throws is counted, and the others are told', () => {
  const { faults, network, watch, change } = setUp()
  network.watch(() => {
    throw new Error('a defect')
  })
  const { told } = watch()
  change(true)
  expect(told).toHaveLength(1)
  expect(faults).toMatchObject([{ cause: { message: 'a defect' } }])
})

test('a platform that tells nothing can be watched, without effect', () => {
  const network = new NetworkWatch({
    clock: { now: () => 0, setTimer: () => expect.unreachable(), clearTimer: () => {} },
    guard: new Guard(() => {}),
    watchPlatform: undefined,
  })
  network.watch(() => expect.unreachable())()
})
