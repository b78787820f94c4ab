import { type CryptoProvider, equalBytes } from '@stt/crypto'
import type { DropReason } from './drop-reason.ts'
import { Fragment } from './fragment.ts'
import { CID_LENGTH, DATAGRAM_LENGTH, type HandshakeHeader, readHeader } from './header.ts'
import { findMac } from './mac.ts'
import { MessageType } from './message-type.ts'

/** The form that the next message of a run must have, before any of it is decrypted. */
export interface ExpectedMessage {
  readonly type: MessageType
  readonly datagram: boolean
  /** The receiver's own id; zero for HELLO. */
  readonly dcid: Uint8Array
  /** The sender's id, where it is known already. */
  readonly scid?: Uint8Array | undefined
  readonly macKeys: readonly Uint8Array[]
}

export interface CheckedMessage {
  readonly header: HandshakeHeader
  /** Which of the keys made mac1. */
  readonly seedIndex: number
}

/** The checks that every message passes first, cheapest first, in the order in which docs/PROTOCOL.md lists them. */
export function checkMessage(
  provider: CryptoProvider,
  bytes: Uint8Array,
  expected: ExpectedMessage,
): CheckedMessage | DropReason {
  const header = readHeader(bytes)
  if (typeof header === 'string') return header
  const refused = checkShape(header, bytes.length, expected)
  if (refused) return refused
  // spec: STT-HS-8
  const seedIndex = findMac(provider, expected.macKeys, bytes)
  return seedIndex === -1 ? 'badMac' : { header, seedIndex }
}

/** The checks that need no key, for a message of `length` bytes with this header. */
export function checkShape(
  header: HandshakeHeader,
  length: number,
  expected: Omit<ExpectedMessage, 'macKeys'>,
): DropReason | undefined {
  if (header.type !== expected.type) return 'unexpected'
  if (expected.datagram && !hasDatagramLength(header.type, length)) return 'malformed'
  // spec: STT-HS-6 (a message link carries everything whole)
  if (!expected.datagram && header.fragment !== Fragment.Whole) return 'malformed'
  // spec: STT-HS-7
  if (!equalBytes(header.dcid, expected.dcid)) return 'wrongConnection'
  if (equalBytes(header.scid, NO_CID)) return 'wrongConnection'
  return expected.scid && !equalBytes(header.scid, expected.scid) ? 'wrongConnection' : undefined
}

export const NO_CID: Uint8Array = new Uint8Array(CID_LENGTH)

/** spec: STT-HS-5, STT-HS-37 (HELLO is longer than any answer to it) */
function hasDatagramLength(type: MessageType, length: number): boolean {
  return type === MessageType.Hello ? length === DATAGRAM_LENGTH : length <= DATAGRAM_LENGTH
}
