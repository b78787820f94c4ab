/** The reasons for a NO of a relay. */
export type Refusal = keyof RelayStatistics['refused']

/** Counters of a relay. */
export interface RelayStatistics {
  /** Connections that listen now. */
  readonly listeners: number
  /** Circuits now. */
  readonly circuits: number
  /** Dials now whose listener has not answered. */
  readonly tickets: number
  /** Names that are held or reserved now. */
  readonly mailboxes: number
  /** Connections since the start. */
  readonly connections: number
  /** LISTENs since the start, repeated ones included. */
  readonly listens: number
  /** DIALs since the start. */
  readonly dials: number
  /** Circuits since the start. */
  readonly spliced: number
  /** Bytes that circuits carried since the start. */
  readonly bytes: number
  /** Messages that circuits carried since the start. */
  readonly messages: number
  /** NOs since the start, by reason. */
  readonly refused: Readonly<Record<'full' | 'nobody' | 'auth' | 'rate' | 'taken' | 'elsewhere', number>>
  /** Connections that broke a rule or sent no message in time, since the start. */
  readonly violations: number
}
