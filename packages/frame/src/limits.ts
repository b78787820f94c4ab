/** What one side of a session lets the other do. Exchanged inside the handshake; each side states its own. */
export interface TransportLimits {
  /** Milliseconds without a verified packet after which the session ends; at least `MIN_IDLE_TIMEOUT`. */
  readonly idleTimeout: number
  /** Bytes of stream data that may be sent on the session before more credit comes. */
  readonly maxData: number
  /** The same for each stream. */
  readonly maxStreamData: number
  /** Largest payload of a DATAGRAM frame, in bytes. */
  readonly maxDatagram: number
  /** Largest message on a stream, in bytes. */
  readonly maxMessage: number
  /** Two-way streams that the other side may open. */
  readonly maxStreamsBidi: number
  /** One-way streams that the other side may open. */
  readonly maxStreamsUni: number
}

/** Least `idleTimeout` that a side may state, in milliseconds: below, a session would end before its first round trip. */
// spec: STT-HS-11
export const MIN_IDLE_TIMEOUT: number = 1_000
