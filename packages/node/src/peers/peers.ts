import { fromHex } from '@stt/crypto'
import { bytesOf, SttError } from '@stt/errors'
import type { Peers as HandshakePeers } from '@stt/handshake'

/** A node id: 32 bytes, or the same as 64 hexadecimal digits. */
export type NodeId = Uint8Array | string

/** Which holders of the seed may connect. */
export type Peers =
  | Exclude<HandshakePeers, { readonly allow: unknown }>
  /** Only the nodes with these ids. */
  | { readonly allow: Iterable<NodeId> }

/**
 * A node id as an argument.
 *
 * @throws SttError `STT_INVALID_ARGUMENT` unless it is 32 bytes, or 64 hexadecimal digits
 */
export function nodeIdOf(value: unknown, what: string): Uint8Array {
  const id = typeof value === 'string' ? fromHex(value.trim()) : bytesOf(value, what)
  if (!id)
    throw invalid(
      `${what} is a node id: ${ID_LENGTH} bytes, or their ${2 * ID_LENGTH} hexadecimal digits, as toHex(node.id) gives`,
    )
  if (id.length !== ID_LENGTH) throw invalid(`${what} is a node id of ${ID_LENGTH} bytes, not of ${id.length}`)
  return id
}

export const invalid = (message: string): SttError => new SttError('STT_INVALID_ARGUMENT', message)

const ID_LENGTH = 32
