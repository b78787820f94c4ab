import { expect, test } from 'vitest'
import { Network, type Sent, sessionOf, typeOf } from '../../test/network.ts'
import { originOf } from '../../test/origins.ts'
import { identityOf, seedKeys, withMac } from '../../test/support.ts'
import type { Decision, HandshakeEvent } from '../index.ts'

const CLIENT = 'udp://10.0.0.1:1001'
const SERVER = 'udp://10.0.0.2:4433'

function clientAndServer(server = {}, client = {}) {
  const network = new Network()
  return { network, client: network.add(CLIENT, { listen: undefined, ...client }), server: network.add(SERVER, server) }
}

test.each([
  [SERVER, CLIENT, [1]],
  [SERVER, CLIENT, [1, 2]],
  ['ws://10.0.0.2:80/stt', 'ws://10.0.0.1:1001', [1, 2]],
] as const)('a dial to %s gives both sides one session (from %s, suites %j)', (address, from, suites) => {
  const network = new Network()
  const client = network.add(from, { suites, metadata: 'laptop' })
  const server = network.add(address, { suites })
  const run = client.manager.initiate(originOf(address), {}, network.now)
  expect([client.manager.get(originOf(address))?.state, client.manager.isComplete(originOf(address))]).toEqual([
    'pending',
    false,
  ])
  network.settle()
  expect(sessionOf(client).result.binding).toEqual(sessionOf(server).result.binding)
  expect(sessionOf(client).run).toBe(run)
  expect(sessionOf(server).result).toMatchObject({
    peerId: identityOf(from).id,
    peerMetadata: 'laptop',
    suite: suites.at(-1),
  })
  expect([client.manager.isComplete(originOf(address)), server.manager.isComplete(originOf(from))]).toEqual([
    true,
    true,
  ])
  expect(server.manager.get(originOf('udp://10.0.0.9:1'))).toBeUndefined()
})

test('both sides dialing at once gives two sessions', () => {
  const network = new Network()
  const one = network.add(CLIENT)
  const two = network.add(SERVER)
  one.manager.initiate(originOf(SERVER), {}, network.now)
  two.manager.initiate(originOf(CLIENT), {}, network.now)
  network.settle()
  const bindings = [one, two].map(node =>
    node.events.map(event => (event.type === 'session' ? String(event.result.binding) : '')),
  )
  expect(bindings[0]).toHaveLength(2)
  expect(bindings[0]?.sort()).toEqual(bindings[1]?.sort())
})

test('the connection ids of what is under way are known on both sides, until there is a session', () => {
  const { network, client, server } = clientAndServer()
  const dial = client.manager.initiate(originOf(SERVER), {}, network.now)
  expect(client.manager.hasConnectionId(dial.localCid)).toBe(true)
  network.settle()
  const { run } = sessionOf(server)
  expect(client.manager.hasConnectionId(dial.localCid)).toBe(false)
  expect(server.manager.hasConnectionId(run.localCid)).toBe(true)
  expect(server.manager.hasConnectionId(dial.localCid)).toBe(false)
  server.manager.confirm(run)
  expect(server.manager.hasConnectionId(run.localCid)).toBe(false)
})

// spec: STT-HS-29
test('on a datagram link HELLO is sent again after 0.5 s and then each second, with a tenth of jitter', () => {
  const { network, client } = clientAndServer()
  network.passes = () => false
  client.manager.initiate(originOf(SERVER), {}, network.now)
  network.advance(9_999)
  expect(new Set(network.sent.map(({ bytes }) => String(bytes))).size).toBe(1)
  expectPauses(network.sent, [500, ...Array(7).fill(1_000)])
})

// spec: STT-HS-29
test('AUTH_PROOF is sent again after 0.25 s, 0.5 s and then each second', () => {
  const { network, client } = clientAndServer({}, { suites: [1] })
  network.passes = message => typeOf(message) !== 2
  client.manager.initiate(originOf(SERVER), {}, network.now)
  network.advance(5_000)
  const proofs = network.sent.filter(message => typeOf(message) === 2)
  expect(new Set(proofs.map(({ bytes }) => String(bytes))).size).toBe(1)
  expectPauses(proofs, [250, 500, 1_000, 1_000, 1_000])
  expect(network.sent.filter(message => typeOf(message) === 0)).toHaveLength(1)
})

