import { provider, toHex } from '@stt/crypto'
import { decode } from '@stt/serialize'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { floodListener } from '../../test/flood.ts'
import { openedHello } from '../../test/hostile.ts'
import { Network, sessionOf, type TestNode, typeOf } from '../../test/network.ts'
import { originOf } from '../../test/origins.ts'
import { initiatorConfig, seededEntropy, seedKeys, withMac } from '../../test/support.ts'
import { Initiator } from '../index.ts'
import { MessageType } from '../message-type.ts'

const CLIENT = 'udp://10.0.0.1:1001'
const SERVER = 'udp://10.0.0.2:4433'

/** A listener under load from the first HELLO on: every address has to prove itself. */
const LOADED = { load: { hellos: { rate: 1e-9, burst: 1e-9 } } }

function clientAndServer(server = {}, client = {}) {
  const network = new Network()
  return { network, client: network.add(CLIENT, { listen: undefined, ...client }), server: network.add(SERVER, server) }
}

/** HELLO number `i` of a stranger who holds the seed. */
function helloOf(i: number, token?: Uint8Array): Uint8Array {
  const entropy = seededEntropy(`stranger ${i}`)
  return new Initiator(initiatorConfig({ datagram: true, localCid: entropy(8), entropy, token })).createHello(0)
}

// spec: STT-HS-31
test('a recorded run, replayed a thousand times from anywhere, begins nothing and stores nothing', () => {
  const { network, client, server } = clientAndServer()
  client.manager.initiate(originOf(SERVER), {}, network.now)
  network.settle()
  server.manager.confirm(sessionOf(server).run)
  const recorded = network.sent.filter(({ to }) => to === SERVER).map(({ bytes }) => bytes)
  network.sent.length = 0
  for (let i = 0; i < 1_000; i++) {
    for (const bytes of recorded) network.inject(i % 2 ? CLIENT : `udp://10.9.${i % 250}.1:99`, server, bytes)
    network.advance(500)
  }
  const { accepted, pending, dropped } = server.manager.getStatistics()
  expect({ accepted, pending }).toEqual({ accepted: 1, pending: 0 })
  expect(dropped.replayed + dropped.unknownRun).toBe(2_000)
  expect(network.sent).toEqual([])
  expect(server.events).toHaveLength(1)
})

// spec: STT-HS-31
test('a HELLO from another address than its live run’s gets no answer', () => {
  const { network, server } = clientAndServer()
  const hello = helloOf(1)
  network.inject(CLIENT, server, hello)
  network.inject('udp://10.0.0.1:1002', server, hello)
  network.inject(CLIENT, server, hello)
  expect(network.sent.map(({ to }) => to)).toEqual([CLIENT, CLIENT])
  expect(network.sent[1]?.bytes).toEqual(network.sent[0]?.bytes)
  expect(server.manager.getStatistics().dropped.replayed).toBe(1)
})

// spec: STT-HS-32, STT-HS-33
test('under load an address proves itself by coming again with the token, under a new key, a new nonce and a new id', () => {
  const { network, client, server } = clientAndServer(LOADED)
  client.manager.initiate(originOf(SERVER), {}, network.now)
  network.settle()
  expect(network.sent.map(typeOf)).toEqual([0, 4, 0, 1, 2, 3])
  const [first, retry, second] = network.sent.map(({ bytes }) => bytes)
  expect(retry).toHaveLength(72)
  expect(second).toHaveLength(1_200)
  expect(toHex(second!.subarray(25, 57))).toBe(toHex(retry!.subarray(24, 56)))
  expect(toHex(second!.subarray(16, 24))).not.toBe(toHex(first!.subarray(16, 24)))
  expect(toHex(second!.subarray(57, 89))).not.toBe(toHex(first!.subarray(25, 57)))
  const nonces = [first, second].map(hello => toHex((decode(openedHello(hello!)) as { nonce: Uint8Array }).nonce))
  expect(new Set(nonces).size).toBe(2)
  expect(sessionOf(client).result.binding).toEqual(sessionOf(server).result.binding)
  expect(server.manager.getStatistics().retries).toBe(1)
})

