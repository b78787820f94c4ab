import { Seed, type Session, type STTNode } from '@stt/node'
import { findNginx, findRedis, startBalancer, startNginx, TestRedis } from '@stt/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Conversation, CROWD, dialerAt, echo, Fleet, nodeAt } from '../test/fleet.ts'

const [program, nginx] = [findRedis(), findNginx()]
const isThere = program !== undefined && nginx !== undefined
const LISTENERS = 1_000
const SESSIONS = 10
/** Milliseconds that circuits are given. */
const DRAIN = 5_000

// spec: STT-RLY-18
describe.skipIf(!isThere)(
  isThere ? 'a rolling restart' : 'a rolling restart: SKIPPED, redis-server or nginx is missing',
  () => {
    test('of three instances with 1,000 listeners: no session ends, and no second sees a fifth of those who come back', async () => {
      const redis = await TestRedis.start(program!)
      onTestFinished(() => redis.stop())
      let taken: readonly number[] = []
      const fleet = await Fleet.start({
        redis: redis.url,
        front: async ports => {
          const proxy = await startNginx(nginx!, ports.map(port => `ws://127.0.0.1:${port}`)) // biome-ignore format: one line
          onTestFinished(() => proxy.stop())
          // In front of it, to count the connections.
          const counter = await startBalancer([Number(new URL(proxy.plain).port)])
          onTestFinished(() => counter.close())
          taken = counter.taken
          return {
            url: `ws://127.0.0.1:${counter.port}/stt`,
            own: index => `ws://127.0.0.1:${counter.port}/stt/${index}`,
          }
        },
        options: { limits: CROWD },
      })
      const seed = Seed.generate()
      // Their records are another matter, and would be among the connections that are counted.
      const options = { discovery: { registry: false }, paths: { relay: 'only', detached: 60_000 } } as const
      const nodes: STTNode[] = []
      for (let i = 0; i < LISTENERS; i += 50) {
        nodes.push(...(await Promise.all(Array.from({ length: 50 }, () => nodeAt(seed, fleet.url, options)))))
      }
      await expect.poll(() => fleet.sum(each => each.listeners)).toBe(LISTENERS)
      const ended: unknown[] = []
      const conversations: Conversation[] = []
      for (const node of nodes.slice(0, SESSIONS)) {
        void echo(node)
        const session: Session = await (await dialerAt(seed, fleet.url, options)).connect({ peer: node.id })
        void session.closed.then(reason => ended.push(reason))
        conversations.push(new Conversation(session))
      }

      const before = taken.length
      for (const index of [0, 1, 2]) {
        await fleet.restart(index, DRAIN)
        // As an operator does, the test waits until the listeners of this one are back before it restarts the next.
        await expect.poll(() => fleet.sum(each => each.listeners), { timeout: 60_000, interval: 200 }).toBe(LISTENERS)
      }
      const moments = taken.slice(before)
      const seconds = new Map<number, number>()
      for (const moment of moments) {
        const second = Math.floor((moment - moments[0]!) / 1_000)
        seconds.set(second, (seconds.get(second) ?? 0) + 1)
      }
      const most = Math.max(...seconds.values())
      console.log(`rolling restart: ${moments.length} connections in ${seconds.size} seconds, at most ${most} in one`)
      expect(moments.length).toBeGreaterThanOrEqual(LISTENERS)
      expect(most / moments.length).toBeLessThanOrEqual(0.2)
      // Most came back at their first attempt.
      expect(moments.length).toBeLessThan(3 * LISTENERS)

      // All go on: what is said now comes back.
      const blocks = conversations.map(each => each.blocks)
      await expect
        .poll(() => conversations.every((each, i) => each.blocks > blocks[i]!), { timeout: 60_000 })
        .toBe(true)
      expect(ended).toEqual([])
      await Promise.all(conversations.map(each => each.end()))
      expect(fleet.sum(each => each.faults)).toBe(0)
    })
  },
)
