import { expect, test } from 'vitest'
import { type HeldMemory, MemoryBudget } from './memory-budget.ts'

const MIB = 1024 * 1024

/** A session that holds what it is told to. */
const session = (packets: number, streams: number) => ({
  engine: { bytesHeld: packets },
  streams: { heldBytes: streams, mayGrow: true },
})

function counted(budget: MemoryBudget, held: HeldMemory): HeldMemory {
  budget.add(held)
  budget.count(held)
  return held
}

test('what sessions hold is added up, however it changes, until they are gone', () => {
  const budget = new MemoryBudget(8 * MIB)
  const first = session(100, 1_000)
  counted(budget, first)
  const second = counted(budget, session(0, 5))
  expect(budget.held).toBe(1_105)
  first.streams.heldBytes = 10
  budget.count(first)
  expect(budget.held).toBe(115)
  budget.remove(first)
  budget.remove(first)
  budget.count(first)
  expect(budget.held).toBe(5)
  budget.remove(second)
  expect(budget.held).toBe(0)
})

test('from three quarters on no window grows, in no session, old or new, until there is room again', () => {
  const budget = new MemoryBudget(8 * MIB)
  const sessions = [session(0, 3 * MIB), session(0, 3 * MIB - 1)]
  for (const each of sessions) counted(budget, each)
  expect(sessions.map(({ streams }) => streams.mayGrow)).toEqual([true, true])
  sessions[0]!.streams.heldBytes++
  budget.count(sessions[0]!)
  expect(sessions.map(({ streams }) => streams.mayGrow)).toEqual([false, false])
  const later = session(0, 0)
  counted(budget, later)
  expect(later.streams.mayGrow).toBe(false)
  expect(budget.isFull).toBe(false)

  // A node that stays near the mark does not tell all its sessions at each packet.
  sessions[0]!.streams.heldBytes -= MIB / 2
  budget.count(sessions[0]!)
  expect(later.streams.mayGrow).toBe(false)
  sessions[0]!.streams.heldBytes -= MIB
  budget.count(sessions[0]!)
  expect([...sessions, later].map(({ streams }) => streams.mayGrow)).toEqual([true, true, true])
})

test('above the limit there is room for nobody, at it there is', () => {
  const budget = new MemoryBudget(8 * MIB)
  const only = session(0, 8 * MIB)
  counted(budget, only)
  expect(budget.isFull).toBe(false)
  only.engine.bytesHeld = 1
  budget.count(only)
  expect(budget.isFull).toBe(true)
  budget.remove(only)
  expect(budget.isFull).toBe(false)
})