// spec: STT-HS-29, STT-HS-30, STT-HS-33
test('a HELLO behind a RETRY has the pauses and the deadline of the first', () => {
  const { network, client } = clientAndServer(LOADED)
  network.passes = message => typeOf(message) !== 1
  const start = network.now
  client.manager.initiate(originOf(SERVER), {}, start)
  network.advance(9_999)
  const times = [...new Set(network.sent.filter(message => typeOf(message) === 0).map(({ at }) => at - start))]
  const pauses = times.slice(1).map((at, i) => at - times[i]!)
  for (const [i, pause] of pauses.entries()) expect(Math.abs(pause / (i === 0 ? 500 : 1_000) - 1)).toBeLessThan(0.101)
  expect(pauses.length).toBeGreaterThanOrEqual(9)
  expect(client.events).toEqual([])
  network.advance(1)
  expect(client.events).toMatchObject([{ type: 'failed', error: { code: 'STT_TIMEOUT' } }])
})

// spec: STT-HS-32
test('a RETRY keeps nothing: the listener’s tables are empty after any number of them', () => {
  const { network, server } = clientAndServer(LOADED)
  for (let i = 0; i < 50; i++) network.inject(`udp://10.1.0.${i}:7`, server, helloOf(i))
  expect(network.sent.map(typeOf)).toEqual(Array(50).fill(4))
  expect(server.manager.getStatistics()).toMatchObject({ pending: 0, retries: 50 })
  expect(server.manager.poll(network.now)).toEqual({ type: 'timeout', at: Number.POSITIVE_INFINITY })
})

// spec: STT-HS-34
test('a token is good for its address, for 15 seconds, and for no other address', () => {
  const { network, server } = clientAndServer(LOADED)
  network.inject(CLIENT, server, helloOf(0))
  const token = network.sent[0]!.bytes.slice(24, 56)
  const answerTo = (from: string, hello: Uint8Array): number => {
    network.inject(from, server, hello)
    return typeOf(network.sent.at(-1)!)
  }
  expect(answerTo(CLIENT, helloOf(1, token))).toBe(1)
  expect(answerTo('udp://10.0.0.1:1002', helloOf(2, token))).toBe(4)
  expect(answerTo('udp://10.0.0.9:1001', helloOf(3, token))).toBe(4)
  const forged = token.slice()
  forged[31]! ^= 1
  expect(answerTo(CLIENT, helloOf(4, forged))).toBe(4)
  network.advance(15_000)
  expect(answerTo(CLIENT, helloOf(5, token))).toBe(1)
  network.advance(1_000)
  expect(answerTo(CLIENT, helloOf(6, token))).toBe(4)
})

// spec: STT-HS-33
test('a RETRY that answers another HELLO, was changed, or comes too often or too late is ignored', () => {
  const { network, client } = clientAndServer()
  network.passes = () => false
  client.manager.initiate(originOf(SERVER), {}, network.now)
  network.settle()
  const hello = network.sent[0]!.bytes
  const retry = retryTo(hello, new Uint8Array(32).fill(1))
  for (let i = 8; i < retry.length; i++) {
    const altered = retry.slice()
    altered[i]! ^= 1
    network.inject(SERVER, client, altered)
  }
  network.inject(SERVER, client, retryTo(helloOf(1), new Uint8Array(32), hello))
  network.inject(SERVER, client, retryTo(hello, new Uint8Array(32), hello, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0)))
  expect(network.sent).toHaveLength(1)
  expect(client.manager.getStatistics().dropped).toMatchObject({ unknownRun: 8, badRetry: 58 })

  network.inject(SERVER, client, retry)
  network.inject(SERVER, client, retry)
  expect(network.sent).toHaveLength(2)
  // A RETRY for a HELLO with a token is not followed: the first HELLO is repeated, and answered, again.
  network.inject(SERVER, client, retryTo(network.sent.at(-1)!.bytes, new Uint8Array(32).fill(2)))
  expect(network.sent).toHaveLength(2)
  network.advance(600)
  expect(network.sent.map(({ bytes }) => bytes).slice(2)).toEqual([hello, network.sent[1]!.bytes])
})

/** Sends that many RETRYs for every HELLO of the dial before the listener gets it, each with another token. */
function forgeRetries(network: Network, client: TestNode, count: number): void {
  const entropy = seededEntropy('forger')
  network.passes = message => {
    for (let i = 0; i < count && typeOf(message) === MessageType.Hello; i++) {
      client.manager.handleIncoming(originOf(SERVER), retryTo(message.bytes, entropy(32)), network.now)
    }
    return true
  }
}