// spec: STT-HS-29
test('on a message link nothing is ever sent again', () => {
  const network = new Network()
  const client = network.add(CLIENT)
  network.passes = () => false
  client.manager.initiate(originOf('ws://10.0.0.2:80'), {}, network.now)
  network.advance(9_000)
  expect(network.sent).toHaveLength(1)
})

// spec: STT-HS-30
test('an unanswered dial ends at its deadline and names the three likely causes', () => {
  const { network, client } = clientAndServer({ seeds: seedKeys('another') })
  client.manager.initiate(originOf(SERVER), {}, network.now)
  network.advance(9_999)
  expect(client.events).toEqual([])
  network.advance(1)
  expect(client.events).toMatchObject([{ type: 'failed', error: { code: 'STT_TIMEOUT' } }])
  expect(errorOf(client.events[0]!).message).toMatch(/not running.*address is wrong.*another seed/)
  expect(client.manager.getStatistics()).toMatchObject({ dialing: 0, failed: 1 })
  expect(client.manager.get(originOf(SERVER))).toBeUndefined()
})

test.each([
  ['RESPONSE', 1],
  ['AUTH_PROOF', 2],
  ['FINAL', 3],
] as const)('a %s that is lost ten times in a row costs time and nothing else', (_, type) => {
  const { network, client, server } = clientAndServer({ timeout: 30_000 }, { timeout: 30_000 })
  let lost = 0
  network.passes = message => typeOf(message) !== type || lost++ >= 10
  client.manager.initiate(originOf(SERVER), {}, network.now)
  network.advance(20_000)
  expect(lost).toBeGreaterThan(10)
  expect(sessionOf(client).result.binding).toEqual(sessionOf(server).result.binding)
  expect(server.manager.getStatistics().accepted).toBe(1)
})

test('an AUTH_PROOF in two fragments survives the loss of either', () => {
  for (const fragment of [0x02, 0x12]) {
    const { network, client, server } = clientAndServer({ suites: [2] }, { suites: [2] })
    let lost = 0
    network.passes = ({ bytes }) => bytes[4] !== fragment || lost++ > 0
    client.manager.initiate(originOf(SERVER), {}, network.now)
    network.advance(1_000)
    expect(sessionOf(client).result.binding).toEqual(sessionOf(server).result.binding)
  }
})

// spec: STT-HS-26
test('packets that overtake FINAL are kept, sixteen at most, and handed over with the session', () => {
  const { network, client, server } = clientAndServer()
  network.passes = message => typeOf(message) !== 3
  const run = client.manager.initiate(originOf(SERVER), {}, network.now)
  network.settle()
  const packets = Array.from({ length: 20 }, (_, i) => Uint8Array.of(0x40, ...run.localCid, i))
  for (const packet of packets) network.inject(SERVER, client, packet)
  network.inject(SERVER, client, Uint8Array.of(0x40, 1, 2, 3, 4, 5, 6, 7, 8, 9))
  network.inject(SERVER, client, Uint8Array.of(0x40))
  network.passes = () => true
  network.advance(1_000)
  expect(sessionOf(client).packets).toEqual(packets.slice(0, 16))
  expect(client.manager.getStatistics().dropped).toMatchObject({ tooManyPackets: 4, unknownRun: 2 })
  expect(sessionOf(server).packets).toEqual([])
})

// spec: STT-HS-26
test('before RESPONSE was accepted no packet is kept', () => {
  const { network, client } = clientAndServer()
  network.passes = () => false
  const run = client.manager.initiate(originOf(SERVER), {}, network.now)
  network.inject(SERVER, client, Uint8Array.of(0x40, ...run.localCid, 1))
  expect(client.manager.getStatistics().dropped.unexpected).toBe(1)
})

