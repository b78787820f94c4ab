import { checkInteger, checkOptions } from '@stt/errors'

/** What a relay allows. An IPv6 address counts with its /64; addresses that many share are not counted apart. */
export interface RelayLimits {
  /** Listeners that are connected, of one address, and new ones of one address in a second. */
  readonly listeners: number
  readonly listenersPerAddress: number
  readonly listenersPerSecond: number
  /** Circuits together, to one listener, and dialed from one address; new ones dialed from one address in a second. */
  readonly circuits: number
  readonly circuitsPerListener: number
  readonly circuitsPerAddress: number
  readonly dialsPerSecond: number
  /** Dials whose listener has not answered yet. */
  readonly tickets: number
  /** Bytes a second that a circuit carries, both directions together, and at once. */
  readonly rate: number
  readonly burst: number
  /** MiB that a circuit carries and seconds that it lives where anybody may use the relay; 0 for no limit. */
  readonly freeMebibytes: number
  readonly freeSeconds: number
  /** Connections to the registry, of one address, and new ones of one address in a second. */
  readonly registryClients: number
  readonly registryClientsPerAddress: number
  readonly registryClientsPerSecond: number
  /** Records that the registry keeps, and of one address. */
  readonly records: number
  readonly recordsPerAddress: number
}

/** Where only those with a key are served, a listener has more circuits, circuits have no end, and the registry keeps more. */
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
  // The largest message passes at once.
  burst: [65_535, MOST],
  freeMebibytes: [0, MOST],
  freeSeconds: [0, MOST],
  registryClients: [1, MANY],
  registryClientsPerAddress: [1, MANY],
  registryClientsPerSecond: [1, MANY],
  records: [1, MANY],
  recordsPerAddress: [1, MANY],
}
