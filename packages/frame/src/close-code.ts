/** The reason of a CLOSE that the protocol itself sends. Numbers are those of RFC 9000 §20.1 where the meaning is the same. */
export const CloseCode = {
  NoError: 0x00,
  InternalError: 0x01,
  FlowControl: 0x03,
  StreamLimit: 0x04,
  StreamState: 0x05,
  FinalSize: 0x06,
  FrameEncoding: 0x07,
  UnknownFrame: 0x08,
  AckOfUnsent: 0x09,
  ProtocolViolation: 0x0a,
  MessageTooLarge: 0x0b,
  GapLimit: 0x0d,
  KeyUpdate: 0x0e,
  AeadLimit: 0x0f,
} as const

export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode]
