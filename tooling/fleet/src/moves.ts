import { orderRelays } from '@stt/rendezvous'
import { createRandom } from '@stt/testing'

export interface Moves {
  readonly relays: number
  readonly listeners: number
  /** Listeners that had the lost relay first, or as one of the two that they listen at. */
  readonly first: number
  readonly either: number
  /** Listeners that changed although the lost relay was none of their two: none may. */
  readonly needless: number
  /** Listeners at the relay that has most after the loss, as a part of what each would have. */
  readonly fullest: number
}

/** Counts the listeners that move when one of several relays is lost, with the order that nodes use. */
export function movesOnLoss(relays: number, listeners: number, seed: number): Moves {
  const random = createRandom(seed)
  const urls = Array.from({ length: relays }, (_, i) => `wss://relay-${i}.example/`)
  const lost = urls[0]!
  const counts = new Map<string, number>()
  let [first, either, needless] = [0, 0, 0]
  for (let i = 0; i < listeners; i++) {
    const order = orderRelays(random.bytes(8), urls)
    const before = order.slice(0, 2)
    const after = order.filter(url => url !== lost).slice(0, 2)
    if (before[0] === lost) first++
    if (before.includes(lost)) either++
    else if (before.join() !== after.join()) needless++
    for (const url of after) counts.set(url, (counts.get(url) ?? 0) + 1)
  }
  const fair = (Math.min(2, relays - 1) * listeners) / (relays - 1)
  return { relays, listeners, first, either, needless, fullest: Math.max(...counts.values()) / fair }
}
