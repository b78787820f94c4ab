/** Why a registry says no. */
export type RegistryRefusal = 'full' | 'auth' | 'rate'

export interface RegistryStatistics {
  /** Now: records, topics that have some, connections. */
  readonly records: number
  readonly topics: number
  readonly clients: number
  /** Since the start: connections, PUTs, GETs. */
  readonly connections: number
  readonly puts: number
  readonly gets: number
  /** Records that gave way in a full topic, to an address that had fewer there. */
  readonly displaced: number
  /** Those that were told no, by the reason. */
  readonly refused: Readonly<Record<RegistryRefusal, number>>
  /** Connections that broke a rule or said nothing. */
  readonly violations: number
}
