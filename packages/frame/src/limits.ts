/** The limits that one side of a session sets for the other. Each side states its own in the handshake. */
export interface TransportLimits {
  /** Milliseconds without a verified packet after which the session ends; at least `MIN_IDLE_TIMEOUT`. */
  readonly idleTimeout: number
  /** Bytes of stream data that may be sent on the session before more credit comes. */
  readonly maxData: number
  /** Bytes of data that may be sent on each stream before more credit comes. */
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

/** The least `idleTimeout` that a side may state, in milliseconds: with less, a session would end before its first round trip. */
// spec: STT-HS-11
export const MIN_IDLE_TIMEOUT: number = 1_000
