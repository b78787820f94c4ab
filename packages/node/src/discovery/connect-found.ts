import { equalBytes, toHex } from '@stt/crypto'
import { abortError, isSttError, onAbort, SttError, type SttErrorCode } from '@stt/errors'
import { deferred } from '../queues/deferred.ts'
import type { Clock } from '../time/clock.ts'
import type { Candidate, Discovery } from './discovery.ts'

export interface FindHost<T> {
  readonly clock: Clock
  readonly discovery: Discovery
  /** Milliseconds for which somebody is looked for, where no signal ends it. */
  readonly timeout: number
  /** Dials several nodes at all of their addresses; the first session wins. */
  dial(candidates: readonly Candidate[]): Promise<T>
  /** Addresses that the options of the node allow. */
  dialable(addresses: readonly string[]): readonly string[]
  /** Whether the node has a session with this one: others are preferred. */
  isConnected(id: Uint8Array): boolean
}

/**
 * Looks for a node of the seed, any or one in particular, and dials who is found until a session is open.
 *
 * Rejects with `STT_NOT_FOUND` when no node was found in time, with the error of the last one that could not be reached,
 * `STT_ABORTED` or `STT_CLOSED`.
 */
export async function connectFound<T>(
  peer: Uint8Array | undefined,
  signal: AbortSignal | undefined,
  host: FindHost<T>,
): Promise<T> {
  const { clock, discovery, timeout } = host
  const what = peer ? `finding the node ${toHex(peer)}` : 'finding a node of the seed'
  if (signal?.aborted) throw abortError(signal, what)
  const deadline = signal ? Number.POSITIVE_INFINITY : clock.now() + timeout
  const tried = new Map<string, number>()
  let failure: unknown
  const stopWatching = discovery.watch()
  try {
    for (;;) {
      const turn = await nextTurn(peer, tried, host)
      if (discovery.isClosed) throw new SttError('STT_CLOSED', 'the node was closed')
      if (turn.candidates.length === 0) {
        await change(discovery, clock, Math.min(turn.nextTry, deadline), signal)
        if (signal?.aborted || clock.now() >= deadline) throw nothingFound(what, signal, failure, discovery.lanSilence)
        continue
      }
      for (const { id } of turn.candidates) tried.set(toHex(id), clock.now())
      try {
        return await host.dial(turn.candidates)
      } catch (error) {
        if (!isSttError(error) || !MAY_WORK_LATER.has(error.code)) throw error
        failure = error
      }
    }
  } finally {
    stopWatching()
  }
}

/** Whom to dial now, or when somebody may be dialed again. */
// spec: STT-REG-12
async function nextTurn<T>(
  peer: Uint8Array | undefined,
  tried: ReadonlyMap<string, number>,
  { clock, discovery, dialable, isConnected }: FindHost<T>,
): Promise<{ readonly candidates: readonly Candidate[]; readonly nextTry: number }> {
  let nextTry = Number.POSITIVE_INFINITY
  const due: Candidate[] = []
  for (const { id, addresses } of await discovery.candidates(peer)) {
    const allowed = dialable(addresses)
    if (allowed.length === 0 || (peer && !equalBytes(id, peer))) continue
    const again = (tried.get(toHex(id)) ?? Number.NEGATIVE_INFINITY) + TRY_AGAIN_AFTER
    if (again <= clock.now()) due.push({ id, addresses: allowed })
    else nextTry = Math.min(nextTry, again)
  }
  // Whom this node does not speak with yet comes first, and before those that were tried in vain.
  const rank = ({ id }: Candidate): number => (isConnected(id) ? 2 : 0) + (tried.has(toHex(id)) ? 1 : 0)
  due.sort((a, b) => rank(a) - rank(b))
  return { candidates: due.slice(0, MOST_AT_ONCE), nextTry }
}

/** Resolves when somebody appeared or disappeared, at `until`, or when the signal is aborted. */
function change(discovery: Discovery, clock: Clock, until: number, signal: AbortSignal | undefined): Promise<void> {
  const done = deferred<void>()
  const wait = Math.min(Math.max(0, until - clock.now()), LONGEST_WAIT)
  const timer = clock.setTimer(() => done.resolve(), wait)
  const stop = discovery.onChange(() => done.resolve())
  const leave = signal && onAbort(signal, () => done.resolve())
  return done.promise.finally(() => {
    clock.clearTimer(timer)
    stop()
    leave?.()
  })
}

function nothingFound(
  what: string,
  signal: AbortSignal | undefined,
  failure: unknown,
  lanSilence: string | undefined,
): unknown {
  const aborted = signal?.aborted ? abortError(signal, what) : undefined
  if (aborted?.code === 'STT_ABORTED') return aborted
  if (failure !== undefined) return failure
  const why = lanSilence === undefined ? '' : `. On the local network ${lanSilence}`
  return new SttError('STT_NOT_FOUND', `${what} came to nothing: ${HELP}${why}`)
}

const HELP =
  'see that it runs, holds the same seed, and listens at one of the relays of this node, or on the same network (udp://0.0.0.0:0) where both have discovery.lan; ask again when it is there, or give a signal and wait'

/** Somebody else may be reached, or the same one a little later. */
const MAY_WORK_LATER: ReadonlySet<SttErrorCode> = new Set([
  'STT_CONNECT_FAILED',
  'STT_TIMEOUT',
  'STT_PEER_REFUSED',
  'STT_BUSY',
  'STT_LINK_FAILED',
  'STT_HANDSHAKE_FAILED',
  'STT_WEBSOCKET_UPGRADE',
  'STT_BAD_ADDRESS',
])

/** A holder of the seed can make up nodes: they are gone through, some at a time. */
const MOST_AT_ONCE = 16
/** Milliseconds. */
const TRY_AGAIN_AFTER = 5_000
const LONGEST_WAIT = 60_000
