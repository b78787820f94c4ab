import { inspect } from 'node:util'
import { freePort } from '@stt/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bulk, FakeRedis } from '../test/fake-redis.ts'
import { openRedisStore, type RedisRelayStore } from './redis-store.ts'

const HERE = 'ws://127.0.0.1:1/'
const names = [{ mailbox: new Uint8Array(32), owner: new Uint8Array(16) }]
const presence = { type: 'presence', names, instance: HERE, isHere: true, seconds: 90 } as const

async function opened(
  options = {},
): Promise<{ fake: FakeRedis; store: RedisRelayStore; states: (string | undefined)[] }> {
  const fake = await FakeRedis.start()
  onTestFinished(() => fake.close())
  const store = await openRedisStore(`redis://user:topsecret@127.0.0.1:${fake.port}`, options)
  onTestFinished(() => store.close())
  const states: (string | undefined)[] = []
  store.watch(HERE, { onNews: () => {}, onState: problem => states.push(problem?.message) })
  await expect.poll(() => states).toEqual([undefined])
  return { fake, store, states }
}

describe('what a Redis answers', () => {
  test.each([
    ['a URL', bulk(`${'o'.repeat(16)}wss://relay.example/b`), 'wss://relay.example/b'],
    ['nothing', '_\r\n', undefined],
    ['an owner alone', bulk('o'.repeat(16)), undefined],
    ['too much', bulk('o'.repeat(529)), undefined],
    ['a number', ':7\r\n', undefined],
    ['a list', `*1\r\n${bulk('o'.repeat(40))}`, undefined],
  ])('for a name: %s', async (_name, answer, url) => {
    const { fake, store } = await opened()
    fake.answer = () => answer
    expect(await store.get([new Uint8Array(32)])).toBe(url)
  })

  const wrong = '-WRONGTYPE Operation against a key holding the wrong kind of value\r\n'
  test.each([
    ['finds who listens under another one', bulk(`${'o'.repeat(16)}wss://relay.example/b`), 'wss://relay.example/b'],
    ['is an error where no other one leads anywhere', '_\r\n', undefined],
  ])('for a name of another type: it %s', async (_name, other, url) => {
    const { fake, store } = await opened()
    fake.answer = ([, key]) => (key?.endsWith('\x01') ? wrong : other)
    const found = store.get([new Uint8Array(32).fill(1), new Uint8Array(32)])
    if (url) expect(await found).toBe(url)
    else await expect(found).rejects.toMatchObject({ details: { reason: 'WRONGTYPE' } })
  })

  const slot = 's'.repeat(16)
  test.each([
    ['a record', `*2\r\n${bulk(slot)}${bulk(`\0${'b'.repeat(544)}`)}`, 1],
    ['an address that is longer than all', `*2\r\n${bulk(slot)}${bulk('\xff')}`, 0],
    ['a record of another size', `*2\r\n${bulk(slot)}${bulk(`\0${'b'.repeat(545)}`)}`, 0],
    ['a slot of another size', `*2\r\n${bulk('s')}${bulk(`\0${'b'.repeat(544)}`)}`, 0],
    ['numbers', '*2\r\n:1\r\n:2\r\n', 0],
    ['half of one', `*1\r\n${bulk(slot)}`, 0],
  ])('for a topic: %s', async (_name, answer, count) => {
    const { fake, store } = await opened()
    fake.answer = () => answer
    expect(await store.members(new Uint8Array(32))).toHaveLength(count)
  })

  test.each<[string, string, (store: RedisRelayStore) => Promise<unknown>]>([
    ['a topic that is no list', '+OK\r\n', store => store.members(new Uint8Array(32))],
    ['a topic of 65', `*130\r\n${':1\r\n'.repeat(130)}`, store => store.members(new Uint8Array(32))],
    ['fewer names than were put', '*0\r\n', store => store.put(presence)],
    [
      'no number of shares',
      bulk('many'),
      store => store.count({ kind: 'circuits', address: 'a', member: new Uint8Array(12), seconds: 90, most: 1 }),
    ],
  ])('%s is an error that says what to do', async (_name, answer, call) => {
    const { fake, store } = await opened()
    fake.answer = () => answer
    await expect(call(store)).rejects.toMatchObject({
      code: 'STT_RELAY_STORE',
      message: expect.stringContaining('a prefix, of their own'),
    })
    expect(store.getStatistics().failures).toBe(0)
  })

  test('an error of any length: a line is said of it', async () => {
    const { fake, store } = await opened()
    fake.answer = () => `-${'A'.repeat(1_000_000)} is no word of a Redis\r\n`
    const error = await store.get([new Uint8Array(32)]).catch((cause: unknown) => cause)
    expect(error).toMatchObject({ code: 'STT_RELAY_STORE' })
    expect(inspect(error).length).toBeLessThan(5_000)
  })

  test('on a channel: what has the size and type of news, and nothing else', async () => {
    const { fake, store } = await opened()
    const heard: unknown[] = []
    store.watch(HERE, { onNews: news => heard.push(news), onState: () => {} })
    for (const message of ['', 'c', `c${'x'.repeat(33)}`, `x${'x'.repeat(32)}`, `m${'y'.repeat(32)}`])
      fake.push(`stt:i:${HERE}`, message)
    await expect.poll(() => heard.length).toBe(1)
    expect(heard).toEqual([{ type: 'moved', mailbox: new Uint8Array(32).fill(0x79) }])
  })
})