// spec: STT-HS-27
test('FINAL is repeated for a repeated AUTH_PROOF, to the address of the run and to no other', () => {
  const { network, client, server } = clientAndServer()
  client.manager.initiate(originOf(SERVER), {}, network.now)
  network.settle()
  const proof = network.sent.find(message => typeOf(message) === 2)!
  network.inject('udp://10.6.6.6:666', server, proof.bytes)
  expect(network.sent.filter(message => typeOf(message) === 3)).toHaveLength(1)
  expect(server.manager.getStatistics().dropped.wrongAddress).toBe(1)
  network.inject(CLIENT, server, proof.bytes)
  const finals = network.sent.filter(message => typeOf(message) === 3)
  expect(finals).toHaveLength(2)
  expect(finals[1]?.bytes).toEqual(finals[0]?.bytes)
  expect(server.events).toHaveLength(1)
})

// spec: STT-HS-27
test('an AUTH_PROOF that an attacker sends first from elsewhere does not harm its sender', () => {
  const { network, client, server } = clientAndServer()
  network.passes = message => typeOf(message) !== 2
  client.manager.initiate(originOf(SERVER), {}, network.now)
  network.settle()
  const proof = network.sent.find(message => typeOf(message) === 2)!
  network.inject('udp://10.6.6.6:666', server, proof.bytes)
  expect(server.events).toEqual([])
  network.passes = () => true
  network.advance(300)
  expect(sessionOf(client).result.binding).toEqual(sessionOf(server).result.binding)
})

test('a hook that throws leaves a run that still ends', () => {
  const authorize = (): never => {
    throw new Error('the application’s own')
  }
  const { network, client, server } = clientAndServer({ authorize })
  client.manager.initiate(originOf(SERVER), {}, network.now)
  expect(() => network.settle()).toThrow('the application’s own')
  network.advance(5_000)
  expect(client.events).toMatchObject([{ type: 'failed', error: { code: 'STT_BUSY' } }])
  network.advance(10_000)
  expect(server.manager.getStatistics().pending).toBe(0)
})

// spec: STT-HS-30
test('once a packet of the session has verified, HELLO and AUTH_PROOF are met with silence', () => {
  const { network, client, server } = clientAndServer()
  client.manager.initiate(originOf(SERVER), {}, network.now)
  network.settle()
  const [hello, proof] = network.sent.filter(({ to }) => to === SERVER)
  server.manager.confirm(sessionOf(server).run)
  network.sent.length = 0
  network.inject(CLIENT, server, hello!.bytes)
  network.inject(CLIENT, server, proof!.bytes)
  expect(network.sent).toEqual([])
  expect(server.events).toHaveLength(1)
})

// spec: STT-HS-28
test('a session that gets no packet in 10 s is given back; one that does is not', () => {
  const { network, client, server } = clientAndServer()
  client.manager.initiate(originOf(SERVER), {}, network.now)
  network.settle()
  network.advance(9_999)
  expect(server.events).toHaveLength(1)
  network.advance(1)
  expect(server.events[1]).toMatchObject({ type: 'unconfirmed', result: sessionOf(server).result })

  const again = clientAndServer()
  again.client.manager.initiate(originOf(SERVER), {}, again.network.now)
  again.network.settle()
  again.server.manager.confirm(sessionOf(again.server).run)
  expect(again.server.manager.getStatistics().pending).toBe(0)
  expect(again.server.manager.isComplete(originOf(CLIENT))).toBe(true)
  again.network.advance(60_000)
  expect(again.server.events).toHaveLength(1)
  expect(again.server.manager.isComplete(originOf(CLIENT))).toBe(false)
})

// spec: STT-HS-40
test.each([
  ['refuse', 'STT_PEER_REFUSED', { accepted: 0, refused: 1, busy: 0 }],
  ['busy', 'STT_BUSY', { accepted: 0, refused: 0, busy: 1 }],
] as const)('the decision %s reaches the dialer as %s', (decision, code, statistics) => {
  const { network, client, server } = clientAndServer({ authorize: () => decision })
  client.manager.initiate(originOf(SERVER), {}, network.now)
  network.settle()
  expect(client.events).toMatchObject([{ type: 'failed', error: { code } }])
  expect(server.events).toEqual([])
  expect(server.manager.getStatistics()).toMatchObject(statistics)
})

test('a refusal that is lost is repeated', () => {
  const { network, client } = clientAndServer({ authorize: () => 'refuse' })
  let lost = 0
  network.passes = message => typeOf(message) !== 3 || lost++ > 2
  client.manager.initiate(originOf(SERVER), {}, network.now)
  network.advance(5_000)
  expect(client.events).toMatchObject([{ type: 'failed', error: { code: 'STT_PEER_REFUSED' } }])
})

