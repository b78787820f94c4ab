/** The low seven bits of a handshake message's first byte. Every other value is reserved. */
export const MessageType = {
  Hello: 0,
  Response: 1,
  AuthProof: 2,
  Final: 3,
  Retry: 4,
} as const

export type MessageType = (typeof MessageType)[keyof typeof MessageType]
