import { checkOptions, checkType, describe, SttError } from '@stt/errors'
import type { Lan, LanOptions } from './lan-platform.ts'

/** How nodes of the same seed find each other without an address. */
export interface DiscoveryOptions {
  /**
   * Finds nodes on the local network by mDNS; `@stt/lan` must be installed. `false` by default, because others on the network
   * can see that STT runs here, though neither whose node it is nor what it does. `true` uses all interfaces except internal
   * ones and those of containers.
   */
  readonly lan?: boolean | LanWish
  /** Whether a node that listens at relays registers there, so that others find it. `true` by default. It can search in any case. */
  readonly registry?: boolean
  /** Keeps the last known addresses of peers, sealed with a key of the seed: `new FileAddressStore(path)`, or a chamber. */
  readonly store?: AddressStore
}

/** How a node uses the local network. */
export interface LanWish {
  /** Names of the interfaces to use: `['eth0']`, or `['lo']` for this machine alone. */
  readonly interfaces?: readonly string[]
  /** `startLan` of `@stt/lan`, for a bundled program that cannot load the package at run time. */
  readonly startLan?: (options: LanOptions) => Lan
}

/** Keeps the last known addresses of peers. The bytes that it gets are sealed. */
export interface AddressStore {
  /** Returns the bytes saved last; undefined at first. */
  load(): Promise<Uint8Array | undefined>
  /** Replaces the bytes saved before. */
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