test('a decision may take its time: FINAL waits, and the peer is told only once there is one', () => {
  const { network, client, server } = clientAndServer({ authorize: () => undefined })
  client.manager.initiate(originOf(SERVER), {}, network.now)
  network.advance(3_000)
  const asked = server.events[0] as Extract<HandshakeEvent, { type: 'authorize' }>
  expect(asked).toMatchObject({ type: 'authorize', peer: { id: identityOf(CLIENT).id, seedIndex: 0 } })
  expect(asked.run.state).toBe('deciding')
  expect(server.events).toHaveLength(1)
  expect(client.events).toEqual([])
  expect(server.manager.decide(asked.run, 'accept', network.now)).toBe(true)
  network.settle()
  expect(sessionOf(client).result.binding).toEqual(sessionOf(server).result.binding)
  expect(server.manager.decide(asked.run, 'refuse', network.now)).toBe(false)
})

// spec: STT-HS-40
test('a decision that never comes is busy after 5 s', () => {
  const { network, client, server } = clientAndServer({ authorize: () => undefined })
  client.manager.initiate(originOf(SERVER), {}, network.now)
  network.advance(4_999)
  expect(client.events).toEqual([])
  network.advance(1)
  expect(client.events).toMatchObject([{ type: 'failed', error: { code: 'STT_BUSY' } }])
  const { run } = server.events[0] as { run: Parameters<typeof server.manager.decide>[0] }
  expect(server.manager.decide(run, 'accept', network.now)).toBe(false)
  network.advance(60_000)
  expect(server.manager.getStatistics()).toMatchObject({ pending: 0, busy: 1 })
})

test('another node than the pinned one is never told who dials, and the dial says why it failed', () => {
  const { network, client, server } = clientAndServer()
  client.manager.initiate(originOf(SERVER), { expectedPeer: identityOf('another').id }, network.now)
  network.advance(10_000)
  expect(errorOf(client.events[0]!)).toMatchObject({
    code: 'STT_PEER_REFUSED',
    message: expect.stringContaining('another node'),
  })
  expect(network.sent.some(message => typeOf(message) === 2)).toBe(false)
  expect(client.manager.getStatistics().dropped.wrongPeer).toBeGreaterThan(0)
  expect(server.manager.getStatistics().accepted).toBe(0)
})

test('a listener with 64 seeds finds the last one, and says which it was', () => {
  const seeds = Array.from({ length: 64 }, (_, i) => seedKeys(`seed ${i}`))
  const decisions: number[] = []
  const authorize = ({ seedIndex }: { seedIndex: number }): Decision => {
    decisions.push(seedIndex)
    return 'accept'
  }
  const { network, client } = clientAndServer({ seeds, authorize }, { seeds: seeds[63]! })
  client.manager.initiate(originOf(SERVER), {}, network.now)
  network.settle()
  expect(sessionOf(client)).toBeDefined()
  expect(decisions).toEqual([63])
})

// spec: STT-HS-36
test('a seed is rolled without a run being lost', () => {
  const [old, next] = [seedKeys('old'), seedKeys('next')]
  const { network, client, server } = clientAndServer({ seeds: old }, { seeds: old })
  let held = true
  network.passes = message => typeOf(message) !== 2 || !held
  client.manager.initiate(originOf(SERVER), {}, network.now)
  network.settle()
  // Between RESPONSE and AUTH_PROOF both sides move on.
  server.manager.setSeeds([next, old])
  client.manager.setSeeds([next, old])
  server.manager.setSeeds([next])
  client.manager.setSeeds([next])
  held = false
  network.advance(1_000)
  expect(sessionOf(client)).toBeDefined()
  client.events.length = 0
  client.manager.initiate(originOf(SERVER), {}, network.now)
  network.settle()
  expect(sessionOf(client)).toBeDefined()
  expect(server.manager.getStatistics().accepted).toBe(2)
})

