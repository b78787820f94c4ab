import { checkOptions, checkType, describe, SttError } from '@stt/errors'
import type { Lan, LanOptions } from './lan-platform.ts'

/** How a node and others that hold its seed find each other without an address. */
export interface DiscoveryOptions {
  /**
   * On the local network, by mDNS: the package `@stt/lan` has to be installed. False unless given, as others on the network
   * see that something of STT runs here, but neither whose nor what. `{ interfaces }` names those that are used, `lo` for
   * this machine alone; with `true` they are all but internal ones and those of containers. `{ startLan }` gives that of
   * `@stt/lan`, for a program that is bundled and finds no package when it runs.
   */
  readonly lan?: boolean | LanWish
  /** Whether a node that listens at relays says so at their registries: true unless given. It may look for others in any case. */
  readonly registry?: boolean
  /** Keeps the last known addresses of peers, sealed with a key of the seed: `new FileAddressStore(path)`, or a chamber. */
  readonly store?: AddressStore
}

/** How a node speaks on the local network. */
export interface LanWish {
  readonly interfaces?: readonly string[]
  readonly startLan?: (options: LanOptions) => Lan
}

/** Where the last known addresses of peers are kept. What it is given is sealed. */
export interface AddressStore {
  /** What was saved last; undefined at first. */
  load(): Promise<Uint8Array | undefined>
  save(sealed: Uint8Array): Promise<void>
}

/** The same with every default filled in. */
export interface CheckedDiscovery {
  readonly lan: boolean
  /** Undefined: those that lead out of this machine. */
  readonly interfaces: readonly string[] | undefined
  /** Undefined: it is loaded. */
  readonly startLan: ((options: LanOptions) => Lan) | undefined
  readonly registry: boolean
  readonly store: AddressStore | undefined
}

/** @throws SttError `STT_INVALID_ARGUMENT` that names the option */
export function resolveDiscovery(given: DiscoveryOptions | undefined): CheckedDiscovery {
  checkOptions(given, 'discovery', ['lan', 'registry', 'store'])
  const { lan = false, registry = true, store } = given ?? {}
  const isDetailed = typeof lan === 'object' && lan !== null
  if (isDetailed) checkOptions(lan, 'discovery.lan', ['interfaces', 'startLan'])
  else checkType(lan, 'discovery.lan', 'boolean')
  const { interfaces, startLan } = isDetailed ? lan : {}
  if (startLan !== undefined) checkType(startLan, 'discovery.lan.startLan', 'function')
  if (interfaces !== undefined) checkInterfaces(interfaces)
  checkType(registry, 'discovery.registry', 'boolean')
  if (store !== undefined) checkStore(store)
  return { lan: isDetailed || lan, interfaces, startLan, registry, store }
}

function checkInterfaces(names: unknown): void {
  if (Array.isArray(names) && names.every(name => typeof name === 'string')) return
  throw new SttError(
    'STT_INVALID_ARGUMENT',
    `discovery.lan.interfaces is a list of names such as ['eth0'], not ${describe(names)}`,
  )
}

function checkStore(store: unknown): void {
  const { load, save } = (store ?? {}) as Partial<AddressStore>
  if (typeof load === 'function' && typeof save === 'function') return
  throw new SttError(
    'STT_INVALID_ARGUMENT',
    `discovery.store has load and save, as a FileAddressStore has, not ${describe(store)}`,
  )
}
