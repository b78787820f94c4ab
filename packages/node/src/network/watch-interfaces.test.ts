import { VirtualLoop, type VirtualTimer } from '@stt/testing'
import { expect, test } from 'vitest'
import type { Interfaces } from '../addresses/own-addresses.ts'
import type { NetworkChange } from './network-watch.ts'
import { watchSystemNetwork } from './system-network.ts'
import { watchInterfaces } from './watch-interfaces.ts'

const of = (cidr: string) => [{ address: cidr.split('/')[0]!, cidr, internal: false }]
const HOME: Interfaces = { wlan0: of('192.168.1.23/24') }

function setUp() {
  const loop = new VirtualLoop()
  /** `late` and `wall`: milliseconds that passed by the clock of timers, and by the wall's, while no timer rang. */
  const machine = { interfaces: HOME, fails: false, late: 0, wall: 0, reads: 0 }
  const warnings: Error[] = []
  const watch = watchInterfaces({
    clock: {
      now: () => loop.now + machine.late,
      setTimer: (callback, delay) => loop.after(delay, callback),
      clearTimer: timer => loop.cancel(timer as VirtualTimer | undefined),
    },
    wallClock: () => loop.now + machine.wall,
    readInterfaces() {
      machine.reads++
      if (machine.fails) throw new Error('not allowed')
      return machine.interfaces
    },
    warn: error => warnings.push(error),
  })
  const told: [number, boolean][] = []
  const onChange = ({ addressesChanged }: NetworkChange): void => void told.push([loop.now, addressesChanged])
  return { loop, machine, warnings, told, watch, stop: watch(onChange) }
}

test('a new address, a lost one and a changed one are told at the next look, and no change tells nothing', () => {
  const { loop, machine, told } = setUp()
  loop.runUntil(9_000)
  expect([told, machine.reads]).toEqual([[], 5])
  machine.interfaces = {}
  loop.runUntil(11_000)
  machine.interfaces = { rmnet0: of('10.64.3.2/30') }
  loop.runUntil(13_000)
  machine.interfaces = { rmnet0: of('10.64.3.2/30'), ...HOME }
  loop.runUntil(30_000)
  expect(told).toEqual([[10_000, true], [12_000, true], [14_000, true]]) // biome-ignore format: one line
})

test('containers, link-local addresses and the order of interfaces are no change', () => {
  const { loop, machine, told } = setUp()
  machine.interfaces = { eth0: of('10.0.0.1/8'), ...HOME }
  loop.runUntil(2_000)
  expect(told).toHaveLength(1)
  machine.interfaces = { ...HOME, docker0: of('172.17.0.1/16'), eth0: [...of('10.0.0.1/8'), ...of('fe80::1/64')] }
  loop.runUntil(30_000)
  expect(told).toHaveLength(1)
})

test('a machine that slept is noticed because its timers are late', () => {
  const { loop, machine, told } = setUp()
  machine.late += 5_000
  loop.runUntil(3_000)
  expect(told).toEqual([])
  machine.late += 5_001
  loop.runUntil(30_000)
  expect(told).toEqual([[4_000, false]])
})

test('a machine whose timers slept too is noticed by the wall clock', () => {
  const { loop, machine, told } = setUp()
  loop.runUntil(2_000)
  machine.wall = 3_600_000
  loop.runUntil(30_000)
  expect(told).toEqual([[4_000, false]])
  // A clock that is set back is no sleep.
  machine.wall = 0
  loop.runUntil(60_000)
  expect(told).toHaveLength(1)
})

test('a failed read is no change, is warned of once, and ends nothing', () => {
  const { loop, machine, told, warnings, watch } = setUp()
  machine.fails = true
  loop.runUntil(20_000)
  expect(warnings).toMatchObject([{ code: 'STT_UNSUPPORTED', cause: { message: 'not allowed' } }])
  // One that begins while it fails has nothing to compare with at first.
  const late: NetworkChange[] = []
  watch(change => late.push(change))
  machine.fails = false
  loop.runUntil(30_000)
  expect([told, late]).toEqual([[], []])
  machine.interfaces = {}
  loop.runUntil(40_000)
  expect([told, late]).toEqual([[[32_000, true]], [{ addressesChanged: true }]])
  expect(warnings).toHaveLength(1)
})

test('a watcher that throws is told again the next time', () => {
  const { loop, machine, watch, stop } = setUp()
  stop()
  let told = 0
  watch(() => {
    told++
    throw new Error('a defect')
  })
  for (const interfaces of [{}, HOME]) {
    machine.interfaces = interfaces
    expect(() => loop.step()).toThrow('a defect')
  }
  expect(told).toBe(2)
})

test('no timer is left when nobody watches', () => {
  const { loop, machine, stop, told } = setUp()
  loop.runUntil(3_000)
  stop()
  expect(loop.idle).toBe(true)
  machine.interfaces = {}
  loop.runUntil(30_000)
  expect(told).toEqual([])
})

test('a watch of this machine’s own interfaces does not keep the process alive', () => {
  const timers = (): number => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
  const before = timers()
  const stop = watchSystemNetwork(error => expect.unreachable(error.message))(() => {})
  expect(timers()).toBe(before)
  stop()
})
