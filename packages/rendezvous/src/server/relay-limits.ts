import { checkInteger, checkOptions } from '@stt/errors'

/** Limits of a relay. An IPv6 address counts with its /64. Limits by address do not apply to an address that many clients share. */
export interface RelayLimits {
  /** Connected listeners. Default: 10,000. */
  readonly listeners: number
  /** Connected listeners of one address. Default: 64. */
  readonly listenersPerAddress: number
  /** New listeners of one address in a second. Default: 20. */
  readonly listenersPerSecond: number
  /** Circuits. Default: 2,000. */
  readonly circuits: number
  /** Circuits of one listener. Default: 16; 256 with access keys. */
  readonly circuitsPerListener: number
  /** Circuits dialed from one address. Default: 64. */
  readonly circuitsPerAddress: number
  /** New dials from one address in a second. Default: 20. */
  readonly dialsPerSecond: number
  /** Dials whose listener has not answered. Default: 256. */
  readonly tickets: number
  /** Bytes a second that a circuit carries, both directions together. Default: 4 MiB. */
  readonly rate: number
  /** Bytes that a circuit carries at once. Default: 8 MiB. */
  readonly burst: number
  /** MiB that a circuit carries in all; 0 for no limit. Default: 1,024; 0 with access keys. */
  readonly freeMebibytes: number
  /** Seconds that a circuit lives; 0 for no limit. Default: 86,400; 0 with access keys. */
  readonly freeSeconds: number
  /** Connections to the registry. Default: 10,000. */
  readonly registryClients: number
  /** Connections to the registry from one address. Default: 64. */
  readonly registryClientsPerAddress: number
  /** New connections to the registry from one address in a second. Default: 20. */
  readonly registryClientsPerSecond: number
  /** Records in the registry. Default: 100,000; 1,000,000 with access keys. */
  readonly records: number
  /** Records of one address. Default: 1,024. */
  readonly recordsPerAddress: number
}

/**
 * Fills in the defaults and checks each limit against its range.
 *
 * @param isOpen whether the relay serves clients without an access key. With keys, a listener has more circuits, circuits have no
 *   end, and the registry keeps more.
 * @throws SttError `STT_INVALID_ARGUMENT`
 */
export function resolveRelayLimits(given: Partial<RelayLimits> = {}, isOpen = true): RelayLimits {
  checkOptions(given, 'limits', Object.keys(RANGES))
  const limits: Record<keyof RelayLimits, number> = { ...DEFAULTS, ...(isOpen ? {} : WITH_ACCESS) }
  for (const name of Object.keys(RANGES) as (keyof RelayLimits)[]) {
    const value = given[name]
    if (value === undefined) continue
    checkInteger(value, `limits.${name}`, ...RANGES[name])
    limits[name] = value
  }
  return limits
}

// spec: STT-RLY-16 STT-REG-9 STT-REG-10
const DEFAULTS: RelayLimits = {
  listeners: 10_000,
  listenersPerAddress: 64,
  listenersPerSecond: 20,
  circuits: 2_000,
  circuitsPerListener: 16,
  circuitsPerAddress: 64,
  dialsPerSecond: 20,
  tickets: 256,
  rate: 4 * 1_048_576,
  burst: 8 * 1_048_576,
  freeMebibytes: 1_024,
  freeSeconds: 86_400,
  registryClients: 10_000,
  registryClientsPerAddress: 64,
  registryClientsPerSecond: 20,
  records: 100_000,
  recordsPerAddress: 1_024,
}

const WITH_ACCESS = { circuitsPerListener: 256, freeMebibytes: 0, freeSeconds: 0, records: 1_000_000 }

const MANY = 10_000_000
const MOST = 2 ** 32 - 1

const RANGES: Readonly<Record<keyof RelayLimits, readonly [min: number, max: number]>> = {
  listeners: [1, MANY],
  listenersPerAddress: [1, MANY],
  listenersPerSecond: [1, MANY],
  circuits: [1, MANY],
  circuitsPerListener: [1, MANY],
  circuitsPerAddress: [1, MANY],
  dialsPerSecond: [1, MANY],
  tickets: [1, MANY],
  rate: [1_024, MOST],
  // At least the largest message.
  burst: [65_535, MOST],
  freeMebibytes: [0, MOST],
  freeSeconds: [0, MOST],
  registryClients: [1, MANY],
  registryClientsPerAddress: [1, MANY],
  registryClientsPerSecond: [1, MANY],
  records: [1, MANY],
  recordsPerAddress: [1, MANY],
}
