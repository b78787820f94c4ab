import { Seed } from '@stt/crypto'
import { createRandom, linkPair, type VirtualTimer } from '@stt/testing'
import { expect, test } from 'vitest'
import { NodeCore } from '../src/core/node-core.ts'
import { policyOf } from '../src/peers/peer-rules.ts'
import { NodeStreamCore } from '../src/stream/node-stream-core.ts'
import { rejection } from './nodes.ts'
import { settled } from './session-pair.ts'
import { WALL_START } from './virtual-nodes.ts'

test('a dial that is over leaves no timer that keeps the program alive', async () => {
  const { loop, client: link } = linkPair({ seed: 1, kind: 'datagram', toServer: {}, toClient: {} })
  /** Those that hold the program open, as Node's do unless told otherwise. */
  const holding = new Set<unknown>()
  const random = createRandom(1)
  const node = await NodeCore.create(
    { seed: Seed.fromBytes(random.bytes(32)) },
    {
      policyOf,
      createStream: NodeStreamCore.create,
      clock: {
        now: () => loop.now,
        setTimer(callback, delay) {
          const timer = { virtual: loop.after(delay, callback), unref: () => holding.delete(timer) }
          holding.add(timer)
          return timer
        },
        clearTimer(timer) {
          holding.delete(timer)
          loop.cancel((timer as { virtual: VirtualTimer } | undefined)?.virtual)
        },
        afterReads: callback => queueMicrotask(callback),
      },
      entropy: length => random.bytes(length),
      wallClock: () => WALL_START + loop.now,
      openAcceptor: () => Promise.reject(new Error('it does not listen')),
      openLink: async () => ({ link }),
      listener: undefined,
      warn: error => expect.fail(error.message),
    },
  )
  const controller = new AbortController()
  const dialing = rejection(node.connect('udp://10.0.0.1:4433', { signal: controller.signal }))
  await settled()
  expect(node.getStatistics().dialing).toBe(1)
  controller.abort()
  expect(await dialing).toMatchObject({ code: 'STT_ABORTED' })
  await settled()
  expect(holding.size).toBe(0)
})
