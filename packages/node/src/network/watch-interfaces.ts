import { SttError } from '@stt/errors'
import { type Interfaces, ownAddresses } from '../addresses/own-addresses.ts'
import type { Clock } from '../time/clock.ts'
import type { WatchNetwork } from './network-watch.ts'

export interface InterfaceWatchConfig {
  readonly clock: Pick<Clock, 'now' | 'setTimer' | 'clearTimer'>
  /** Milliseconds since 1970: it goes on while a machine sleeps, where the clock of timers may stand still. */
  readonly wallClock: () => number
  /** `os.networkInterfaces`. It may throw. */
  readonly readInterfaces: () => Interfaces
  /** Told once that interfaces cannot be read. */
  readonly warn: (error: Error) => void
}

/**
 * Notices that this machine has other addresses, or slept, by looking every two seconds: no call that programs have on
 * every system tells them.
 */
export function watchInterfaces({ clock, wallClock, readInterfaces, warn }: InterfaceWatchConfig): WatchNetwork {
  let warned = false
  let last: { readonly interfaces: Interfaces; readonly text: string } | undefined
  /** The addresses as one text; undefined when they cannot be read, which says nothing of them. */
  const read = (): string | undefined => {
    try {
      const interfaces = readInterfaces()
      // Each session that begins asks, and what was read a moment ago is given again.
      if (last?.interfaces !== interfaces) last = { interfaces, text: textOf(interfaces) }
      return last.text
    } catch (cause) {
      if (!warned) warn(new SttError('STT_UNSUPPORTED', UNREADABLE, { cause }))
      warned = true
      return undefined
    }
  }
  return onChange => {
    let known = read()
    let lookedAt = clock.now()
    let lookedAtWall = wallClock()
    let timer: unknown
    const look = (): void => {
      // First, so that nothing that fails below ends the looking.
      timer = clock.setTimer(look, PERIOD)
      const passed = Math.max(clock.now() - lookedAt, wallClock() - lookedAtWall)
      lookedAt = clock.now()
      lookedAtWall = wallClock()
      const addresses = read()
      const addressesChanged = known !== undefined && addresses !== undefined && addresses !== known
      known = addresses ?? known
      if (addressesChanged || passed > ASLEEP) onChange({ addressesChanged })
    }
    timer = clock.setTimer(look, PERIOD)
    return () => clock.clearTimer(timer)
  }
}

function textOf(interfaces: Interfaces): string {
  return ownAddresses(interfaces)
    .map(({ interfaceName, address, prefixLength }) => `${interfaceName} ${address} ${prefixLength}`)
    .sort()
    .join('\n')
}

const UNREADABLE =
  'the network interfaces of this machine cannot be read: that it is in another network shows only when its sessions hear nothing any more'
/** Milliseconds. */
const PERIOD = 2_000
/** Milliseconds between two looks: a program that only has much to do is never so late. */
const ASLEEP = 7_000
