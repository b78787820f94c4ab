import type { Chamber, ChamberOptions } from '../src/index.ts'
import { seededBytes } from './random.ts'

/** Checkpoints come often, so that kills hit them too. */
export function childOptions(path: string, readOnly = false): ChamberOptions {
  return { path, id: 'ledger', key: seededBytes(3, 32), minimumTail: 8, readOnly }
}

/** The writer's step `i`: stores one of ten keys, or deletes it every seventh time. */
export async function step(chamber: Chamber, i: number): Promise<void> {
  const content = contentOf(i)
  if (content) await chamber.store(keyOf(i), content)
  else await chamber.delete(keyOf(i))
}

/** The content of each key after all steps before `end`. */
export function stateAfter(end: number): Map<string, Uint8Array> {
  const state = new Map<string, Uint8Array>()
  for (let i = 0; i < end; i++) {
    const content = contentOf(i)
    if (content) state.set(keyOf(i), content)
    else state.delete(keyOf(i))
  }
  return state
}

/** Whether the chamber holds exactly that. */
export async function holds(chamber: Chamber, state: ReadonlyMap<string, Uint8Array>): Promise<boolean> {
  if ((await chamber.list()).join() !== [...state.keys()].sort().join()) return false
  for (const [key, expected] of state) {
    const bytes = await chamber.retrieve(key)
    if (!bytes || Buffer.compare(bytes, expected) !== 0) return false
  }
  return true
}

function keyOf(i: number): string {
  return `key ${(i * 7) % 10}`
}

function contentOf(i: number): Uint8Array | undefined {
  return i % 7 === 6 ? undefined : seededBytes(i, 10 + ((i * 997) % 40_000))
}