// spec: STT-HS-33
test.each([1, 3, 4, 8, 16])('%i forged RETRYs before each of the listener’s do not end a dial', count => {
  const { network, client, server } = clientAndServer(LOADED)
  forgeRetries(network, client, count)
  client.manager.initiate(originOf(SERVER), {}, network.now)
  network.advance(10_000)
  expect(sessionOf(client).result.binding).toEqual(sessionOf(server).result.binding)
  expect(server.manager.getStatistics()).toMatchObject({ accepted: 1 })
})

// spec: STT-HS-33
test('a flood of forged RETRYs costs a dial a few keys for each repetition, and no memory', () => {
  const { network, client } = clientAndServer(LOADED)
  forgeRetries(network, client, 500)
  client.manager.initiate(originOf(SERVER), {}, network.now)
  network.advance(4_000)
  const hellos = network.sent.filter(message => typeOf(message) === MessageType.Hello)
  const ids = new Map(hellos.map(({ bytes }) => [toHex(bytes.subarray(16, 24)), bytes.slice(16, 24)]))
  // HELLO was repeated after 0.5, 1.5, 2.5 and 3.5 s.
  expect(ids.size).toBeLessThanOrEqual(1 + 5 * 4)
  expect([...ids.values()].filter(id => client.manager.hasConnectionId(id)).length).toBeLessThanOrEqual(9)
  network.passes = () => true
  network.advance(2_000)
  expect(sessionOf(client)).toBeDefined()
})

// spec: STT-HS-33
test('a forged RETRY does no harm: the answer to the first HELLO still makes the session', () => {
  const { network, client, server } = clientAndServer()
  network.passes = message => typeOf(message) !== 0
  client.manager.initiate(originOf(SERVER), {}, network.now)
  network.settle()
  const hello = network.sent[0]!.bytes
  network.inject(SERVER, client, retryTo(hello, new Uint8Array(32)))
  expect(network.sent).toHaveLength(2)
  network.inject(CLIENT, server, hello)
  expect(sessionOf(client).result.binding).toEqual(sessionOf(server).result.binding)
})

test('one dial proves itself to one answer only', () => {
  const { network, client, server } = clientAndServer()
  network.passes = message => typeOf(message) === 1
  client.manager.initiate(originOf(SERVER), {}, network.now)
  network.settle()
  const hello = network.sent[0]!.bytes
  network.inject(SERVER, client, retryTo(hello, new Uint8Array(32)))
  const second = network.sent[1]!.bytes
  network.inject(CLIENT, server, hello)
  network.inject(CLIENT, server, second)
  expect(network.sent.filter(message => typeOf(message) === 2)).toHaveLength(1)
})

test('on a message link a RETRY is ignored, and none is sent', () => {
  const network = new Network()
  const [near, far] = ['ws://10.0.0.1:1001', 'ws://10.0.0.2:80']
  const client = network.add(near)
  const server = network.add(far, LOADED)
  network.passes = () => false
  client.manager.initiate(originOf(far), {}, network.now)
  network.settle()
  network.inject(far, client, retryTo(network.sent[0]!.bytes, new Uint8Array(32)))
  expect(client.manager.getStatistics().dropped.badRetry).toBe(1)
  network.inject(near, server, network.sent[0]!.bytes)
  expect(network.sent.map(typeOf)).toEqual([0, 1])
})

test.each(['udp://10.0.0.1:1001', 'ws://10.0.0.1:1001'])('mac1 of a HELLO from %s is verified once', from => {
  let verified = 0
  const hello = from.startsWith('udp') ? helloOf(1) : new Initiator(initiatorConfig()).createHello(0)
  const counting: typeof provider = Object.create(provider, {
    hmac: {
      value: (key: Uint8Array, ...parts: Uint8Array[]) => {
        if (parts.reduce((sum, { length }) => sum + length, 0) === hello.length - 16) verified++
        return provider.hmac(key, ...parts)
      },
    },
  })
  const { network, server } = clientAndServer({ provider: counting })
  network.inject(from, server, hello)
  expect(network.sent.map(typeOf)).toEqual([1])
  expect(verified).toBe(1)
})

