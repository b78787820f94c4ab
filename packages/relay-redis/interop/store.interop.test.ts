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

    test('the next call works where somebody took its scripts away', async () => {
      const { store } = await open()
      const share = { kind: 'listeners', address: 'a', member: new Uint8Array(12), seconds: 90, most: 9 } as const
      expect(await store.count(share)).toBe(1)
      await client.sendCommand(['SCRIPT', 'FLUSH'])
      expect(await store.count({ ...share, member: new Uint8Array(12).fill(1) })).toBe(2)
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
