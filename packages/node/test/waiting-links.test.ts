import { Seed } from '@stt/crypto'
import type { Link } from '@stt/frame'
import { createRandom, linkPair, type VirtualTimer } from '@stt/testing'
import { expect, test } from 'vitest'
import type { NodeContext } from '../src/core/node-context.ts'
import { NodeCore } from '../src/core/node-core.ts'
import { acceptLink } from '../src/listen/accept-link.ts'
import { listenerPlugin } from '../src/listen/listener-plugin.ts'
import { NodeStreamCore } from '../src/stream/node-stream-core.ts'
import { hellos } from './hellos.ts'

const seedOf = (name: string): Seed => Seed.fromBytes(createRandom(1).fork(name).bytes(32))
const seed = seedOf('first')

/** A listener in virtual time that lets one HELLO a second begin, and links to it, all from one address prefix. */
async function listener() {
  const pair = linkPair({ seed: 1, kind: 'message' })
  const random = createRandom(1)
  let context: NodeContext | undefined
  const node = await NodeCore.create(
    {
      seed,
      listen: ['ws://10.0.0.1:4433'],
      limits: { handshakesPerPrefix: 1, handshakeTimeout: 10_000 },
    },
    {
      clock: {
        now: () => pair.loop.now,
        setTimer: (callback, delay) => pair.loop.after(delay, callback),
        clearTimer: timer => pair.loop.cancel(timer as VirtualTimer | undefined),
        afterReads: callback => queueMicrotask(callback),
      },
      wallClock: () => 0,
      entropy: length => random.bytes(length),
      listener: listenerPlugin,
      createStream: NodeStreamCore.create,
      async openAcceptor(address, _parsed, its) {
        context = its
        return { address, close: async () => {} }
      },
      openLink: () => {
        throw new Error('nobody dials')
      },
      warn: error => {
        throw error
      },
    },
  )
  /** What the listener's transport was told of a link. */
  const told: string[] = []
  const open = (name: string): Link & { isClosed: boolean } => {
    const { client, server } = pair.another(`ws://192.0.2.1:${name}`)
    const accepted = Object.assign(server, {
      confirm: () => void told.push(`${name} confirmed`),
      refuse: (code: number) => void told.push(`${name} refused ${code}`),
    })
    acceptLink(accepted, context!, { prefixOf: () => '192.0.2.0', patience: 5_000 })
    const link = Object.assign(client, { isClosed: false })
    link.onClose = () => {
      link.isClosed = true
    }
    return link
  }
  const hello = hellos(false, seed)
  // The budget of the prefix is used up.
  const first = open('1')
  for (let i = 0; i < 3; i++) first.send(hello(i))
  pair.loop.runUntil(1)
  return { node, open, hello, told, loop: pair.loop }
}

// spec: STT-HS-43
test('a link whose HELLO no seed knows when its turn comes is closed when its time is over', async () => {
  const { node, open, hello, told, loop } = await listener()
  const link = open('2')
  link.send(hello(10))
  loop.runUntil(2)
  expect(node.getStatistics().waiting).toBe(1)
  expect(told).toContain('2 confirmed')
  node.setSeeds([seedOf('second')])
  loop.runUntil(14_990)
  expect(node.getStatistics()).toMatchObject({ waiting: 0, badMac: 1 })
  expect(link.isClosed).toBe(false)
  loop.runUntil(15_100)
  expect(link.isClosed).toBe(true)
  expect(told.filter(each => each.includes('refused'))).toEqual([])
})

// spec: STT-HS-43
test('a link whose HELLOs wait again and again holds its place no longer for it', async () => {
  const { node, open, hello, loop } = await listener()
  const link = open('2')
  for (let second = 0; second < 14; second++) {
    loop.runUntil(50 + second * 1_000)
    link.send(hello(10 + second))
    loop.runUntil(60 + second * 1_000)
    expect(node.getStatistics().waiting).toBe(1)
  }
  expect(link.isClosed).toBe(false)
  loop.runUntil(15_100)
  expect(link.isClosed).toBe(true)
})