// spec: STT-HS-35
test('unproved addresses without a budget share one', () => {
  const { network, server } = clientAndServer({ load: { prefix: { rate: 1, burst: 3 } } })
  const addresses = ['udp://127.0.0.1:5', 'udp://[::1]:5', 'udp://127.0.9.1:5', 'udp://127.0.0.2:5']
  for (const [i, address] of addresses.entries()) network.inject(address, server, helloOf(i))
  expect(network.sent.map(typeOf)).toEqual([1, 1, 1, 4])
  const token = network.sent.at(-1)!.bytes.slice(24, 56)
  for (let i = 10; i < 20; i++) network.inject('udp://127.0.0.2:5', server, helloOf(i, token))
  expect(network.sent.slice(4).map(typeOf)).toEqual(Array(10).fill(1))
})

// spec: STT-HS-36
test('with more than 32 seeds RETRY comes before any seed is tried, even for a stranger', () => {
  const seeds = Array.from({ length: 33 }, (_, i) => seedKeys(`seed ${i}`))
  const many = clientAndServer({ seeds })
  many.network.inject(CLIENT, many.server, helloOf(1))
  expect(many.network.sent.map(typeOf)).toEqual([4])
  const few = clientAndServer({ seeds: seeds.slice(0, 32) })
  few.network.inject(CLIENT, few.server, helloOf(1))
  expect(few.network.sent).toEqual([])
  expect(few.server.manager.getStatistics().dropped.badMac).toBe(1)
})

// spec: STT-HS-35
test('the table of handshakes under way is bounded, its second half kept for addresses that proved themselves', () => {
  const { network, server } = clientAndServer({ load: { pending: 10 } })
  for (let i = 0; i < 30; i++) network.inject(`udp://10.2.${i}.1:5`, server, helloOf(i))
  expect(server.manager.getStatistics()).toMatchObject({ pending: 6, retries: 24 })
  for (let i = 0; i < 10; i++) {
    const from = `udp://10.3.${i}.1:5`
    network.inject(from, server, helloOf(100 + i))
    network.inject(from, server, helloOf(200 + i, network.sent.at(-1)!.bytes.slice(24, 56)))
  }
  expect(server.manager.getStatistics()).toMatchObject({ pending: 10, dropped: { tableFull: 6 } })
  network.advance(10_000)
  expect(server.manager.getStatistics().pending).toBe(0)
})

// spec: STT-HS-35
test('each address prefix has its own bucket, and only what is proved to come from there empties it', () => {
  const prefix = { rate: 1, burst: 3 }
  const { network, server } = clientAndServer({ load: { prefix } })
  // An attacker writes a victim's addresses on a thousand datagrams.
  for (let i = 0; i < 20; i++) network.inject(`udp://10.4.4.${i}:5`, server, helloOf(i))
  expect(network.sent.map(typeOf)).toEqual([1, 1, 1, ...Array(17).fill(4)])
  // The victim itself is asked for a token, and then let in.
  const tokenFor = (from: string, i: number): Uint8Array => {
    network.inject(from, server, helloOf(i))
    expect(typeOf(network.sent.at(-1)!)).toBe(4)
    return network.sent.at(-1)!.bytes.slice(24, 56)
  }
  const victim = 'udp://10.4.4.99:5'
  const token = tokenFor(victim, 100)
  const before = network.sent.length
  for (let i = 0; i < 6; i++) network.inject(victim, server, helloOf(200 + i, token))
  expect(network.sent.slice(before).map(typeOf)).toEqual([1, 1, 1])
  expect(server.manager.getStatistics().dropped.rateLimited).toBe(3)
  // A neighbour in another prefix does not notice.
  network.inject('udp://10.4.5.1:5', server, helloOf(300))
  expect(typeOf(network.sent.at(-1)!)).toBe(1)
  network.advance(1_000)
  network.inject(victim, server, helloOf(301, token))
  expect(typeOf(network.sent.at(-1)!)).toBe(1)
})

// spec: STT-HS-35, STT-HS-37
test('a flood, half of it right up to mac1: little out, nothing kept, and an honest dial gets in', () =>
  floodListener(10_000))

