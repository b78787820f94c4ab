import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from '@redis/client'
import { Seed, type STTNode } from '@stt/node'
import { findRedis, startSlowProxy, TestRedis } from '@stt/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Conversation, CROWD, dialerAt, echo, Fleet, nodeAt } from '../test/fleet.ts'

const program = findRedis()

interface Outage {
  readonly name: string
  readonly begin: (redis: TestRedis, control: Control) => Promise<unknown>
  readonly end: (redis: TestRedis, control: Control) => Promise<unknown>
  /** Part of the message for the operator. */
  readonly says: RegExp
  /** Milliseconds. */
  readonly lasts: number
}

const SECRET = 'topsecret'

type Control = (...words: string[]) => Promise<unknown>

const OUTAGES: readonly Outage[] = [
  {
    name: 'killed for 60 s, and back with nothing',
    begin: redis => redis.kill(),
    end: redis => redis.start(['--requirepass', SECRET]),
    says: /is not there \(ECONNREFUSED\): start it/,
    lasts: 60_000,
  },
  {
    name: 'read-only',
    begin: (_, control) => control('REPLICAOF', '127.0.0.1', '1'),
    end: (_, control) => control('REPLICAOF', 'NO', 'ONE'),
    says: /is read-only, a replica: give the primary, or make this one it/,
    lasts: 3_000,
  },
  {
    name: 'full',
    begin: (_, control) => control('CONFIG', 'SET', 'maxmemory', '1'),
    end: (_, control) => control('CONFIG', 'SET', 'maxmemory', '0'),
    says: /is full: raise its maxmemory/,
    lasts: 3_000,
  },
  {
    name: 'of another password',
    begin: async (_, control) => {
      await control('CONFIG', 'SET', 'requirepass', 'another')
      await control('CLIENT', 'KILL', 'TYPE', 'pubsub')
      await control('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    },
    end: (_, control) => control('CONFIG', 'SET', 'requirepass', SECRET),
    says: /does not take the user and password of the URL: correct them/,
    lasts: 3_000,
  },
]

// engine-away of the scenarios, and what else a Redis may do.
// spec: STT-RLY-39
describe.skipIf(!program)(program ? 'a Redis that is' : 'outages: SKIPPED, there is no redis-server', () => {
  test.each(OUTAGES)(
    '$name: circuits go on, instances work alone and say why, and all is known again within 60 s',
    async outage => {
      const redis = await TestRedis.start(program!, ['--requirepass', SECRET])
      onTestFinished(() => redis.stop())
      const fleet = await Fleet.start({ redis: redis.url.replace('//', `//:${SECRET}@`), options: { limits: CROWD } })
      const seed = Seed.generate()
      const here = await nodeAt(seed, fleet.own(0))
      void echo(here)
      await found(seed, here, fleet.own(1))
      const session = await (await dialerAt(seed, fleet.own(0))).connect({ peer: here.id })
      const conversation = new Conversation(session)

      const control = await controlOf(redis)
      await outage.begin(redis, control)
      const began = performance.now()
      // Load: a node comes, is dialed at its instance, and leaves, again and again; another node stays.
      const staying = await nodeAt(seed, fleet.own(0))
      void echo(staying)
      let dials = 0
      while (performance.now() - began < outage.lasts) {
        const coming = await nodeAt(seed, fleet.own(dials % 3))
        void echo(coming)
        await found(seed, coming, fleet.own(dials % 3))
        await coming.close()
        dials++
      }
      expect(dials).toBeGreaterThan(0)
      await expect.poll(() => fleet.lines.filter(line => outage.says.test(line)).length).toBeGreaterThan(0)
      expect(fleet.lines.every(line => !line.includes(SECRET))).toBe(true)
      expect(fleet.sum(each => Number(each.shared!.isUp))).toBeLessThan(3)
      await outage.end(redis, control)

      const back = performance.now()
      // Another instance finds both again: the node that was there before and the one that came meanwhile. So does the seed alone.
      for (const node of [here, staying]) await foundAgain(seed, node, fleet.own(2))
      const took = performance.now() - back
      console.log(`Redis ${outage.name}: ${dials} dials meanwhile, all known again after ${Math.round(took)} ms`)
      expect(took).toBeLessThan(60_000)
      await expect.poll(() => fleet.sum(each => Number(each.shared!.isUp))).toBe(3)
      await conversation.end()
      expect(conversation.blocks).toBeGreaterThan(0)
      expect(session.path).toMatchObject({ relayed: true })
      expect(fleet.sum(each => each.faults)).toBe(0)
    },
  )

  test('slow, by 2 s: it is waited for, and all works', async () => {
    const redis = await TestRedis.start(program!)
    onTestFinished(() => redis.stop())
    const proxy = await startSlowProxy(redis.port)
    onTestFinished(() => proxy.close())
    const fleet = await Fleet.start({ redis: `redis://127.0.0.1:${proxy.port}` })
    const seed = Seed.generate()
    const here = await nodeAt(seed, fleet.own(0))
    void echo(here)
    const conversation = new Conversation(await found(seed, here, fleet.own(0)))
    proxy.delay = 2_000
    const coming = await nodeAt(seed, fleet.own(0))
    void echo(coming)
    await found(seed, coming, fleet.own(0))
    // By another instance too: Redis is asked, and answers late.
    await found(seed, coming, fleet.own(1))
    expect(fleet.sum(each => Number(each.shared!.isUp))).toBe(3)
    await conversation.end()
  })

  test('slower than it may be: the connection is made anew, and says so', async () => {
    const redis = await TestRedis.start(program!)
    onTestFinished(() => redis.stop())
    const fleet = await Fleet.start({ redis: redis.url })
    const control = await controlOf(redis)
    await control('CLIENT', 'PAUSE', '6000', 'ALL')
    const seed = Seed.generate()
    const coming = await nodeAt(seed, fleet.own(0))
    void echo(coming)
    await found(seed, coming, fleet.own(0))
    await expect
      .poll(() => fleet.lines.filter(line => /did not answer within 2500 ms/.test(line)).length)
      .toBeGreaterThan(0)
    await foundAgain(seed, coming, fleet.own(1))
    expect(fleet.sum(each => each.faults)).toBe(0)
  })
})

async function controlOf(redis: TestRedis): Promise<Control> {
  const url = redis.url.replace('//', `//:${SECRET}@`)
  const client = createClient({ url, socket: { reconnectStrategy: false } })
  client.on('error', () => {})
  try {
    await client.connect()
  } catch {
    // It has no password.
    return controlWithout(redis)
  }
  onTestFinished(() => client.destroy())
  return (...words) => client.sendCommand(words)
}

async function controlWithout(redis: TestRedis): Promise<Control> {
  const client = createClient({ url: redis.url })
  client.on('error', () => {})
  await client.connect()
  onTestFinished(() => client.destroy())
  return (...words) => client.sendCommand(words)
}

/** A session to a node through a relay. */
async function found(seed: Seed, node: STTNode, relay: string) {
  const dialer = await dialerAt(seed, relay)
  const session = await dialer.connect({ peer: node.id })
  expect(session.peer.id).toEqual(node.id)
  return session
}

/** The same, tried until it works. */
async function foundAgain(seed: Seed, node: STTNode, relay: string): Promise<void> {
  const dialer = await dialerAt(seed, relay)
  for (;;) {
    try {
      const session = await dialer.connect({ peer: node.id })
      await session.close()
      return
    } catch {
      await delay(250)
    }
  }
}
