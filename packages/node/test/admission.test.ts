import { Initiator, type TrustStore } from '@stt/handshake'
import { dialWebSocket } from '@stt/transport-ws'
import { expectWarnings } from '@stt/vitest-config/warnings'
import { describe, expect, test } from 'vitest'
import { Identity, MemoryTrustStore, type NodeOptions, Seed, type STTNode, type SttError } from '../src/index.ts'
import { createNode, first, pattern, rejection } from './nodes.ts'
import { virtualNodes } from './virtual-nodes.ts'

expectWarnings('STT_PEER_REFUSED')

describe.each(['ws://127.0.0.1:0', 'udp://127.0.0.1:0'])('over %s', address => {
  test('a listener without room for one more session says that it is busy', async () => {
    const seed = Seed.generate()
    const server = await createNode({ seed, listen: [address], limits: { sessions: 2 } })
    const client = await createNode({ seed })
    const [session] = [await client.connect(server.addresses), await client.connect(server.addresses)]
    await expect(client.connect(server.addresses)).rejects.toMatchObject({ code: 'STT_BUSY' })
    expect(server.getStatistics()).toMatchObject({ busy: 1, sessions: 2 })
    await session.close()
    await expect.poll(() => server.getStatistics().sessions).toBe(1)
    expect((await client.connect(server.addresses)).state).toBe('active')
  })

  test('a revoked node loses its session, and the sessions of others go on', async () => {
    const seed = Seed.generate()
    const [one, other] = [Identity.generate(), Identity.generate()]
    const server = await createNode({ seed, listen: [address], peers: { allow: [one.id, other.id] } })
    const revoked = await (await createNode({ seed, identity: one })).connect(server.addresses)
    const kept = await (await createNode({ seed, identity: other })).connect(server.addresses)
    await server.revoke(one.id)
    expect(await revoked.closed).toMatchObject({ by: 'peer', reason: 'revoked' })
    expect(await kept.ping()).toBeGreaterThanOrEqual(0)
    expect(kept.state).toBe('active')
  })

  test('a node is let in only if authorize and the policy agree', async () => {
    const seed = Seed.generate()
    const friend = Identity.generate()
    const server = await createNode({ seed, listen: [address], peers: { allow: [friend.id] }, authorize: () => true })
    const stranger = await createNode({ seed })
    await expect(stranger.connect(server.addresses)).rejects.toMatchObject({ code: 'STT_PEER_REFUSED' })
    const client = await createNode({ seed, identity: friend })
    expect((await client.connect(server.addresses)).state).toBe('active')
  })

  test('an authorize that throws, at once or later, lets nobody in, and the operator is told', async () => {
    const seed = Seed.generate()
    const failures = [
      () => {
        throw new Error('at once')
      },
      () => Promise.reject(new Error('later')),
    ]
    const server = await createNode({ seed, listen: [address], authorize: () => failures.shift()!() })
    const client = await createNode({ seed })
    for (const message of ['at once', 'later']) {
      const warned = new Promise<Error>(resolve => process.once('warning', resolve))
      await expect(client.connect(server.addresses)).rejects.toMatchObject({ code: 'STT_PEER_REFUSED' })
      expect((await warned).cause).toMatchObject({ message })
    }
    expect(server.getStatistics()).toMatchObject({ refused: 2, sessions: 0 })
  })

  test('a dialer does not reveal itself to a node that is not on its allowlist', async () => {
    const seed = Seed.generate()
    const server = await createNode({ seed, listen: [address] })
    const client = await createNode({ seed, peers: { allow: [pattern(32)] }, limits: { handshakeTimeout: 300 } })
    await expect(client.connect(server.addresses)).rejects.toMatchObject({ code: 'STT_PEER_REFUSED' })
    expect(server.getStatistics()).toMatchObject({ accepted: 0, sessionsOpened: 0 })
  })

  test('a dialer keeps no session when its store trusts another node by then', async () => {
    const seed = Seed.generate()
    const server = await createNode({ seed, listen: [address] })
    const store: TrustStore = { list: async () => [], admit: async () => false, revoke: async () => {} }
    const client = await createNode({ seed, peers: { trustOnFirstUse: store } })
    const accepting = first(server.sessions())
    const error = await rejection(client.connect(server.addresses))
    expect(error).toMatchObject({ code: 'STT_PEER_REFUSED' })
    expect(await (await accepting).closed).toMatchObject({ by: 'peer', error: { code: 'STT_CLOSED' } })
    await expect.poll(() => client.getStatistics().sessions).toBe(0)
  })
})

