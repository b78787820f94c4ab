import type { NoReason } from '../messages/message.ts'

/** Why a relay by itself says no. */
export type Refusal = Extract<NoReason, 'full' | 'nobody' | 'auth' | 'rate' | 'taken' | 'elsewhere'>

export interface RelayStatistics {
  /** Now: legs that listen, circuits, dials whose listener has not answered, names that are held or reserved. */
  readonly listeners: number
  readonly circuits: number
  readonly tickets: number
  readonly mailboxes: number
  /** Since the start: connections, LISTENs (each minute's among them), dials, circuits, bytes and messages of circuits. */
  readonly connections: number
  readonly listens: number
  readonly dials: number
  readonly spliced: number
  readonly bytes: number
  readonly messages: number
  /** Those that were told no, by the reason. */
  readonly refused: Readonly<Record<Refusal, number>>
  /** Connections that broke a rule or said nothing. */
  readonly violations: number
}
