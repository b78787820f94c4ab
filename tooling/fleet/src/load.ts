import type { RelayStore } from '@stt/relay'
import { createRandom } from '@stt/testing'

/** Calls of a store that nodes cause in one minute. */
export interface LoadOptions {
  readonly listeners: number
  readonly instances: number
  readonly seed: number
  /** Calls under way at once, of all instances together. */
  readonly atOnce?: number
}

export interface Load {
  readonly calls: number
  readonly kept: number
  readonly found: number
}

/** Hours in which a node has names: one of its own and one of its topic in each. */
const HOURS = 2
/** One of so many listeners is dialed in a minute, at an instance that is drawn. */
const DIALED = 60
/** Nodes of one seed, which share a topic. */
const NODES_OF_A_SEED = 4

/**
 * Calls a store as in one minute: each node listens and puts its records again, each address is counted, some nodes are dialed, and
 * one node of each seed asks once which nodes are there.
 */
export async function minuteOfLoad(
  store: RelayStore,
  { listeners, instances, seed, atOnce = 200 }: LoadOptions,
): Promise<Load> {
  const random = createRandom(seed)
  const counts = { calls: 0, kept: 0, found: 0 }
  const bytes = (size: number): Uint8Array => random.bytes(size)
  const blob = bytes(544)
  let topics: Uint8Array[] = []
  const under = new Set<Promise<void>>()
  const call = async (act: () => Promise<void>): Promise<void> => {
    counts.calls++
    const running = act().finally(() => under.delete(running))
    under.add(running)
    if (under.size >= atOnce) await Promise.race(under)
  }
  for (let i = 0; i < listeners; i++) {
    const number = Math.floor(random.next() * instances)
    const instance = `wss://relay.example/${number}`
    const address = `10.${i >>> 16}.${(i >>> 8) & 255}.${i & 255}`
    const mailboxes = Array.from({ length: HOURS }, () => bytes(32))
    const owner = bytes(16)
    const names = mailboxes.map(mailbox => ({ mailbox, owner }))
    await call(async () => {
      const kept = await store.put({ type: 'presence', names, instance, isHere: true, seconds: 90 })
      counts.kept += kept.filter(Boolean).length
    })
    const member = bytes(12)
    await call(async () => void (await store.count({ kind: 'listeners', address, member, seconds: 90, most: 64 })))
    if (i % NODES_OF_A_SEED === 0) topics = Array.from({ length: HOURS }, () => bytes(32))
    for (const topic of topics) {
      const record = { topic, slot: bytes(16), blob, seconds: 150, address, most: 1_024, isAgain: false }
      await call(async () => {
        const [isKept] = await store.put({ type: 'record', ...record })
        counts.kept += Number(isKept)
      })
      if (i % NODES_OF_A_SEED === 0) await call(async () => void (await store.members(topic)))
    }
    const isElsewhere = random.next() < (instances - 1) / instances
    if (i % DIALED === 0 && isElsewhere) {
      await call(async () => {
        if ((await store.get(mailboxes)) !== undefined) counts.found++
      })
    }
  }
  await Promise.all(under)
  return counts
}
