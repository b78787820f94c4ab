import { fromHex } from '@stt/crypto'
import { bytesOf, checkInteger, checkOptions, checkType, describe, SttError } from '@stt/errors'
import type { Peers as HandshakePeers, TrustStore } from '@stt/handshake'

/** A node id: 32 bytes, or the same as 64 hexadecimal digits. */
export type NodeId = Uint8Array | string

/** Which holders of the seed may connect. */
export type Peers =
  | Exclude<HandshakePeers, { readonly allow: unknown }>
  /** Only the nodes with these ids. */
  | { readonly allow: Iterable<NodeId> }

/**
 * The `peers` option, checked and with ids as plain arrays of 32 bytes.
 *
 * @throws SttError `STT_INVALID_ARGUMENT` for anything that names no policy, or an id or store that is none
 */
export function resolvePeers(peers: Peers | undefined): HandshakePeers {
  if (peers === undefined || peers === 'any') return 'any'
  if (typeof peers !== 'object' || peers === null) throw invalid(`peers is ${FORMS}, not ${describe(peers)}`)
  const given = KINDS.filter(kind => kind in peers)
  if (given.length !== 1) {
    throw invalid(`peers is one of ${FORMS}, and this has ${given.join(' and ') || 'none of them'}`)
  }
  checkOptions(peers, 'peers', given[0] === 'trustOnFirstUse' ? ['trustOnFirstUse', 'max'] : given)
  if ('allow' in peers) return { allow: resolveIds(peers.allow) }
  if ('pairwise' in peers) {
    checkType(peers.pairwise, 'peers.pairwise', 'function')
    return { pairwise: peers.pairwise }
  }
  const { trustOnFirstUse, max = 1 } = peers
  checkStore(trustOnFirstUse)
  checkInteger(max, 'peers.max', 1, Number.MAX_SAFE_INTEGER)
  return { trustOnFirstUse, max }
}

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

function resolveIds(ids: Iterable<NodeId>): readonly Uint8Array<ArrayBuffer>[] {
  const { [Symbol.iterator]: iterator } = (ids ?? {}) as Partial<Iterable<Uint8Array>>
  // One id itself can be iterated over as well: its bytes are none.
  if (typeof iterator !== 'function' || typeof ids === 'string' || ArrayBuffer.isView(ids)) {
    throw invalid(`peers.allow is a list of node ids, not ${describe(ids)}`)
  }
  return Array.from(ids, id => nodeIdOf(id, 'what is in peers.allow').slice())
}

function checkStore(store: unknown): void {
  const { list, admit, revoke } = (store ?? {}) as Partial<TrustStore>
  if ([list, admit, revoke].every(method => typeof method === 'function')) return
  throw invalid(`peers.trustOnFirstUse is a store with list, admit and revoke, not ${describe(store)}`)
}

const invalid = (message: string): SttError => new SttError('STT_INVALID_ARGUMENT', message)

const ID_LENGTH = 32
const KINDS = ['allow', 'trustOnFirstUse', 'pairwise'] as const
const FORMS = "'any', { allow: ids }, { trustOnFirstUse: store, max? } or { pairwise: id => secret }"
