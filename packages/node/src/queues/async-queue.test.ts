import { SttError } from '@stt/errors'
import { expect, test } from 'vitest'
import { AsyncQueue } from './async-queue.ts'

async function read<T>(queue: AsyncQueue<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of queue) items.push(item)
  return items
}

const END = { done: true, value: undefined }

test('another loop ends at once after the end, whether the first loop waited for the end or came to it', async () => {
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

test('a second loop is refused while the first one reads, and let in when the first one stops', async () => {
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

test('several waiting calls of next get one item each, in their order, and then the end', async () => {
  const queue = new AsyncQueue<number>('numbers()')
  const iterator = queue[Symbol.asyncIterator]()
  const asked = [iterator.next(), iterator.next(), iterator.next(), iterator.next()]
  for (const item of [1, 1]) queue.push(item)
  queue.close()
  expect(await Promise.all(asked)).toEqual([{ done: false, value: 1 }, { done: false, value: 1 }, END, END])
})

test('the call that asked first gets the failure, and the others get the end', async () => {
  const queue = new AsyncQueue<number>('numbers()')
  const iterator = queue[Symbol.asyncIterator]()
  const [first, second] = [iterator.next(), iterator.next()]
  const failure = new SttError('STT_CLOSED', 'gone')
  queue.close(failure)
  await expect(first).rejects.toBe(failure)
  expect(await second).toEqual(END)
})

test('an abandoned call of next takes no item, and the next loop gets it', async () => {
  const queue = new AsyncQueue<number>('numbers()')
  const iterator = queue[Symbol.asyncIterator]()
  const abandoned = iterator.next()
  await iterator.return?.()
  expect(await abandoned).toEqual(END)
  queue.push(1)
  expect(await iterator.next()).toEqual(END)
  const other = queue[Symbol.asyncIterator]()
  // Leaving once more what was left before leaves the other loop alone.
  await iterator.return?.()
  expect(queue.isRead).toBe(true)
  expect(await other.next()).toEqual({ done: false, value: 1 })
})

test('its iterators are iterable', async () => {
  const queue = new AsyncQueue<number>('numbers()')
  for (const item of [1, 2, 3]) queue.push(item)
  queue.close()
  const iterator = queue[Symbol.asyncIterator]()
  await iterator.next()
  const rest: number[] = []
  for await (const item of iterator) rest.push(item)
  expect(rest).toEqual([2, 3])
})

test('waiting items are counted, taken in turn, announced, and can be removed from the middle', () => {
  const taken: number[] = []
  const queue = new AsyncQueue<number>('numbers()', { onTaken: item => void taken.push(item) })
  const places = [1, 2, 3].map(item => queue.push(item)!)
  expect(queue.remove(places[1]!)).toBe(true)
  expect(queue.remove(places[1]!)).toBe(false)
  expect(queue.length).toBe(2)
  expect([queue.shift(), queue.shift(), queue.shift()]).toEqual([1, 3, undefined])
  expect(queue.remove(places[0]!)).toBe(false)
  expect(taken).toEqual([1, 3])
  expect(queue.length).toBe(0)
})
