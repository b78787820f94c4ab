import { Seed } from '@stt/crypto'
import type { Link } from '@stt/frame'
import { createRandom } from '@stt/testing'
import { expect, test } from 'vitest'
import { acceptingNode } from './accepting-node.ts'
import { hellos } from './hellos.ts'

const seedOf = (name: string): Seed => Seed.fromBytes(createRandom(1).fork(name).bytes(32))
const seed = seedOf('first')

/** A listener in virtual time that lets one HELLO a second begin, and links to it, all from one address prefix. */
async function listener() {
  const { node, pair, accept } = await acceptingNode({
    seed,
    limits: { handshakesPerPrefix: 1, handshakeTimeout: 10_000 },
  })
  /** What the listener's transport was told of a link. */
  const told: string[] = []
  const open = (name: string): Link & { isClosed: boolean } => {
    const { client, server } = pair.another(`ws://192.0.2.1:${name}`)
    const accepted = Object.assign(server, {
      confirm: () => void told.push(`${name} confirmed`),
      refuse: (code: number) => void told.push(`${name} refused ${code}`),
    })
    accept(accepted, { prefixOf: () => '192.0.2.0', patience: 5_000 })
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
test('HELLOs that wait again and again hold the place of a link no longer', async () => {
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