describe('what changes while a handshake is under way', () => {
  const ADDRESS = 'udp://10.0.0.1:4433'
  const [near, far] = [Identity.generate(), Identity.generate()]
  const secret = pattern(32)

  /** A listener that takes its time over `authorize`, and a dial that waits for it. */
  async function deciding(options: Partial<NodeOptions>, serverOptions: Partial<NodeOptions>) {
    let answer!: (answer: boolean) => void
    let asked!: () => void
    const isAsked = new Promise<void>(resolve => {
      asked = resolve
    })
    const authorize = (): Promise<boolean> => {
      asked()
      return new Promise(resolve => {
        answer = resolve
      })
    }
    const nodes = await virtualNodes(
      { seed: 3 },
      { identity: near, ...options },
      { identity: far, authorize, ...serverOptions },
    )
    const dialing = rejection(nodes.client.connect(ADDRESS))
    await nodes.run(isAsked)
    return { nodes, dialing, answer: () => answer(true) }
  }

  // spec: STT-HS-42
  test.each([
    ['an allowlist', { allow: [near.id] }],
    ['pairwise secrets', { pairwise: () => secret }],
    ['trust on first use', { trustOnFirstUse: new MemoryTrustStore() }],
  ])('a listener with %s keeps out a node that is revoked meanwhile', async (name, peers) => {
    const dialer = name === 'pairwise secrets' ? { peers: { pairwise: () => secret } } : {}
    const { nodes, dialing, answer } = await deciding(dialer, { peers })
    await nodes.server.revoke(near.id)
    answer()
    expect(await nodes.run(dialing)).toMatchObject({ code: 'STT_PEER_REFUSED' })
    expect(nodes.server.getStatistics()).toMatchObject({ sessionsOpened: 0, refused: 1 })
  })

  // spec: STT-HS-42
  test.each([
    ['an allowlist', { allow: [far.id] }],
    ['pairwise secrets', { pairwise: () => secret }],
    ['trust on first use', { trustOnFirstUse: new MemoryTrustStore() }],
  ])('a dialer with %s gets no session with a node that is revoked meanwhile', async (name, peers) => {
    const listener = name === 'pairwise secrets' ? { peers: { pairwise: () => secret } } : {}
    const { nodes, dialing, answer } = await deciding({ peers }, listener)
    await nodes.client.revoke(far.id)
    answer()
    expect(await nodes.run(dialing)).toMatchObject({ code: 'STT_PEER_REFUSED' })
    expect(nodes.client.getStatistics()).toMatchObject({ sessionsOpened: 0, dialing: 0 })
  })

  test('a dialer that trusts on first use tells a revoked node nothing', async () => {
    const store = new MemoryTrustStore()
    await store.revoke(far.id)
    const asked: unknown[] = []
    const nodes = await virtualNodes(
      { seed: 3 },
      { identity: near, peers: { trustOnFirstUse: store }, metadata: { user: 'alice' } },
      { identity: far, authorize: applicant => asked.push(applicant) > 0 },
    )
    expect(await nodes.run(rejection(nodes.client.connect(ADDRESS)))).toMatchObject({ code: 'STT_PEER_REFUSED' })
    expect(asked).toEqual([])
  })

  // spec: STT-HS-42
  test('the limit of sessions counts those that came in while others were decided on', async () => {
    const seed = Seed.generate()
    const answers: ((answer: boolean) => void)[] = []
    const server = await createNode({
      seed,
      listen: ['udp://127.0.0.1:0'],
      limits: { sessions: 2 },
      authorize: () => new Promise(resolve => answers.push(resolve)),
    })
    const client = await createNode({ seed })
    const dials = Array.from({ length: 5 }, () => rejection(client.connect(server.addresses)))
    await expect.poll(() => answers.length).toBe(5)
    for (const answer of answers) answer(true)
    const codes = (await Promise.all(dials)).map(outcome => (outcome as SttError | undefined)?.code)
    expect(codes.sort()).toEqual(['STT_BUSY', 'STT_BUSY', 'STT_BUSY', undefined, undefined])
    expect(server.getStatistics()).toMatchObject({ sessions: 2, limited: { sessions: 3 } })
  })

  test('a peer that authorize never answers is told to come back, and waiting peers take bounded memory', async () => {
    const { nodes, dialing } = await deciding({}, {})
    expect(await nodes.run(dialing)).toMatchObject({ code: 'STT_BUSY' })
    expect(nodes.pair.loop.now).toBeLessThan(6_000)
    expect(nodes.server.getStatistics()).toMatchObject({ busy: 1, sessionsOpened: 0 })
  })
})

