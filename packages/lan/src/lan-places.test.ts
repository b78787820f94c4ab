import { describe, expect, test } from 'vitest'
import type { LanInterface } from './lan-interfaces.ts'
import { LanPlaces, type PlaceOutput } from './lan-places.ts'

const ETH: LanInterface = { name: 'eth0', family: 4, address: '192.168.7.5', prefixLength: 24, zone: 'eth0' }
const SIX: LanInterface = { ...ETH, family: 6, address: 'fe80::5', prefixLength: 64 }

/** A machine whose interfaces are there or not, and let themselves be used or not, in virtual time. */
class Machine {
  readonly places = new LanPlaces()
  /** The events, each with its millisecond. */
  readonly log: string[] = []
  interfaces: LanInterface[] = [ETH]
  /** Why nothing can be opened there; undefined: it can. */
  failure: string | undefined
  isShared = true
  now = 0

  advance(milliseconds: number): void {
    const end = this.now + milliseconds
    for (let next = this.#drain(); next <= end; next = this.#drain()) this.now = Math.max(this.now, next)
    this.now = end
    this.#drain()
  }

  #drain(): number {
    for (;;) {
      const output = this.places.poll(this.now)
      if (output.type === 'timeout') return output.at
      this.#do(output)
    }
  }

  #do(output: Exclude<PlaceOutput, { type: 'timeout' }>): void {
    if (output.type === 'look') return this.places.look(this.interfaces)
    if (output.type === 'problem')
      return void this.log.push(`${this.now} problem ${output.where.address}: ${output.cause}`)
    this.log.push(`${this.now} ${output.type} ${output.key.split(/[ /]/)[1]}`)
    if (output.type === 'leave') return
    if (this.failure === undefined) this.places.opened(output.key, this.isShared, this.now)
    else this.places.failed(output.key, this.failure, this.now)
  }
}

describe('which addresses are used', () => {
  // spec: STT-LAN-4
  test('a new interface is used within two seconds, and a removed one is left', () => {
    const machine = new Machine()
    machine.advance(1_500)
    machine.interfaces = [ETH, SIX]
    machine.advance(1_000)
    machine.interfaces = [SIX]
    machine.advance(2_000)
    expect(machine.log).toEqual(['0 enter 192.168.7.5', '2000 enter fe80::5', '4000 leave 192.168.7.5'])
  })

  test('another address or prefix of an interface is another place', () => {
    const machine = new Machine()
    machine.advance(1)
    machine.interfaces = [{ ...ETH, prefixLength: 16 }]
    machine.advance(2_000)
    expect(machine.log.slice(1)).toEqual(['2000 leave 192.168.7.5', '2000 enter 192.168.7.5'])
  })

  // spec: STT-LAN-8
  test('a failed interface is tried again after half a second, then after twice as long each time', () => {
    const machine = new Machine()
    machine.failure = 'EADDRNOTAVAIL'
    machine.advance(130_000)
    const times = machine.log.filter(line => line.includes('enter')).map(line => Number(line.split(' ')[0]))
    expect(times).toEqual([0, 500, 1_500, 3_500, 7_500, 15_500, 31_500, 61_500, 91_500, 121_500])
  })

  // spec: STT-LAN-8
  test('what passes by itself is no problem: a new IPv6 address, a cable that was away for a moment', () => {
    const machine = new Machine()
    machine.interfaces = [SIX]
    machine.failure = 'EADDRNOTAVAIL'
    machine.advance(2_000)
    machine.failure = undefined
    machine.advance(60_000)
    expect(machine.log).toEqual(['0 enter fe80::5', '500 enter fe80::5', '1500 enter fe80::5', '3500 enter fe80::5'])
    machine.places.failed('eth0 fe80::5/64', 'ENETDOWN', machine.now)
    machine.advance(5_000)
    expect(machine.log.slice(4)).toEqual(['62500 enter fe80::5'])
  })

  // spec: STT-LAN-8
  test('what does not is told', () => {
    const machine = new Machine()
    machine.failure = 'EPERM'
    machine.advance(10_000)
    expect(machine.log.filter(line => line.includes('problem'))).toEqual(['7500 problem 192.168.7.5: EPERM'])
  })

  test('a removed interface is not tried, and when it is back it is tried at once', () => {
    const machine = new Machine()
    machine.failure = 'ENETDOWN'
    machine.advance(7_900)
    machine.interfaces = []
    machine.advance(60_000)
    machine.failure = undefined
    machine.interfaces = [ETH]
    machine.advance(2_000)
    expect(machine.log.slice(-2)).toEqual(['8000 leave 192.168.7.5', '68000 enter 192.168.7.5'])
    expect(machine.places.has('eth0 192.168.7.5/24')).toBe(true)
  })

  test('a change of network ends all waiting', () => {
    const machine = new Machine()
    machine.failure = 'ENETUNREACH'
    machine.advance(40_000)
    machine.failure = undefined
    machine.interfaces = [ETH, SIX]
    machine.places.changed()
    machine.advance(0)
    expect(machine.log.slice(-2)).toEqual(['40000 enter 192.168.7.5', '40000 enter fe80::5'])
    machine.places.changed()
    machine.advance(1_000)
    expect(machine.log.at(-1)).toBe('40000 enter fe80::5')
  })

  // spec: STT-LAN-8
  test('where the port is another program’s it is asked for each minute until it can be shared', () => {
    const machine = new Machine()
    machine.isShared = false
    machine.advance(130_000)
    machine.isShared = true
    machine.advance(300_000)
    const entered = [0, 60_000, 120_000, 180_000].map(at => `${at} enter 192.168.7.5`)
    expect(machine.log).toEqual(entered)
  })

  test('the result for a socket that is no longer wanted changes nothing', () => {
    const machine = new Machine()
    machine.advance(0)
    machine.interfaces = []
    machine.advance(2_000)
    machine.places.opened('eth0 192.168.7.5/24', true, machine.now)
    machine.places.failed('eth0 192.168.7.5/24', 'late', machine.now)
    machine.advance(10_000)
    expect(machine.log).toEqual(['0 enter 192.168.7.5', '2000 leave 192.168.7.5'])
  })
})
