import { Seed } from '@stt/node'
import { findNginx, findRedis, startNginx, TestRedis } from '@stt/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Conversation, dialerAt, echo, Fleet, nodeAt } from '../test/fleet.ts'

const [program, nginx] = [findRedis(), findNginx()]
const isThere = program !== undefined && nginx !== undefined

// spec: STT-RLY-36 STT-RLY-37
describe.skipIf(!isThere)(
  isThere ? 'nginx' : 'nginx before instances: SKIPPED, nginx or redis-server is missing',
  () => {
    test('in front of three instances, which it takes in turn: nodes are found and reached wherever they come to', async () => {
      const redis = await TestRedis.start(program!)
      onTestFinished(() => redis.stop())
      const seed = Seed.generate()
      const { access } = seed.deriveRendezvousKeys()
      const fleet = await Fleet.start({
        redis: redis.url,
        front: async ports => {
          const proxy = await startNginx(nginx!, ports.map(port => `ws://127.0.0.1:${port}`)) // biome-ignore format: one line
          onTestFinished(() => proxy.stop())
          return { url: `${proxy.plain}/stt`, own: index => `${proxy.plain}/stt/${index}` }
        },
        options: { keys: [access] },
      })
      const nodes = await Promise.all(Array.from({ length: 6 }, () => nodeAt(seed, fleet.url)))
      for (const node of nodes) void echo(node)
      for (const node of nodes) {
        const session = await (await dialerAt(seed, fleet.url)).connect({ peer: node.id })
        expect(session.path).toMatchObject({ relayed: true })
        const conversation = new Conversation(session, 65_536)
        await expect.poll(() => conversation.blocks).toBeGreaterThan(5)
        await conversation.end()
      }
      const found = await (await dialerAt(seed, fleet.url)).connect()
      expect(nodes.map(({ id }) => String(id))).toContain(String(found.peer.id))
      // All three had their share, and none of it was luck: some were sent from one to another.
      const connections = fleet.relays.map(relay => relay.getStatistics().connections)
      expect(Math.min(...connections)).toBeGreaterThan(0)
      expect(fleet.sum(each => each.refused.elsewhere)).toBeGreaterThan(0)
      expect(fleet.sum(each => each.refused.nobody + each.refused.auth + each.faults)).toBe(0)
    })
  },
)
