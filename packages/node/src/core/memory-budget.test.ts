import { expect, test, vi } from 'vitest'
import { type HeldMemory, MemoryBudget } from './memory-budget.ts'

const MIB = 1024 * 1024

/** A session that holds what it is told to. */
const session = (packets: number, streams: number) => ({
  engine: { bytesHeld: packets },
  streams: { heldBytes: streams, mayGrow: true, size: 0 },
  datagramBytes: () => 0,
  end: vi.fn(),
})

function counted(budget: MemoryBudget, held: HeldMemory): HeldMemory {
  budget.add(held)
  budget.count(held)
  return held
}

test('the bytes that sessions hold are added up through every change, until the sessions are gone', () => {
  const budget = new MemoryBudget(8 * MIB)
  const first = session(100, 1_000)
  counted(budget, first)
  const second = session(0, 5)
  counted(budget, second)
  expect(budget.held).toBe(1_105)
  first.streams.heldBytes = 10
  budget.count(first)
  expect(budget.held).toBe(115)
  // What the application has not read of a session that has ended stays counted until it has.
  budget.release(first)
  budget.count(first)
  expect(budget.held).toBe(15)
  first.streams.heldBytes = 4
  expect(budget.held).toBe(9)
  first.streams.heldBytes = 0
  expect(budget.held).toBe(5)
  second.streams.heldBytes = 0
  budget.release(second)
  expect(budget.held).toBe(0)
})

test('from three quarters of the limit on no window of any session grows until there is room again', () => {
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

test('above the limit nobody gets room, at the limit somebody does', () => {
  const budget = new MemoryBudget(8 * MIB)
  const only = session(0, 8 * MIB)
  counted(budget, only)
  expect(budget.isFull).toBe(false)
  only.engine.bytesHeld = 1
  budget.count(only)
  expect(budget.isFull).toBe(true)
  budget.release(only)
  expect(budget.isFull).toBe(false)
})

test('datagrams that nobody took count, and so do open streams', () => {
  const budget = new MemoryBudget(8 * MIB)
  const only = session(0, 0)
  only.datagramBytes = () => 500
  counted(budget, only)
  expect(budget.held).toBe(500)
  only.streams.size = 100
  budget.count(only)
  expect(budget.held).toBeGreaterThan(100 * 2_048)
})

test('an eighth above the limit the session that holds most is ended, and no other', () => {
  const budget = new MemoryBudget(8 * MIB)
  const [small, large, middle] = [session(0, 2 * MIB), session(0, 4 * MIB), session(0, 3 * MIB)]
  for (const each of [small, large, middle]) counted(budget, each)
  expect(large.end).not.toHaveBeenCalled()
  small.streams.heldBytes++
  budget.count(small)
  expect(large.end).toHaveBeenCalledOnce()
  expect([small.end, middle.end].map(end => end.mock.calls.length)).toEqual([0, 0])
  expect(budget.held).toBe(5 * MIB + 1)
  // What is left of it until it is gone is no reason to end another.
  large.streams.heldBytes = 9 * MIB
  budget.count(large)
  expect(budget.held).toBe(5 * MIB + 1)
})
