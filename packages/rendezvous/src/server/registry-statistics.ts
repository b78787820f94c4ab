/** The reasons for a NO of a registry. */
export type RegistryRefusal = keyof RegistryStatistics['refused']

/** Counters of a registry. */
export interface RegistryStatistics {
  /** Records that are kept now. */
  readonly records: number
  /** Topics that have records now. */
  readonly topics: number
  /** Connections that are open now. */
  readonly clients: number
  /** Connections since the start. */
  readonly connections: number
  /** PUTs since the start. */
  readonly puts: number
  /** GETs since the start. */
  readonly gets: number
  /** Records in full topics that gave way to an address with fewer records there, since the start. */
  readonly displaced: number
  /** NOs since the start, by reason. */
  readonly refused: Readonly<Record<'full' | 'auth' | 'rate', number>>
  /** Connections that broke a rule or sent no message in time, since the start. */
  readonly violations: number
}
