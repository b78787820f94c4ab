import type { DropReason } from './drop-reason.ts'
import { Fragment } from './fragment.ts'
import { MessageType } from './message-type.ts'
import { VERSION } from './version.ts'

/** The 24 bytes in clear before every handshake message. The ids are views of the message. */
export interface HandshakeHeader {
  readonly type: MessageType
  /** Length of the whole Noise message: before fragmentation, and in FINAL without the confirmation. */
  readonly noiseLength: number
  readonly fragment: Fragment
  /** Connection id of the receiver, 8 bytes; zero in HELLO. */
  readonly dcid: Uint8Array
  /** Connection id of the sender, 8 bytes; zero in RETRY. */
  readonly scid: Uint8Array
}

/** Whether a datagram or message is of the handshake and not a packet of a session: bit 7 of its first byte. */
export function isHandshake(bytes: Uint8Array): boolean {
  return (bytes[0] ?? 0) >= 0x80
}

/** The header, or why the message is dropped. Checks everything that needs no key, the exact length included. */
export function readHeader(bytes: Uint8Array): HandshakeHeader | DropReason {
  if (bytes.length < HEADER_LENGTH || !isHandshake(bytes)) return 'malformed'
  // spec: STT-HS-3 (before anything else: another version may lay out the rest in another way)
  if (bytes[1] !== VERSION) return 'version'
  const type = bytes[0]! & 0x7f
  const fragment = bytes[4]!
  // spec: STT-HS-2
  if (!isMessageType(type) || !isFragment(fragment)) return 'malformed'
  if ((bytes[5]! | bytes[6]! | bytes[7]!) !== 0) return 'malformed'
  if (fragment !== Fragment.Whole && !isSplittable(type)) return 'malformed'

  const noiseLength = bytes[2]! * 256 + bytes[3]!
  const header: HandshakeHeader = {
    type,
    noiseLength,
    fragment,
    dcid: bytes.subarray(8, 16),
    scid: bytes.subarray(16, 24),
  }
  // spec: STT-HS-4 (trailing bytes are refused by the same comparison)
  return bytes.length === expectedLength(header, bytes) ? header : 'malformed'
}

/** Writes the 24 header bytes at the start of `out`. */
export function writeHeader(out: Uint8Array, header: HandshakeHeader): void {
  out[0] = 0x80 | header.type
  out[1] = VERSION
  out[2] = header.noiseLength >>> 8
  out[3] = header.noiseLength
  out[4] = header.fragment
  out.fill(0, 5, 8)
  out.set(header.dcid, 8)
  out.set(header.scid, 16)
}

/** Length of the whole body: the Noise message, and in FINAL the confirmation behind it. */
export function bodyLength({ type, noiseLength }: HandshakeHeader): number {
  return type === MessageType.Final ? noiseLength + CONFIRM_LENGTH : noiseLength
}

/** Length of the part of the body that this message itself carries. */
function carriedLength(header: HandshakeHeader): number {
  if (header.fragment === Fragment.First) return FRAGMENT_LENGTH
  if (header.fragment === Fragment.Second) return bodyLength(header) - FRAGMENT_LENGTH
  return bodyLength(header)
}

/** The only length that a message with this header may have; -1 when there is none. */
function expectedLength(header: HandshakeHeader, bytes: Uint8Array): number {
  const { type, noiseLength } = header
  if (noiseLength < MIN_NOISE_LENGTH[type]! || noiseLength > MAX_NOISE_LENGTH[type]!) return -1
  switch (type) {
    case MessageType.Hello: {
      const tokenLength = bytes[HEADER_LENGTH] ?? -1
      if (tokenLength !== 0 && tokenLength !== TOKEN_LENGTH) return -1
      return HEADER_LENGTH + 1 + tokenLength + noiseLength + MAC_LENGTH
    }
    case MessageType.Response:
      return HEADER_LENGTH + noiseLength + MAC_LENGTH
    case MessageType.AuthProof:
    case MessageType.Final:
      // spec: STT-HS-6 (a message that fits is never split)
      if (header.fragment !== Fragment.Whole && bodyLength(header) <= FRAGMENT_LENGTH) return -1
      return HEADER_LENGTH + carriedLength(header) + MAC_LENGTH
    case MessageType.Retry:
      return RETRY_LENGTH
  }
}

function isMessageType(type: number): type is MessageType {
  return type <= MessageType.Retry
}

/** Whether a message of this type may be longer than a datagram. spec: STT-HS-2 */
function isSplittable(type: MessageType): boolean {
  return type === MessageType.AuthProof || type === MessageType.Final
}

function isFragment(fragment: number): fragment is Fragment {
  return fragment === Fragment.Whole || fragment === Fragment.First || fragment === Fragment.Second
}

export const HEADER_LENGTH = 24
export const MAC_LENGTH = 16
export const CONFIRM_LENGTH = 16
export const TOKEN_LENGTH = 32
export const CID_LENGTH = 8
export const RETRY_LENGTH: number = HEADER_LENGTH + TOKEN_LENGTH + MAC_LENGTH
/** Largest handshake datagram, which every path is assumed to carry. On a datagram link HELLO has exactly this length. */
export const DATAGRAM_LENGTH = 1200
/** Bytes of the body in fragment 0: all that its datagram has room for. */
export const FRAGMENT_LENGTH: number = DATAGRAM_LENGTH - HEADER_LENGTH - MAC_LENGTH

const AEAD_TAG = 16
const KEY = 32
// Below these a Noise message cannot hold its keys and tags. The largest AUTH_PROOF and FINAL fill two datagrams.
const MIN_NOISE_LENGTH: readonly number[] = [KEY + AEAD_TAG, 2 * KEY + 2 * AEAD_TAG, KEY + 2 * AEAD_TAG, AEAD_TAG, 0]
const MAX_NOISE_LENGTH: readonly number[] = [
  DATAGRAM_LENGTH - HEADER_LENGTH - 1 - MAC_LENGTH,
  FRAGMENT_LENGTH,
  2 * FRAGMENT_LENGTH,
  2 * FRAGMENT_LENGTH - CONFIRM_LENGTH,
  0,
]
