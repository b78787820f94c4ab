import { expect, test } from 'vitest'
import { StreamAllowance } from './stream-allowance.ts'
import type { StreamCore } from './stream-core.ts'

test('an allowed stream goes to the call that waits longest, not to one that comes between', async () => {
  let allowed = 0
  const opened: StreamCore[] = []
  const allowance = new StreamAllowance(() => {
    if (opened.length === allowed) return undefined
    opened.push({} as StreamCore)
    return opened.at(-1)
  })
  const order: string[] = []
  const open = (name: string): Promise<unknown> => allowance.open({}, undefined).then(() => order.push(name))
  const waiting = open('first')
  allowed = 1
  const later = open('second')
  allowance.raised(false)
  await waiting
  expect(order).toEqual(['first'])
  allowed = 2
  // One-way streams have an allowance of their own.
  allowance.raised(true)
  expect(opened).toHaveLength(1)
  allowance.raised(false)
  await later
  expect(order).toEqual(['first', 'second'])

  const refused = [open('third'), open('fourth')]
  const failure = new Error('the end')
  allowance.end(failure)
  for (const call of refused) await expect(call).rejects.toBe(failure)
})
