/** The first byte of each frame. 0x03, 0x18, 0x19 and 0x80 to 0xff are reserved. */
export const FrameType = {
  Padding: 0x00,
  Ping: 0x01,
  Ack: 0x02,
  Reset: 0x04,
  Stop: 0x05,
  Stream: 0x08,
  StreamFin: 0x09,
  MaxData: 0x10,
  MaxStreamData: 0x11,
  MaxStreamsBidi: 0x12,
  MaxStreamsUni: 0x13,
  Join: 0x17,
  PathChallenge: 0x1a,
  PathResponse: 0x1b,
  Close: 0x1c,
  HandshakeDone: 0x1e,
  Addresses: 0x20,
  Punch: 0x21,
  Observed: 0x22,
  Datagram: 0x30,
} as const

/** The kind of link that a JOIN joins to its session. Other kinds are for later versions. */
export const JoinKind = { MessageLink: 1 } as const

/** Streams of one kind that a session can open in its life, so that ids fit a varint. */
export const MAX_STREAM_COUNT: number = 2 ** 51 - 1

/** Bytes of the reason in a CLOSE at most. */
export const MAX_CLOSE_REASON: number = 256