test('closing fails what is dialed and forgets the rest', () => {
  const { network, client, server } = clientAndServer()
  network.passes = message => typeOf(message) !== 2
  client.manager.initiate(originOf(SERVER), {}, network.now)
  network.settle()
  client.manager.close()
  server.manager.close()
  network.settle()
  expect(client.events).toMatchObject([{ type: 'failed', error: { code: 'STT_CLOSED' } }])
  expect(server.manager.getStatistics()).toMatchObject({ pending: 0 })
  const never = { type: 'timeout', at: Number.POSITIVE_INFINITY }
  expect([client, server].map(({ manager }) => manager.poll(network.now))).toEqual([never, never])
  expect(() => client.manager.initiate(originOf(SERVER), {}, network.now)).toThrow(
    expect.objectContaining({ code: 'STT_CLOSED' }),
  )
  network.inject(CLIENT, server, network.sent[0]!.bytes)
  expect(network.sent.filter(({ from }) => from === SERVER)).toHaveLength(1)
})

test('a cancelled dial is silent for ever', () => {
  const { network, client } = clientAndServer()
  network.passes = () => false
  const run = client.manager.initiate(originOf(SERVER), {}, network.now)
  network.settle()
  client.manager.cancel(run)
  network.advance(60_000)
  expect(client.events).toEqual([])
  expect(network.sent).toHaveLength(1)
  expect(run.state).toBe('failed')
})

test('when a message link ends, its dial ends, and says why', () => {
  const network = new Network()
  const [near, far] = ['ws://10.0.0.1:1001', 'ws://10.0.0.2:80']
  const client = network.add(near)
  const server = network.add(far)
  network.passes = message => typeOf(message) !== 3
  client.manager.initiate(originOf(far), {}, network.now)
  network.settle()
  client.manager.linkClosed(originOf(far), new Error('reset'))
  network.settle()
  expect(errorOf(client.events[0]!)).toMatchObject({ code: 'STT_HANDSHAKE_FAILED', cause: { message: 'reset' } })
  server.manager.linkClosed(originOf(near))
  expect(server.manager.isComplete(originOf(near))).toBe(true)
})

// spec: STT-HS-27
test('two message links are two, though both say that they come from one address', () => {
  const network = new Network()
  const [near, far] = ['ws://10.0.0.1:1001', 'ws://10.0.0.2:80']
  const client = network.add(near)
  const server = network.add(far)
  network.passes = message => typeOf(message) !== 2
  client.manager.initiate(originOf(far), {}, network.now)
  network.settle()
  const proof = network.sent.find(message => typeOf(message) === 2)!.bytes
  server.manager.handleIncoming({ ...originOf(near) }, proof, network.now)
  expect(server.manager.getStatistics().dropped.wrongAddress).toBe(1)
  network.inject(near, server, proof)
  expect(sessionOf(server)).toBeDefined()
})

test('of two dials over UDP to one address the end of one link ends one', () => {
  const { network, client } = clientAndServer()
  network.passes = () => false
  const [one, other] = [originOf(SERVER), originOf(SERVER)]
  const runs = [one, other].map(origin => client.manager.initiate(origin, {}, network.now))
  client.manager.linkClosed(one)
  expect(runs.map(({ state }) => state)).toEqual(['failed', 'pending'])
  client.manager.linkClosed(originOf(SERVER))
  expect(runs[1]!.state).toBe('pending')
})

test('what is sent goes to the very origin that was given', () => {
  const { network, client, server } = clientAndServer()
  const there = originOf(SERVER)
  client.manager.initiate(there, {}, network.now)
  const hello = client.manager.poll(network.now)
  if (hello.type !== 'transmit') throw new Error('a dial begins with HELLO')
  expect(hello.to).toBe(there)
  const here = originOf(CLIENT)
  server.manager.handleIncoming(here, hello.packet, network.now)
  expect(server.manager.poll(network.now)).toMatchObject({ type: 'transmit', to: { label: CLIENT } })
  expect(server.manager.get(here)?.origin).toBe(here)
})

test('a manager that does not listen answers no HELLO', () => {
  const { network, client, server } = clientAndServer({ listen: undefined })
  client.manager.initiate(originOf(SERVER), {}, network.now)
  network.settle()
  expect(server.manager.getStatistics().dropped.unexpected).toBe(1)
  expect(network.sent).toHaveLength(1)
})

