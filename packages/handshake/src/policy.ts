// The entry `@stt/handshake/peers`, which a page without rules about its peers does not load.

import { bytesOf, checkOptions, describe, isSttError, SttError } from '@stt/errors'
import { openPolicy, type PeerPolicy, type Peers } from './open-policy.ts'
import type { TrustStore } from './trust-store.ts'

/**
 * The policy that `peers` describes.
 *
 * @param warn is told when a callback of the application failed and a peer was therefore refused
 * @throws STT_INVALID_ARGUMENT for no rule or several, for an id that is not 32 bytes, or a `max` below 1
 */
export function createPolicy(peers: Peers = 'any', warn: (error: SttError) => void = () => {}): PeerPolicy {
  if (peers === 'any') return openPolicy
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

function allowlist(ids: Iterable<Uint8Array>): PeerPolicy {
  const allowed = new Set([...ids].map(keyOf))
  const has = (id: Uint8Array): boolean => allowed.has(keyOf(id))
  return {
    ...openPolicy,
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
    ...openPolicy,
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
    ...openPolicy,
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
