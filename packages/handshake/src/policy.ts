import { SttError } from '@stt/errors'
import type { TrustStore } from './trust-store.ts'

/** Who may connect, of those who hold a seed. */
export type Peers =
  | 'any'
  /** Dialing, the first id that answers at an address is kept for it; listening, the first `max` (1 unless given) are. */
  | { readonly trustOnFirstUse: TrustStore; readonly max?: number }
  | { readonly allow: Iterable<Uint8Array> }
  /** The 32-byte secret shared with one peer; undefined refuses it. */
  | { readonly pairwise: (id: Uint8Array) => Uint8Array | undefined }

/** The rule behind `Peers`, for both sides of a handshake. Ids are node ids, 32 bytes, proved by the handshake. */
export interface PeerPolicy {
  /** Dialing: whether a peer that has proved this id may learn who we are. */
  permits(id: Uint8Array): boolean
  /** Dialing: the one id that must answer at this address, where one is known. */
  expected(address: string): Promise<Uint8Array | undefined>
  /** Dialing: a peer was reached; false when meanwhile another one was kept for the address. */
  reached(address: string, id: Uint8Array): Promise<boolean>
  /** Listening: whether a peer that has proved this id is let in. At once where that is possible. */
  admits(id: Uint8Array): boolean | Promise<boolean>
  /** To be given to every handshake. */
  readonly pairwise: ((id: Uint8Array) => Uint8Array | undefined) | undefined
  /**
   * Refuses this id from now on.
   *
   * @throws STT_UNSUPPORTED where every holder of the seed is let in: a revoked one would come back with a new id
   */
  revoke(id: Uint8Array): Promise<void>
}

/** @throws STT_INVALID_ARGUMENT for an id that is not 32 bytes, or a `max` below 1 */
export function createPolicy(peers: Peers = 'any'): PeerPolicy {
  if (peers === 'any') return anyPeer()
  if ('allow' in peers) return allowlist(peers.allow)
  if ('pairwise' in peers) return pairwise(peers.pairwise)
  return trustOnFirstUse(peers.trustOnFirstUse, peers.max ?? 1)
}

const open: PeerPolicy = {
  permits: () => true,
  expected: () => Promise.resolve(undefined),
  reached: () => Promise.resolve(true),
  admits: () => true,
  pairwise: undefined,
  revoke: () =>
    Promise.reject(
      new SttError(
        'STT_UNSUPPORTED',
        'with peers "any" a revoked node makes a new key and is let in: use allow, trustOnFirstUse or pairwise, or roll the seed',
      ),
    ),
}

function anyPeer(): PeerPolicy {
  return open
}

function allowlist(ids: Iterable<Uint8Array>): PeerPolicy {
  const allowed = new Set([...ids].map(keyOf))
  const has = (id: Uint8Array): boolean => allowed.has(keyOf(id))
  return {
    ...open,
    permits: has,
    admits: has,
    revoke(id) {
      allowed.delete(keyOf(id))
      return Promise.resolve()
    },
  }
}

function pairwise(secretOf: (id: Uint8Array) => Uint8Array | undefined): PeerPolicy {
  const revoked = new Set<string>()
  return {
    ...open,
    // Without the secret the handshake itself fails.
    pairwise: id => (revoked.has(keyOf(id)) ? undefined : secretOf(id)),
    revoke(id) {
      revoked.add(keyOf(id))
      return Promise.resolve()
    },
  }
}

function trustOnFirstUse(store: TrustStore, max: number): PeerPolicy {
  if (!Number.isInteger(max) || max < 1) throw new SttError('STT_INVALID_ARGUMENT', `max is 1 or more, not ${max}`)
  return {
    ...open,
    expected: async address => (await store.list(dialed(address)))[0],
    reached: (address, id) => store.admit(dialed(address), id, 1),
    admits: id => store.admit(LISTENING, id, max),
    revoke: id => store.revoke(id),
  }
}

function keyOf(id: Uint8Array): string {
  if (id.length !== 32) throw new SttError('STT_INVALID_ARGUMENT', `a node id is 32 bytes, not ${id.length}`)
  return String.fromCharCode(...id)
}

function dialed(address: string): string {
  return `dial ${address}`
}

const LISTENING = 'listen'
