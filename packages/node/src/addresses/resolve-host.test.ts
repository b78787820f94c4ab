import { isSttError } from '@stt/errors'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { deferred } from '../queues/deferred.ts'
import { type LookUp, resolveHost } from './resolve-host.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A name server that answers for each family when the test says so. */
function nameServer() {
  const answers = { 4: deferred<readonly string[]>(), 6: deferred<readonly string[]>() }
  const asked: [string, 4 | 6][] = []
  const lookUp: LookUp = (host, family) => {
    asked.push([host, family])
    return answers[family].promise
  }
  const more: (readonly string[])[] = []
  return { answers, asked, more, found: resolveHost('a.example', ips => more.push(ips), lookUp) }
}

test('both families are asked at once, and IPv4 comes first whichever answers first', async () => {
  const { answers, asked, found, more } = nameServer()
  expect(asked).toEqual([
    ['a.example', 4],
    ['a.example', 6],
  ])
  answers[6].resolve(['2001:db8::1'])
  await vi.advanceTimersByTimeAsync(49)
  answers[4].resolve(['192.0.2.1', '192.0.2.2'])
  expect(await found).toEqual(['192.0.2.1', '192.0.2.2', '2001:db8::1'])
  expect([more, vi.getTimerCount()]).toEqual([[], 0])
})

test('a slow family delays nothing after 50 ms, and its addresses are told later', async () => {
  const { answers, found, more } = nameServer()
  answers[4].resolve(['192.0.2.1'])
  await vi.advanceTimersByTimeAsync(50)
  expect(await found).toEqual(['192.0.2.1'])
  answers[6].resolve(['2001:db8::1'])
  await vi.advanceTimersByTimeAsync(0)
  expect(more).toEqual([['2001:db8::1']])
})

test('an answer of one family is enough, whenever the other one fails', async () => {
  const { answers, found, more } = nameServer()
  answers[6].reject(new Error('no AAAA'))
  answers[4].resolve(['192.0.2.1'])
  expect(await found).toEqual(['192.0.2.1'])
  const late = nameServer()
  late.answers[4].resolve(['192.0.2.1'])
  await vi.advanceTimersByTimeAsync(50)
  await late.found
  late.answers[6].reject(new Error('timed out'))
  await vi.advanceTimersByTimeAsync(0)
  expect([more, late.more]).toEqual([[], []])
})

test('the error says what to look at when no family has an answer', async () => {
  const { answers, found } = nameServer()
  const cause = new Error('ENOTFOUND')
  answers[4].reject(cause)
  answers[6].reject(new Error('ENODATA'))
  const error = await found.catch((reason: unknown) => reason)
  expect(isSttError(error, 'STT_CONNECT_FAILED') && error.message).toContain('a.example could not be resolved')
  expect((error as Error).cause).toBe(cause)
})

test('no resolver is asked about an address or localhost', async () => {
  const nobody: LookUp = () => Promise.reject(new Error('asked'))
  const found = (host: string) => resolveHost(host, () => {}, nobody)
  expect(await found('192.0.2.1')).toEqual(['192.0.2.1'])
  expect(await found('2001:db8::1')).toEqual(['2001:db8::1'])
  expect(await found('LOCALHOST.')).toEqual(['127.0.0.1', '::1'])
})
