import { SttError } from '@stt/errors'
import type { TrustStore } from './trust-store.ts'

/** Which holders of a seed may connect. */
export type Peers =
  | 'any'
  /** A dial pins the first id that answers at its address; a listener keeps the first `max` ids (1 unless given). */
  | { readonly trustOnFirstUse: TrustStore; readonly max?: number }
  /** The ids that may connect. */
  | { readonly allow: Iterable<Uint8Array> }
  /** The 32-byte secret shared with one peer; undefined refuses it. */
  | { readonly pairwise: (id: Uint8Array) => Uint8Array | undefined }

/** The rule behind `Peers`, for both sides of a handshake. Ids are node ids, 32 bytes, proved by the handshake. */
export interface PeerPolicy {
  /**
   * Whether this id is known to be refused: it was revoked, or is not on the list. Asked before a dialed peer learns who
   * dials, and on both sides again in the step that reads or writes FINAL, since a revocation may have come meanwhile.
   */
  isRefused(id: Uint8Array): boolean
  /**
   * The only id that may answer a dial of this address; undefined while none is pinned.
   *
   * Rejects with `STT_TRUST_STORE`.
   */
  pinnedId(address: string): Promise<Uint8Array | undefined>
  /**
   * Pins the id that answered a dial to its address; resolves with false when another id was pinned meanwhile.
   *
   * Rejects with `STT_TRUST_STORE`.
   */
  pin(address: string, id: Uint8Array): Promise<boolean>
  /**
   * Whether a peer that dialed this node, and has proved this id, is let in.
   *
   * Rejects with `STT_TRUST_STORE`.
   */
  allowIncoming(id: Uint8Array): boolean | Promise<boolean>
  /** Whether `allowIncoming` answers without a promise. */
  readonly decidesAtOnce: boolean
  /** The `pairwise` option of each handshake. Never throws. */
  readonly pairwise: ((id: Uint8Array) => Uint8Array | undefined) | undefined
  /**
   * Refuses this id: here from the call on, in a trust store when the promise resolves.
   *
   * Rejects with `STT_UNSUPPORTED` where every holder of the seed is let in: a revoked one would come back with a new id;
   * with `STT_TRUST_STORE` where the store failed: the id stays refused by this policy alone.
   */
  revoke(id: Uint8Array): Promise<void>
}

/** The policy of a group: every holder of a seed may connect. `createPolicy` of `@stt/handshake/peers` makes the others. */
export const openPolicy: PeerPolicy = {
  isRefused: () => false,
  pinnedId: () => Promise.resolve(undefined),
  pin: () => Promise.resolve(true),
  allowIncoming: () => true,
  decidesAtOnce: true,
  pairwise: undefined,
  // spec: STT-HS-49
  revoke: () =>
    Promise.reject(
      new SttError(
        'STT_UNSUPPORTED',
        'with peers "any" a revoked node makes a new key and is let in: use allow, trustOnFirstUse or pairwise, or roll the seed',
      ),
    ),
}