// spec: STT-HS-37
test('before an address is proved no answer is longer than what asked for it', () => {
  for (const load of [LOADED, {}]) {
    const { network, server } = clientAndServer({ ...load, metadata: 'x'.repeat(507), suites: [1, 2] })
    const hello = helloOf(1)
    network.inject(CLIENT, server, hello)
    network.inject(CLIENT, server, hello)
    for (const { bytes } of network.sent) expect(bytes.length).toBeLessThanOrEqual(hello.length)
    const out = network.sent.length
    for (const length of [24, 72, 500, 1_199]) network.inject(CLIENT, server, hello.slice(0, length))
    // Well formed, but as message links carry it.
    network.inject(CLIENT, server, new Initiator(initiatorConfig()).createHello(0))
    expect(network.sent).toHaveLength(out)
  }
})

// spec: STT-HS-20, STT-HS-21
test('a node’s own HELLO that is sent back to it is dropped before it costs anything', () => {
  const network = new Network()
  const node = network.add(CLIENT)
  network.passes = () => false
  node.manager.initiate(originOf(SERVER), {}, network.now)
  network.settle()
  network.inject(SERVER, node, network.sent[0]!.bytes)
  expect(node.manager.getStatistics()).toMatchObject({ pending: 0, dropped: { ownKey: 1 } })
  expect(network.sent).toHaveLength(1)
})

test('messages that name no run, and garbage, are counted and nothing else', () => {
  const { network, client, server } = clientAndServer()
  client.manager.initiate(originOf(SERVER), {}, network.now)
  network.settle()
  const [hello, , proof] = network.sent.map(({ bytes }) => bytes)
  const stranger = proof!.slice()
  stranger.fill(9, 8, 16)
  network.inject(CLIENT, server, stranger)
  network.inject(CLIENT, server, Uint8Array.of(0x87, 1, 2, 3))
  const future = hello!.slice()
  future[1] = 9
  network.inject(CLIENT, server, future)
  network.inject(CLIENT, server, new Uint8Array(0))
  expect(server.manager.getStatistics().dropped).toMatchObject({ unknownRun: 2, malformed: 1, version: 1 })
  expect(server.events).toHaveLength(1)
})

test('whatever comes, with or without the right mac1, nothing throws and nothing but RETRY is answered', () => {
  const { network, client, server } = clientAndServer()
  const run = client.manager.initiate(originOf(SERVER), {}, network.now)
  network.settle()
  const answers = network.sent.length
  const recorded = network.sent.map(({ bytes }) => bytes)
  const keys = seedKeys()
  const change = fc.record({ at: fc.nat(1_300), to: fc.nat(255) })
  fc.assert(
    fc.property(
      fc.nat(recorded.length - 1),
      fc.array(change, { minLength: 1, maxLength: 4 }),
      fc.nat(1_250),
      fc.boolean(),
      (which, changes, cut, mac) => {
        const bytes = recorded[which]!.slice(0, 24 + cut)
        for (const { at, to } of changes) bytes[at % bytes.length]! ^= to | 1
        if (mac && bytes.length >= 40) withMac(bytes, keys)
        // Two changes of one byte, or one of mac1, can undo themselves: a message that is repeated as it was is answered.
        fc.pre(recorded.every(message => Buffer.compare(message, bytes) !== 0))
        network.inject(CLIENT, server, bytes)
        network.inject(SERVER, client, bytes)
      },
    ),
  )
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), bytes => network.inject(CLIENT, server, bytes)))
  // A whole HELLO with the right mac1 costs a look, and when its address has had enough of these, it is asked for a token.
  expect(network.sent.slice(answers).filter(sent => typeOf(sent) !== MessageType.Retry)).toEqual([])
  expect(run.state).toBe('complete')
})

/** RETRY as any observer of `seen` can make it, for the ids of another HELLO if asked. */
function retryTo(
  seen: Uint8Array,
  token: Uint8Array,
  ids: Uint8Array = seen,
  scid: Uint8Array = new Uint8Array(8),
): Uint8Array {
  const retry = new Uint8Array(72)
  retry.set([0x84, 1, 0, 0, 1])
  retry.set(ids.subarray(16, 24), 8)
  retry.set(scid, 16)
  retry.set(token, 24)
  const lp = (part: Uint8Array): Uint8Array[] => [
    Uint8Array.of(part.length >>> 24, part.length >>> 16, part.length >>> 8, part.length),
    part,
  ]
  const domain = new TextEncoder().encode('STTv1 PHE retry')
  retry.set(provider.hash(...lp(domain), ...lp(seen), ...lp(retry.subarray(0, 56))).subarray(0, 16), 56)
  return retry
}
