import { toHex } from '@stt/crypto'
import type { Value } from '@stt/serialize'
import { type Deferred, deferred } from '../queues/deferred.ts'
import type { Discovery } from './discovery.ts'

/** A node of the seed appeared or disappeared. */
export interface PeerEvent {
  /** Whether it came or went. */
  readonly type: 'appeared' | 'disappeared'
  /** Its node id, 32 bytes. Only a session proves it; until then a holder of the seed claims it. */
  readonly id: Uint8Array
  /** Where it was seen: URLs of relays, or `lan`. */
  readonly seenAt: readonly string[]
  /** Its metadata, if this node has a session with it. */
  readonly metadata: Value | undefined
}

/**
 * Who is there, and then who comes and goes, until the loop is left or the node closes. What is kept for a slow reader is who it
 * knows of, and no queue: who came and went in between it does not hear of.
 */
export async function* peerEvents(
  discovery: Discovery,
  metadataOf: (id: Uint8Array) => Value | undefined,
): AsyncGenerator<PeerEvent, undefined> {
  const told = new Map<string, PeerEvent>()
  let woken: Deferred<void> = deferred<void>()
  const stopListening = discovery.onChange(() => woken.resolve())
  const stopWatching = discovery.watch()
  try {
    while (!discovery.isClosed) {
      const event = nextEvent(discovery, told, metadataOf)
      if (event) yield event
      else {
        await woken.promise
        woken = deferred<void>()
      }
    }
  } finally {
    stopListening()
    stopWatching()
  }
  return undefined
}

function nextEvent(
  { peers }: Discovery,
  told: Map<string, PeerEvent>,
  metadataOf: (id: Uint8Array) => Value | undefined,
): PeerEvent | undefined {
  const present = new Set<string>()
  for (const { id, seenAt } of peers) {
    const key = toHex(id)
    present.add(key)
    if (told.has(key)) continue
    const event: PeerEvent = Object.freeze({ type: 'appeared', id: id.slice(), seenAt, metadata: metadataOf(id) })
    told.set(key, event)
    return event
  }
  for (const [key, { id, seenAt }] of told) {
    if (present.has(key)) continue
    told.delete(key)
    return Object.freeze({ type: 'disappeared', id, seenAt, metadata: metadataOf(id) })
  }
  return undefined
}
