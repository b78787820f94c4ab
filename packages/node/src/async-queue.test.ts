import { SttError } from '@stt/errors'
import { expect, test } from 'vitest'
import { AsyncQueue } from './async-queue.ts'

async function read<T>(queue: AsyncQueue<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of queue) items.push(item)
  return items
}

test('after the end another loop ends at once, whether the first one waited for the end or came to it', async () => {
  const awaited = new AsyncQueue<number>('numbers()')
  const waiting = read(awaited)
  awaited.close()
  expect(await waiting).toEqual([])
  expect(await read(awaited)).toEqual([])

  const ended = new AsyncQueue<number>('numbers()')
  ended.push(1)
  ended.close()
  expect(await read(ended)).toEqual([1])
  expect(await read(ended)).toEqual([])
})

test('after a failure every loop fails with it', async () => {
  const queue = new AsyncQueue<number>('numbers()')
  const failure = new SttError('STT_CLOSED', 'gone')
  const waiting = read(queue)
  queue.close(failure)
  await expect(waiting).rejects.toBe(failure)
  await expect(read(queue)).rejects.toBe(failure)
})

test('a second loop is refused while the first one reads, and let in when the first one is left', async () => {
  const queue = new AsyncQueue<number>('numbers()')
  for (const item of [1, 2, 3]) queue.push(item)
  for await (const item of queue) {
    await expect(read(queue)).rejects.toMatchObject({ code: 'STT_INVALID_STATE' })
    queue.close()
    await expect(read(queue)).rejects.toMatchObject({ code: 'STT_INVALID_STATE' })
    if (item === 2) break
  }
  expect(await read(queue)).toEqual([3])
})