test('one node, and one address, can have a limited number of sessions with a listener', async () => {
  const seed = Seed.generate()
  const limits = { sessionsPerPeer: 2, sessionsPerPrefix: 3 }
  const server = await createNode({ seed, listen: ['udp://127.0.0.1:0'], limits })
  const dial = (node: STTNode): Promise<unknown> => rejection(node.connect(server.addresses))
  const [one, other, late] = [await createNode({ seed }), await createNode({ seed }), await createNode({ seed })]
  expect([await dial(one), await dial(one)]).toEqual([undefined, undefined])
  expect(await dial(one)).toMatchObject({ code: 'STT_BUSY' })
  expect(server.getStatistics().limited).toEqual({ sessions: 0, sessionsPerPeer: 1, sessionsPerPrefix: 0, memory: 0 })
  expect(await dial(other)).toBeUndefined()
  expect(await dial(late)).toMatchObject({ code: 'STT_BUSY' })
  expect(server.getStatistics().limited).toEqual({ sessions: 0, sessionsPerPeer: 1, sessionsPerPrefix: 1, memory: 0 })
  await other.close()
  await expect.poll(() => server.getStatistics().sessions).toBe(2)
  expect(await dial(late)).toBeUndefined()
})

test.each(['yes', 1, undefined, {}])(
  'an authorize that answers %j lets nobody in, and the operator is told',
  async answer => {
    const warnings: Error[] = []
    const authorize = (() => answer) as unknown as () => boolean
    const nodes = await virtualNodes({ seed: 4, warn: error => void warnings.push(error) }, {}, { authorize })
    const outcome = nodes.run(rejection(nodes.client.connect('udp://10.0.0.1:4433')))
    expect(await outcome).toMatchObject({ code: 'STT_PEER_REFUSED' })
    expect(warnings).toMatchObject([{ code: 'STT_PEER_REFUSED', cause: { code: 'STT_INVALID_ARGUMENT' } }])
  },
)

test('a dial that is called off leaves nothing behind at either end, at whatever step', async () => {
  const outcomes: unknown[] = []
  for (let steps = 0; steps < 20; steps++) {
    const nodes = await virtualNodes({ seed: 1 })
    const abort = new AbortController()
    const dialing = nodes.client.connect('udp://10.0.0.1:4433', { signal: abort.signal })
    const outcome = dialing.then(
      session => session.close({ deadline: 0 }).then(() => 'session'),
      (error: SttError) => error.code,
    )
    for (let i = 0; i < steps; i++) {
      await new Promise(resolve => setImmediate(resolve))
      nodes.pair.loop.step()
    }
    abort.abort()
    outcomes.push(await nodes.run(outcome))
    expect(nodes.client.getStatistics().dialing).toBe(0)
    await nodes.run(new Promise<void>(resolve => nodes.pair.loop.after(15_000, resolve)))
    expect(nodes.client.getStatistics(), `${steps} steps`).toMatchObject({ sessions: 0, dialing: 0 })
    expect(nodes.server.getStatistics(), `${steps} steps`).toMatchObject({ sessions: 0, pending: 0 })
  }
  expect(new Set(outcomes)).toEqual(new Set(['STT_ABORTED', 'session']))
})

test('a WebSocket that stops after the answer to its HELLO is closed at the handshake’s deadline', async () => {
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'], limits: { handshakeTimeout: 1_000 } })
  const link = await dialWebSocket(server.addresses[0]!)
  const initiator = new Initiator({
    keys: seed.deriveKeys(),
    identity: Identity.generate(),
    entropy: length => crypto.getRandomValues(new Uint8Array(length)),
    limits: { idleTimeout: 1_000, maxData: 0, maxStreamData: 0, maxDatagram: 0, maxMessage: 0, maxStreamsBidi: 0, maxStreamsUni: 0 }, // biome-ignore format: one line
    localCid: pattern(8),
    datagram: false,
  })
  const answered = new Promise(resolve => {
    link.onPacket = resolve
  })
  const closed = new Promise<void>(resolve => {
    link.onClose = () => resolve()
  })
  link.send(initiator.createHello(0))
  await answered
  await closed
  await expect.poll(() => server.getStatistics()).toMatchObject({ pending: 0, sessionsOpened: 0 })
})

test('the newest 256 unread datagrams are kept, and the others are counted', async () => {
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'] })
  const client = await createNode({ seed })
  const accepting = first(server.sessions())
  const dialed = await client.connect(server.addresses)
  const accepted = await accepting
  for (let i = 0; i < 300; i += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, j) => dialed.sendDatagram(Uint8Array.of((i + j) >>> 8, i + j))))
  }
  expect(accepted.getStatistics().datagramsExpired).toBe(44)
  const received: number[] = []
  for await (const [high = 0, low = 0] of accepted.datagrams()) {
    received.push(high * 256 + low)
    if (received.length === 256) break
  }
  expect(received).toEqual(Array.from({ length: 256 }, (_, i) => i + 44))
})
