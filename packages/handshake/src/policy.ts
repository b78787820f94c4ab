import { bytesOf, checkOptions, describe, isSttError, SttError } from '@stt/errors'
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

/**
 * @param warn is told when a callback of the application failed and a peer was therefore refused
 * @throws STT_INVALID_ARGUMENT for no rule or several, for an id that is not 32 bytes, or a `max` below 1
 */
export function createPolicy(peers: Peers = 'any', warn: (error: SttError) => void = () => {}): PeerPolicy {
  if (peers === 'any') return open
  checkPeers(peers)
  if ('allow' in peers) return allowlist(peers.allow)
  if ('pairwise' in peers) return pairwise(peers.pairwise, warn)
  return trustOnFirstUse(peers.trustOnFirstUse, peers.max ?? 1)
}

/** A misspelt rule must not pass for another rule or for none. */
function checkPeers(peers: Exclude<Peers, 'any'>): void {
  if (typeof peers !== 'object') {
    const message = `peers is "any", or an object with allow, trustOnFirstUse or pairwise, not ${describe(peers)}`
    throw new SttError('STT_INVALID_ARGUMENT', message)
  }
  checkOptions(peers, 'peers', ['allow', 'pairwise', 'trustOnFirstUse', 'max'])
  const rules = RULES.filter(name => name in peers)
  if (rules.length !== 1) {
    const message = `peers has exactly one of allow, trustOnFirstUse and pairwise, not ${rules.length}`
    throw new SttError('STT_INVALID_ARGUMENT', message)
  }
  const { allow, pairwise: secretOf, trustOnFirstUse: store, max } = peers as Record<string, unknown>
  const missing = store && STORE_METHODS.find(name => typeof (store as Record<string, unknown>)[name] !== 'function')
  const isIterable = typeof allow === 'object' && allow !== null && Symbol.iterator in allow
  if (rules[0] === 'allow' && !isIterable) throw wrong('peers.allow', 'a list of node ids', allow)
  if (rules[0] === 'pairwise' && typeof secretOf !== 'function') throw wrong('peers.pairwise', 'a function', secretOf)
  if (rules[0] === 'trustOnFirstUse' && (typeof store !== 'object' || store === null || missing)) {
    throw wrong('peers.trustOnFirstUse', `a trust store, with ${STORE_METHODS.join(', ')}`, store)
  }
  if (max !== undefined && rules[0] !== 'trustOnFirstUse') {
    throw new SttError('STT_INVALID_ARGUMENT', 'peers.max belongs to trustOnFirstUse')
  }
}

function wrong(what: string, expected: string, given: unknown): SttError {
  return new SttError('STT_INVALID_ARGUMENT', `${what} is ${expected}, not ${describe(given)}`)
}

const RULES = ['allow', 'trustOnFirstUse', 'pairwise'] as const
const STORE_METHODS = ['list', 'admit', 'revoke'] as const

const open: PeerPolicy = {
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

function allowlist(ids: Iterable<Uint8Array>): PeerPolicy {
  const allowed = new Set([...ids].map(keyOf))
  const has = (id: Uint8Array): boolean => allowed.has(keyOf(id))
  return {
    ...open,
    isRefused: id => !has(id),
    allowIncoming: has,
    async revoke(id) {
      allowed.delete(keyOf(id))
    },
  }
}

function pairwise(secretOf: (id: Uint8Array) => Uint8Array | undefined, warn: (error: SttError) => void): PeerPolicy {
  const revoked = new Set<string>()
  const isRefused = (id: Uint8Array): boolean => revoked.has(keyOf(id))
  return {
    ...open,
    isRefused,
    // Without the secret the handshake itself fails.
    pairwise(id) {
      if (isRefused(id)) return undefined
      const failed = (cause: unknown): undefined => {
        warn(new SttError('STT_PEER_REFUSED', PAIRWISE_FAILED, { cause }))
      }
      try {
        const secret: unknown = secretOf(id.slice())
        // A promise is refused like any wrong answer. Its rejection must be handled, or it would end the process.
        if (secret instanceof Promise) secret.catch(failed)
        return checkSecret(secret)
      } catch (cause) {
        return failed(cause)
      }
    },
    async revoke(id) {
      revoked.add(keyOf(id))
    },
  }
}

/** @throws STT_INVALID_ARGUMENT */
function checkSecret(secret: unknown): Uint8Array | undefined {
  if (secret === undefined) return undefined
  const bytes = bytesOf(secret, 'a pairwise secret')
  if (bytes.length === 32) return bytes
  throw new SttError('STT_INVALID_ARGUMENT', `a pairwise secret is 32 bytes, not ${bytes.length}`)
}

function trustOnFirstUse(store: TrustStore, max: number): PeerPolicy {
  if (!Number.isInteger(max) || max < 1) throw new SttError('STT_INVALID_ARGUMENT', `max is 1 or more, not ${max}`)
  // The revoked ids that this process knows of. They are never removed: an id is not reused.
  const revoked = new Set<string>()
  const isRefused = (id: Uint8Array): boolean => revoked.has(keyOf(id))
  const admit = async (name: string, id: Uint8Array, places: number): Promise<boolean> => {
    if (isRefused(id)) return false
    const admitted: unknown = await asked(() => store.admit(name, id.slice(), places))
    if (typeof admitted === 'boolean') return admitted
    throw storeFailed(new TypeError(`admit() gave ${describe(admitted)} and not true or false`))
  }
  return {
    ...open,
    isRefused,
    async pinnedId(address) {
      const [known, gone] = await asked(() => Promise.all([store.list(dialed(address)), store.revoked?.() ?? []]))
      const ids = await asked(() => [...known].map(checkId))
      // spec: STT-HS-39 (a revoked node is told nothing of who dials)
      for (const key of await asked(() => [...gone].map(keyOf))) revoked.add(key)
      return ids[0]
    },
    decidesAtOnce: false,
    pin: (address, id) => admit(dialed(address), id, 1),
    allowIncoming: id => admit(LISTENING, id, max),
    async revoke(id) {
      revoked.add(keyOf(id))
      await asked(() => store.revoke(id.slice()))
    },
  }
}

/** The result of a call to the application's store, with whatever it throws as STT_TRUST_STORE. */
async function asked<T>(call: () => T | Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (cause) {
    throw isSttError(cause, 'STT_TRUST_STORE') ? cause : storeFailed(cause)
  }
}

function storeFailed(cause: unknown): SttError {
  return new SttError('STT_TRUST_STORE', 'the trust store failed, and no peer is trusted: see the cause', { cause })
}

function checkId(value: unknown): Uint8Array {
  const id = bytesOf(value, 'a node id')
  if (id.length === 32) return id
  throw new SttError('STT_INVALID_ARGUMENT', `a node id is 32 bytes, not ${id.length}`)
}

function keyOf(value: unknown): string {
  return String.fromCharCode(...checkId(value))
}

function dialed(address: string): string {
  return `dial ${address}`
}

const LISTENING = 'listen'
const PAIRWISE_FAILED =
  'the pairwise callback failed, and the peer was refused: it has to give 32 bytes, or undefined, at once'
