import { type CryptoProvider, provider } from '@stt/crypto'
import { expect, test } from 'vitest'
import { Network, typeOf } from '../../test/network.ts'
import { originOf } from '../../test/origins.ts'
import { initiatorConfig, seededEntropy, seedKeys } from '../../test/support.ts'
import { Initiator } from '../index.ts'

const SERVER = 'ws://10.0.0.2:4433'

/** HELLO number `i`, of a stranger on its own message link. */
function helloOf(i: number, keys = seedKeys()): Uint8Array {
  const entropy = seededEntropy(`stranger ${i}`)
  return new Initiator(initiatorConfig({ keys, localCid: entropy(8), entropy })).createHello(0)
}

const linkOf = (i: number, host = '10.1.1.1'): string => `ws://${host}:${1_000 + i}`

function listener(load = {}) {
  const network = new Network()
  const server = network.add(SERVER, { load })
  const answered = (): number => network.sent.filter(sent => typeOf(sent) === 1).length
  const overloaded = (): number => server.events.filter(({ type }) => type === 'overloaded').length
  return { network, server, answered, overloaded }
}

// spec: STT-HS-43
test('HELLOs of a crowd at one address wait for their turn beyond its budget, in the order in which they came', () => {
  const { network, server, answered } = listener()
  for (let i = 0; i < 100; i++) network.inject(linkOf(i), server, helloOf(i))
  expect(answered()).toBe(50)
  expect(server.manager.getStatistics()).toMatchObject({ waiting: 50, pending: 50 })
  expect(server.events.filter(({ type }) => type === 'waiting')).toHaveLength(50)
  network.advance(1_000)
  expect(answered()).toBe(70)
  expect(network.sent.map(({ to }) => to)).toEqual(Array.from({ length: 70 }, (_, i) => linkOf(i)))
  network.advance(1_500)
  expect(answered()).toBe(100)
  expect(server.manager.getStatistics()).toMatchObject({ waiting: 0 })
})

// spec: STT-HS-43
test('256 wait and no more, each for five seconds and no longer; the others are told at once', () => {
  const { network, server, answered, overloaded } = listener()
  for (let i = 0; i < 320; i++) network.inject(linkOf(i), server, helloOf(i))
  expect([answered(), server.manager.getStatistics().waiting, overloaded()]).toEqual([50, 256, 14])
  expect(server.events.at(-1)).toEqual({ type: 'overloaded', origin: originOf(linkOf(319)), limit: 'prefix' })
  network.advance(5_000)
  expect([answered(), server.manager.getStatistics().waiting, overloaded()]).toEqual([150, 0, 170])
  expect(server.manager.getStatistics().dropped.rateLimited).toBe(170)
})

test('a full table makes them wait too, and is named', () => {
  const { network, server, answered } = listener({ pending: 2 })
  for (let i = 0; i < 3; i++) network.inject(linkOf(i), server, helloOf(i))
  network.advance(5_000)
  expect(answered()).toBe(2)
  expect(server.events.at(-1)).toEqual({ type: 'overloaded', origin: originOf(linkOf(2)), limit: 'pending' })
})

// spec: STT-HS-35
test('a HELLO without the seed takes nothing of its address’s budget', () => {
  const { network, server, answered } = listener()
  for (let i = 0; i < 60; i++) network.inject(linkOf(i), server, helloOf(i, seedKeys('another')))
  expect(server.manager.getStatistics().dropped.badMac).toBe(60)
  for (let i = 0; i < 50; i++) network.inject(linkOf(i), server, helloOf(i))
  expect(answered()).toBe(50)
})

// spec: STT-HS-35
test.each([
  ['127.0.0.1', {}],
  ['[::1]', {}],
  ['[::ffff:127.0.0.1]', {}],
  ['10.9.9.9', { prefix: '' }],
])('%s has no budget when that is %j', (host, facts) => {
  const { network, server, answered } = listener()
  for (let i = 0; i < 60; i++) {
    server.manager.handleIncoming({ ...originOf(linkOf(i, host)), ...facts }, helloOf(i), network.now)
  }
  network.settle()
  expect(answered()).toBe(60)
})

test('a HELLO stops waiting when its link ends or its seed is gone', () => {
  const { network, server, answered } = listener({ prefix: { rate: 20, burst: 1 } })
  for (let i = 0; i < 4; i++) network.inject(linkOf(i), server, helloOf(i))
  server.manager.linkClosed(originOf(linkOf(1)))
  network.advance(50)
  expect(network.sent.map(({ to }) => to)).toEqual([linkOf(0), linkOf(2)])
  server.manager.setSeeds(seedKeys('another'))
  network.advance(50)
  expect([answered(), server.manager.getStatistics().waiting]).toEqual([2, 0])
  expect(server.manager.getStatistics().dropped).toMatchObject({ badMac: 1, badNoise: 0 })
})

test('a HELLO that waits is let in under its seed, whose place in the list has changed', () => {
  const network = new Network()
  const load = { prefix: { rate: 20, burst: 1 } }
  const server = network.add(SERVER, { seeds: [seedKeys('another'), seedKeys()], load })
  for (let i = 0; i < 2; i++) network.inject(linkOf(i), server, helloOf(i))
  server.manager.setSeeds(seedKeys())
  network.advance(50)
  expect(network.sent.map(({ to }) => to)).toEqual([linkOf(0), linkOf(1)])
})

test('mac1 of a HELLO that waits is verified once', () => {
  let hashed = 0
  const counting: CryptoProvider = {
    ...provider,
    hmac(key, ...parts) {
      hashed++
      return provider.hmac(key, ...parts)
    },
  }
  const network = new Network()
  const seeds = [seedKeys('another'), seedKeys()]
  const server = network.add(SERVER, { seeds, provider: counting, load: { pending: 1 } })
  network.inject(linkOf(0), server, helloOf(0))
  hashed = 0
  network.inject(linkOf(1), server, helloOf(1))
  network.advance(1_000)
  expect([hashed, server.manager.getStatistics().waiting]).toEqual([seeds.length, 1])
})

test('a manager says whether a message was of use', () => {
  const { network, server } = listener({ prefix: { rate: 1, burst: 1 } })
  const take = (i: number, bytes: Uint8Array): boolean =>
    server.manager.handleIncoming(originOf(linkOf(i)), bytes, network.now)
  expect([take(0, helloOf(0)), take(1, helloOf(1))]).toEqual([true, true])
  expect([take(1, helloOf(2)), take(2, helloOf(3, seedKeys('another'))), take(3, new Uint8Array(40))]).toEqual([
    false,
    false,
    false,
  ])
  expect(take(4, Uint8Array.of(0x80, 9))).toBe(false)
})

test('a HELLO whose run throws is gone, and the others get their turn', () => {
  const entropy = seededEntropy('listener')
  let isBroken = false
  const network = new Network()
  const server = network.add(SERVER, {
    load: { prefix: { rate: 20, burst: 1 } },
    entropy: length => {
      if (isBroken) throw new Error('no randomness')
      return entropy(length)
    },
  })
  for (let i = 0; i < 3; i++) network.inject(linkOf(i), server, helloOf(i))
  isBroken = true
  expect(() => network.advance(50)).toThrow('no randomness')
  isBroken = false
  network.advance(200)
  expect(network.sent.map(({ to }) => to)).toEqual([linkOf(0), linkOf(2)])
})