test('limits and options that cannot be are refused by name', () => {
  const network = new Network()
  const invalid = expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' })
  expect(() => network.add(CLIENT, { load: { prefix: { rate: 0, burst: 1 } } })).toThrow(invalid)
  expect(() => network.add(CLIENT, { metadata: 'x'.repeat(600) })).toThrow(invalid)
  const node = network.add(CLIENT, { load: { pending: 1 } })
  network.passes = () => false
  expect(() => node.manager.initiate(originOf(SERVER), { expectedPeer: new Uint8Array(3) }, network.now)).toThrow(
    invalid,
  )
  node.manager.initiate(originOf(SERVER), {}, network.now)
  expect(() => node.manager.initiate(originOf(SERVER), {}, network.now)).toThrow(
    expect.objectContaining({ code: 'STT_LIMIT' }),
  )
})

function expectPauses(messages: readonly Sent[], expected: readonly number[]): void {
  for (const [i, pause] of expected.entries()) {
    const actual = messages[i + 1]!.at - messages[i]!.at
    expect(actual).toBeGreaterThanOrEqual(pause * 0.9)
    expect(actual).toBeLessThanOrEqual(pause * 1.1)
    expect(actual).not.toBe(pause)
  }
}

function errorOf(event: HandshakeEvent): Error {
  if (event.type !== 'failed') throw new Error(`the event is ${event.type}`)
  return event.error
}

// spec: STT-HS-46
test('a run whose AUTH_PROOFs fail eight times gives its place back, without a word', () => {
  const { network, client, server } = clientAndServer()
  const proofs: Sent[] = []
  network.passes = message => typeOf(message) !== 2 || proofs.push(message) === 0
  client.manager.initiate(originOf(SERVER), {}, network.now)
  network.settle()
  const bad = proofs[0]!.bytes.slice()
  bad[40]! ^= 1
  withMac(bad)
  for (let i = 0; i < 7; i++) network.inject(CLIENT, server, bad)
  expect(server.manager.getStatistics()).toMatchObject({ pending: 1, dropped: { badNoise: 7 } })
  const before = network.sent.length
  network.inject(CLIENT, server, bad)
  expect(server.manager.getStatistics()).toMatchObject({ pending: 0, dropped: { badNoise: 8 } })
  network.inject(CLIENT, server, proofs[0]!.bytes)
  expect(server.manager.getStatistics().dropped.unknownRun).toBe(1)
  expect(network.sent).toHaveLength(before)
  expect([server.events, server.manager.get(originOf(CLIENT))]).toEqual([[], undefined])
})

test('there is news when there is something to send, or another deadline than was told; not for what changes nothing', () => {
  const { network, client, server } = clientAndServer()
  const proofs: Sent[] = []
  network.passes = message => typeOf(message) !== 2 || proofs.push(message) === 0
  client.manager.initiate(originOf(SERVER), {}, network.now)
  expect(client.manager.hasNews).toBe(true)
  network.settle()
  expect([client.manager.hasNews, server.manager.hasNews]).toEqual([false, false])
  const bad = proofs[0]!.bytes.slice()
  bad[40]! ^= 1
  withMac(bad)
  const news = Array.from({ length: 8 }, () => {
    server.manager.handleIncoming(originOf(CLIENT), bad, network.now)
    return server.manager.hasNews
  })
  // The eighth ends the run, whose place is free from the next `poll` on.
  expect(news).toEqual([...Array.from({ length: 7 }, () => false), true])
})

// spec: STT-HS-6, STT-HS-27
test('a FINAL in two fragments survives the loss of either', () => {
  for (const lost of [0, 1]) {
    const hybrid = { suites: [1, 2] } as const
    const { network, client } = clientAndServer({ ...hybrid, metadata: 'x'.repeat(400) }, hybrid)
    let finals = 0
    network.passes = message => typeOf(message) !== 3 || finals++ !== lost
    client.manager.initiate(originOf(SERVER), {}, network.now)
    network.settle()
    expect([finals, client.events]).toEqual([2, []])
    network.advance(300)
    expect(finals).toBe(4)
    expect(sessionOf(client).result).toMatchObject({ suite: 2, peerMetadata: 'x'.repeat(400) })
    expect(client.manager.getStatistics().dropped.malformed).toBe(0)
  }
})
