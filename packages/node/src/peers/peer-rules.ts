import { checkInteger, checkOptions, checkType, describe } from '@stt/errors'
import type { Peers as HandshakePeers, PeerPolicy, TrustStore } from '@stt/handshake'
import { createPolicy } from '@stt/handshake/peers'
import { invalid, type NodeId, nodeIdOf, type Peers } from './peers.ts'

/**
 * The policy that the `peers` option describes. A page that has no such option does not load this file.
 *
 * @param warn is told when a callback or store of the application failed and a peer was therefore refused
 * @throws SttError `STT_INVALID_ARGUMENT` for anything that names no policy, or an id or store that is none
 */
export const policyOf = (peers: Peers | undefined, warn: (error: Error) => void): PeerPolicy =>
  createPolicy(resolvePeers(peers), warn)

/**
 * The `peers` option, checked and with ids as plain arrays of 32 bytes.
 *
 * @throws SttError `STT_INVALID_ARGUMENT` for anything that names no policy, or an id or store that is none
 */
function resolvePeers(peers: Peers | undefined): HandshakePeers {
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

const KINDS = ['allow', 'trustOnFirstUse', 'pairwise'] as const
const FORMS = "'any', { allow: ids }, { trustOnFirstUse: store, max? } or { pairwise: id => secret }"
