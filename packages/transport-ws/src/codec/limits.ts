/** Largest message in bytes: one STT packet. It fits a 16-bit length, so no frame needs a longer header. */
export const MAX_MESSAGE_SIZE = 65_535

/** Largest number of frames of one message; empty frames count. */
export const MAX_FRAGMENTS = 16

/** Largest payload of a Close, Ping or Pong frame (RFC 6455 §5.5). */
export const MAX_CONTROL_PAYLOAD = 125
