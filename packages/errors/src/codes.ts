/**
 * Every code that an `SttError` can carry. A code never changes its meaning; a new one is a minor version.
 * The message of an error says what to do about it; the code is what a program switches on.
 */
export type SttErrorCode =
  // Arguments and the time of a call.
  | 'STT_INVALID_ARGUMENT'
  | 'STT_INVALID_STATE'
  | 'STT_UNSUPPORTED'
  | 'STT_LOAD_FAILED'
  | 'STT_ABORTED'
  | 'STT_TIMEOUT'
  | 'STT_LIMIT'
  | 'STT_DUPLICATE'
  // Reaching the peer.
  | 'STT_BAD_ADDRESS'
  | 'STT_ADDRESS_IN_USE'
  | 'STT_LISTEN_FAILED'
  | 'STT_CONNECT_FAILED'
  | 'STT_NOT_FOUND'
  | 'STT_LINK_FAILED'
  | 'STT_PEER_REFUSED'
  | 'STT_BUSY'
  | 'STT_HANDSHAKE_FAILED'
  | 'STT_TRUST_STORE'
  | 'STT_CLOCK'
  // The store that the instances of a relay share.
  | 'STT_RELAY_STORE'
  // A session and its streams.
  | 'STT_CLOSED'
  | 'STT_TRUNCATED'
  | 'STT_PROTOCOL'
  | 'STT_STREAM_RESET'
  | 'STT_STREAM_STOPPED'
  | 'STT_STREAM_EXPIRED'
  | 'STT_DATAGRAM_TOO_LARGE'
  | 'STT_MESSAGE_TOO_LARGE'
  // Bytes and values.
  | 'STT_ENCODE'
  | 'STT_DECODE'
  // Keys and sealed bytes.
  | 'STT_BAD_SEED'
  | 'STT_WEAK_SEED'
  | 'STT_BAD_KEY'
  | 'STT_AUTHENTICATION'
  | 'STT_NONCE_EXHAUSTED'
  | 'STT_DISPOSED'
  // WebSocket.
  | 'STT_WEBSOCKET_UPGRADE'
  | 'STT_WEBSOCKET_PROTOCOL'
  // Sealed segments.
  | 'STT_SEGMENT_MISSING'
  | 'STT_SEGMENT_REPLAYED'
  // The encrypted store.
  | 'STT_CHAMBER_CORRUPT'
  | 'STT_CHAMBER_LOCKED'
  | 'STT_CHAMBER_STORE'