describe('a Redis that does not work', () => {
  test.each([
    ['READONLY You cannot write against a read only replica.', 'is read-only'],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'is full: raise its maxmemory'],
    ['MISCONF Redis is configured to save', 'cannot save to its disk'],
  ])('and says %j: that is how it is until it takes something', async (answer, told) => {
    const { fake, store, states } = await opened()
    fake.answer = () => `-${answer}\r\n`
    await expect(store.put(presence)).rejects.toMatchObject({
      code: 'STT_RELAY_STORE',
      message: expect.stringContaining(told),
    })
    expect(states).toEqual([undefined, expect.stringContaining(told)])
    // The store asks Redis by itself, without a call.
    fake.answer = () => '+OK\r\n'
    await expect.poll(() => states.length).toBe(3)
    expect([states.at(-1), store.problem]).toEqual([undefined, undefined])
  })

  test('and is silent: the connection is made anew, and what was asked is refused', async () => {
    const { fake, store, states } = await opened({ timeout: 200 })
    fake.answer = () => undefined
    await expect(store.get([new Uint8Array(32)])).rejects.toMatchObject({ details: { reason: 'timeout' } })
    await expect.poll(() => states.at(-1)).toBeUndefined()
    expect(states).toEqual([undefined, expect.stringContaining('did not answer within 200 ms'), undefined])
    expect(store.getStatistics().connections).toBe(2)
  })

  test('shows no user or password, in errors or elsewhere', async () => {
    const port = await freePort()
    const store = await openRedisStore(`redis://user:topsecret@127.0.0.1:${port}`)
    onTestFinished(() => store.close())
    const error: unknown = await store.put(presence).catch((cause: unknown) => cause)
    expect(error).toMatchObject({
      code: 'STT_RELAY_STORE',
      message: expect.stringContaining(`redis://127.0.0.1:${port} is not there (ECONNREFUSED): start it`),
    })
    const shown =
      inspect([error, store, store.problem], { depth: 9, showHidden: true }) + JSON.stringify([error, store])
    expect(shown).not.toMatch(/topsecret|user:/)
  })
})

test.each([
  'http://topsecret@127.0.0.1',
  'redis://',
  'topsecret',
  'redis://:topsecret@h/x',
  'redis://h?topsecret',
  'redis://u:%topsecret@h',
  7 as never,
])('%j is no Redis, and is not repeated', async url => {
  const error = (await openRedisStore(url).catch((cause: unknown) => cause)) as Error
  expect(error).toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
  expect(error.message).not.toContain('topsecret')
})

test.each([[{ prefix: 'a b' }], [{ prefix: 'a'.repeat(65) }], [{ timeout: 0 }], [{ timeuot: 100 } as never]])(
  'options %j are refused',
  async options => {
    await expect(openRedisStore('redis://127.0.0.1:1', options)).rejects.toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
  },
)
