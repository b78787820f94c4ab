import { createClient, RESP_TYPES } from '@redis/client'
import { type RelayStoreSubject, relayStoreRules } from '@stt/relay/testing'
import { findRedis, TestRedis } from '@stt/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { openRedisStore } from '../src/redis-store.ts'

const program = findRedis()

describe.skipIf(!program)(
  program ? 'a Redis' : 'a Redis: SKIPPED, there is no redis-server (apt-get install redis-server)',
  () => {
    let redis: TestRedis
    let client: Awaited<ReturnType<typeof connected>>
    beforeAll(async () => {
      redis = await TestRedis.start(program!)
      client = await connected(redis.url)
    })
    afterAll(async () => {
      client.destroy()
      await redis.stop()
    })
    beforeEach(() => client.flushAll())

    const open = async (): Promise<RelayStoreSubject> => {
      const store = await openRedisStore(redis.url)
      onTestFinished(() => store.close())
      return { store, advance: seconds => advance(client, seconds) }
    }

    const statistic = async (name: string): Promise<number> => {
      const text = String(await client.sendCommand(['INFO', 'everything']))
      return Number(new RegExp(`^${name}[:=](\\d+)`, 'm').exec(text)?.[1])
    }

    for (const rule of relayStoreRules) test(`a store ${rule.name}`, () => rule.check(open))

    test('every key ends by itself, within 300 s', async () => {
      let count = 0
      for (const rule of relayStoreRules) {
        await client.flushAll()
        await rule.check(open)
        for (const key of await client.keys('*')) {
          const left = await client.ttl(key)
          expect([left > 0, left <= 300], `${rule.name}: ${key} ends in ${left} s`).toEqual([true, true])
          count++
        }
      }
      expect(count).toBeGreaterThan(300)
    })

    test('the next call works after the scripts were removed', async () => {
      const { store } = await open()
      const share = { kind: 'listeners', address: 'a', member: new Uint8Array(12), seconds: 90, most: 9 } as const
      expect(await store.count(share)).toBe(1)
      await client.sendCommand(['SCRIPT', 'FLUSH'])
      expect(await store.count({ ...share, member: new Uint8Array(12).fill(1) })).toBe(2)
    })

    test('of values that other programs wrote, only those of the right form are taken, and no more of them than that', async () => {
      const { store } = await open()
      const [mailbox, topic] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
      const name = Buffer.concat([Buffer.from('stt:m:'), mailbox])
      const owner = Buffer.alloc(16, 7)
      for (const value of [
        Buffer.alloc(0),
        Buffer.alloc(15, 1),
        owner,
        Buffer.alloc(529, 0x61),
        Buffer.alloc(10_000_000, 0x61),
      ]) {
        await client.set(name, value)
        expect(await store.get([mailbox])).toBeUndefined()
      }
      // What is no owner's is free.
      const names = [{ mailbox, owner }]
      const put = { type: 'presence', names, instance: 'ws://127.0.0.1:1/', isHere: true, seconds: 90 } as const
      expect(await store.put(put)).toEqual([true])
      await client.del(name)
      await client.rPush(name, 'a list')
      await expect(store.get([mailbox])).rejects.toMatchObject({
        code: 'STT_RELAY_STORE',
        message: expect.stringContaining('a prefix, of their own'),
      })
      // Of two names the other one is found all the same, and a node that listens under both gets both.
      const other = Buffer.alloc(32, 3)
      const both = { ...put, names: [...names, { mailbox: other, owner }] }
      await store.put({ ...put, names: both.names.slice(1) })
      expect(await store.get([mailbox, other])).toBe(put.instance)
      expect(await store.put(both)).toEqual([true, true])
      expect(await store.get([mailbox])).toBe(put.instance)

      const record = (slot: Buffer): Buffer => Buffer.concat([Buffer.from('stt:r:'), topic, slot])
      const slots = Array.from({ length: 200 }, (_, i) => Buffer.alloc(16, i))
      await client.zAdd(
        Buffer.concat([Buffer.from('stt:t:'), topic]),
        slots.map((value, score) => ({ value, score })),
      )
      const blob = Buffer.alloc(544, 5)
      const values = [
        Buffer.concat([Buffer.of(1, 0x61), blob]),
        Buffer.concat([Buffer.of(0), blob, Buffer.of(1)]),
        Buffer.of(255),
        Buffer.alloc(1_000_000),
      ]
      for (const [i, slot] of slots.entries()) await client.set(record(slot), values[i % 4]!)
      const members = await store.members(topic)
      expect(members).toHaveLength(16)
      expect(members.every(each => each.blob.length === 544 && each.blob[0] === 5)).toBe(true)
      // Messages of other sizes and types are none.
      const heard: unknown[] = []
      const stop = store.watch('ws://127.0.0.1:1/', { onNews: news => heard.push(news), onState: () => {} })
      await store.put({ ...put, names: [{ mailbox: Buffer.alloc(32, 9), owner }] })
      for (const message of ['', 'c', `c${'x'.repeat(33)}`, `x${'x'.repeat(32)}`, `m${'y'.repeat(32)}`]) {
        await client.publish('stt:i:ws://127.0.0.1:1/', message)
      }
      await expect.poll(() => heard.length).toBe(1)
      expect(heard).toMatchObject([{ type: 'moved' }])
      stop()
    })

    test('a topic that no relay wrote is not read through, and gives way to one of a relay', async () => {
      const { store } = await open()
      const topic = Buffer.alloc(32, 2)
      const listed = Buffer.concat([Buffer.from('stt:t:'), topic])
      // Malformed slots are not sent to the relay that asks.
      const long = Array.from({ length: 8 }, (_, i) => Buffer.alloc(1_000_000, i))
      for (const [score, value] of long.entries()) {
        await client.zAdd(listed, { score, value })
        await client.set(Buffer.concat([Buffer.from('stt:r:'), topic, value]), Buffer.alloc(545))
      }
      const before = await statistic('total_net_output_bytes')
      expect(await store.members(topic)).toEqual([])
      expect((await statistic('total_net_output_bytes')) - before).toBeLessThan(100_000)
      await client.flushAll()
      for (let i = 0; i < 1_000; i++) {
        await client.zAdd(listed, { score: i, value: `foreign ${i}` })
        await client.set(Buffer.concat([Buffer.from('stt:r:'), topic, Buffer.from(`foreign ${i}`)]), 'garbage')
      }
      await client.configResetStat()
      const slot = Buffer.alloc(16, 3)
      const put = { type: 'record', topic, slot, blob: Buffer.alloc(544), seconds: 90, address: 'a', most: 9, isAgain: false } as const // biome-ignore format: one line
      expect(await store.put(put)).toEqual([true])
      expect(await statistic('cmdstat_getrange:calls')).toBeLessThan(10)
      expect((await store.members(topic)).map(each => [...each.slot])).toEqual([[...slot]])
    })

    test('a value of another type costs only its own key', async () => {
      const store = await openRedisStore(redis.url)
      onTestFinished(() => store.close())
      const [topic, addresses] = [Buffer.alloc(32, 2), 'stt:a:']
      const listed = Buffer.concat([Buffer.from('stt:t:'), topic])
      const key = (slot: number): Buffer => Buffer.concat([Buffer.from('stt:r:'), topic, Buffer.alloc(16, slot)])
      const put = (slot: number, given = {}): Promise<readonly boolean[]> => {
        const record = { slot: Buffer.alloc(16, slot), blob: Buffer.alloc(544), seconds: 90, address: 'a', ...given }
        return store.put({ type: 'record', topic, most: 100, isAgain: false, ...record })
      }
      const slots = async (): Promise<number[]> => (await store.members(topic)).map(({ slot }) => slot[0]!)
      const spoil = async (name: string | Buffer): Promise<void> => {
        await client.del(name)
        await client.rPush(name, 'a list')
      }
      // A record: the others of its topic are given, and counted in a full one.
      for (let i = 0; i < 64; i++) await put(i)
      await spoil(key(7))
      expect(await slots()).toHaveLength(63)
      expect(await put(64)).toEqual([true])
      expect(await put(7, { address: 'b' })).toEqual([true])
      expect((await slots()).length).toBe(64)
      // What an address has: its records are kept, moved and taken out.
      for (const address of ['a', 'b']) await spoil(addresses + address)
      expect(await put(7, { address: 'c' })).toEqual([true])
      expect(await put(8)).toEqual([true])
      expect(await put(9, { seconds: 0 })).toEqual([true])
      expect(await slots()).toContain(8)
      expect(await slots()).not.toContain(9)
      // A topic: it begins anew with what is put next.
      await spoil(listed)
      expect(await put(9, { seconds: 0 })).toEqual([true])
      expect(await put(10)).toEqual([true])
      expect(await put(65)).toEqual([true])
      expect(await slots()).toEqual([10, 65])
      expect(store.problem).toBeUndefined()
    })

    test('relays with another prefix share nothing with these', async () => {
      const [one, other] = [await openRedisStore(redis.url), await openRedisStore(redis.url, { prefix: 'other:' })]
      const names = [{ mailbox: new Uint8Array(32), owner: new Uint8Array(16) }]
      await one.put({ type: 'presence', names, instance: 'ws://127.0.0.1:1/', isHere: true, seconds: 90 })
      expect([await one.get([names[0]!.mailbox]), await other.get([names[0]!.mailbox])]).toEqual([
        'ws://127.0.0.1:1/',
        undefined,
      ])
      for (const each of [one, other]) each.close()
    })
  },
)

async function connected(url: string) {
  const client = createClient({ url, RESP: 3, commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } } })
  return client.connect()
}

/** As if time had passed: each key ends sooner by that, and so does what a share's score says. */
async function advance(client: Awaited<ReturnType<typeof connected>>, seconds: number): Promise<void> {
  for (const key of await client.keys('*')) {
    if (await client.pExpire(key, (await client.pTTL(key)) - seconds * 1_000)) {
      if (!/^stt:[lca]:/.test(String(key))) continue
      for (const member of await client.zRange(key, 0, -1)) await client.zIncrBy(key, -seconds * 1_000, member)
    }
  }
}
