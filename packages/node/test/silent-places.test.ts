import { SttError } from '@stt/errors'
import { createLossRecovery } from '@stt/recovery'
import { createRandom, linkPair, type VirtualTimer } from '@stt/testing'
import { expect, test } from 'vitest'
import type { Environment } from '../src/core/environment.ts'
import type { NodeContext } from '../src/core/node-context.ts'
import { NodeCore } from '../src/core/node-core.ts'
import { type NodeOptions, Seed, type Session } from '../src/index.ts'
import { listenerPlugin } from '../src/listen/listener-plugin.ts'
import { openUdpAcceptor } from '../src/listen/udp-acceptor.ts'
import { policyOf } from '../src/peers/peer-rules.ts'
import { NodeStreamCore } from '../src/stream/node-stream-core.ts'
import { collect, first, pattern, rejection } from './nodes.ts'
import { virtualListener } from './virtual-listener.ts'
import { run } from './virtual-nodes.ts'

type Node = NodeCore<NodeStreamCore>

/** A server and nodes that dial it, in virtual time: each dial over a path of its own, which can be cut. */
async function setUp(serverOptions: Partial<NodeOptions>) {
  const pair = linkPair({
    seed: 1,
    kind: 'datagram',
    createRecovery: ({ maxPacketSize }) => createLossRecovery({ maxDatagramSize: maxPacketSize }),
  })
  const { loop } = pair
  const random = createRandom(1).fork('nodes')
  const seed = Seed.fromBytes(random.bytes(32))
  const contexts: NodeContext[] = []
  /** Of each dial in turn: makes its packets go nowhere. */
  const cuts: (() => void)[] = []
  /** A client whose path was cut finds no other. */
  let isOffline = false
  const listeners = new Map<string, ReturnType<typeof virtualListener>>()
  let port = 50_000
  /** Milliseconds for which no timer rang and nothing was read. */
  let stoodStill = 0

  const environment: Environment<NodeStreamCore> = {
    clock: {
      now: () => loop.now + stoodStill,
      setTimer: (callback, delay) => loop.after(delay, callback),
      clearTimer: timer => loop.cancel(timer as VirtualTimer | undefined),
      afterReads: callback => queueMicrotask(callback),
    },
    entropy: length => random.bytes(length),
    wallClock: () => 0,
    listener: listenerPlugin,
    policyOf,
    createStream: NodeStreamCore.create,
    async openAcceptor(text, _address, context) {
      const listener = virtualListener(pair.another(text).server)
      listeners.set(text, listener)
      contexts.push(context as NodeContext)
      return openUdpAcceptor(listener, context as NodeContext)
    },
    async openLink(text) {
      if (isOffline) throw new SttError('STT_CONNECT_FAILED', 'no network')
      const { client, server } = pair.another(`udp://10.0.0.2:${++port}`)
      listeners.get(text)!.add(server)
      const send = client.send.bind(client)
      let isCut = false
      client.send = packet => isCut || send(packet)
      cuts.push(() => {
        isCut = true
      })
      return { link: client }
    },
    warn: error => {
      throw error
    },
  }
  const limits = { idleTimeout: 120_000, detachedTimeout: 120_000, ...serverOptions.limits }
  const create = (options: Partial<NodeOptions>): Promise<Node> =>
    NodeCore.create({ seed, ...options, limits: { ...limits, ...options.limits } }, environment)
  const server = await create({ ...serverOptions, listen: [SERVER] })
  const client = await create({ listen: [CLIENT] })
  const accepted: Session[] = []
  return {
    server,
    accepted,
    cut: (dial: number): void => cuts[dial]!(),
    create,
    take: () => server.onSession(session => void accepted.push(session)),
    engineOf: (session: object) =>
      [...contexts[0]!.endpoint.handles].find(handle => handle.session === session)!.driver.engine,
    dial: async (options: Parameters<Node['connect']>[1] = {}, from: Node = client): Promise<Session> =>
      run(pair, from.connect(SERVER, options)),
    run: <T>(promise: Promise<T>): Promise<T> => run(pair, promise),
    /** Lets time pass in which no new path can be opened. */
    async pass(milliseconds: number): Promise<void> {
      isOffline = true
      await run(pair, new Promise<void>(resolve => loop.after(milliseconds, resolve)))
      isOffline = false
    },
    now: () => loop.now + stoodStill,
    standStill(milliseconds: number): void {
      stoodStill += milliseconds
    },
  }
}

const SERVER = 'udp://10.0.0.1:4433'
const CLIENT = 'udp://10.0.0.9:4433'

// spec: STT-PKT-28
test('a peer at its limit gets a new session for a silent one, and no session that is heard ends', async () => {
  const { server, accepted, take, dial, cut, pass } = await setUp({ limits: { sessionsPerPeer: 2 } })
  take()
  const lost = await dial()
  const kept = await dial()
  // Idle as they are, their PINGs are heard.
  await pass(40_000)
  expect(await rejection(dial())).toMatchObject({ code: 'STT_BUSY' })
  await pass(5_000)
  cut(0)
  await pass(21_000)
  const another = await dial()
  expect(await accepted[0]!.closed).toMatchObject({ by: 'silence', error: { code: 'STT_TRUNCATED' } })
  expect([accepted[1]!.state, accepted[2]!.state, kept.state, another.state]).toEqual(Array(4).fill('active'))
  expect(server.getStatistics()).toMatchObject({ sessions: 2, limited: { sessionsPerPeer: 2 } })
  // Nobody told the other end.
  await pass(1_000)
  expect(lost.state).toBe('active')
  expect(await rejection(dial())).toMatchObject({ code: 'STT_BUSY' })
})

test('a session that is silent for less than 20 s keeps its place', async () => {
  const { dial, cut, pass, take } = await setUp({ limits: { sessionsPerPeer: 1 } })
  take()
  await dial()
  cut(0)
  await pass(19_500)
  expect(await rejection(dial())).toMatchObject({ code: 'STT_BUSY' })
  await pass(1_000)
  expect((await dial()).state).toBe('active')
})

test('the session that has been silent longest goes, however old the others are', async () => {
  const { accepted, take, dial, cut, pass } = await setUp({ limits: { sessionsPerPeer: 3 } })
  take()
  for (let i = 0; i < 3; i++) await dial()
  for (const each of [1, 2, 0]) {
    cut(each)
    await pass(16_000)
  }
  await pass(25_000)
  await dial()
  expect(accepted.map(({ state }) => state)).toEqual(['active', 'closed', 'active', 'active'])
  await dial()
  expect(accepted.map(({ state }) => state)).toEqual(['active', 'closed', 'closed', 'active', 'active'])
})

test('a session without a link makes room, however lately it was heard', async () => {
  const { accepted, take, dial, engineOf, now } = await setUp({ limits: { sessionsPerPeer: 1 } })
  take()
  await dial()
  expect(await rejection(dial())).toMatchObject({ code: 'STT_BUSY' })
  const engine = engineOf(accepted[0]!)
  engine.detach(engine.link!, undefined, now())
  await dial()
  expect(accepted.map(({ state }) => state)).toEqual(['closed', 'active'])
})

test('no session counts as silent after the program itself stood still, before it has read what came meanwhile', async () => {
  const { accepted, take, dial, standStill, pass } = await setUp({ limits: { sessionsPerPeer: 1 } })
  take()
  await dial()
  await pass(1_000)
  standStill(25_000)
  expect(await rejection(dial())).toMatchObject({ code: 'STT_BUSY' })
  expect(accepted.map(({ state }) => state)).toEqual(['active'])
})

test('a session whose bytes wait to be taken keeps them, and its place', async () => {
  const { server, dial, cut, pass, run } = await setUp({ limits: { sessionsPerPeer: 1 } })
  const session = await dial()
  const stream = await session.openSendStream()
  await stream.write(pattern(1_000))
  await stream.end()
  await run(stream.delivered)
  cut(0)
  await pass(60_000)
  expect(await rejection(dial())).toMatchObject({ code: 'STT_BUSY' })
  const taken = await run(first(server.sessions()))
  expect(await run(first(taken.streams()).then(collect))).toEqual(pattern(1_000))
  expect((await dial()).state).toBe('active')
})

test('the silence of one peer makes no room for another, and none in other limits', async () => {
  const { create, dial, cut, pass, take } = await setUp({ limits: { sessionsPerPeer: 1, sessionsPerPrefix: 2 } })
  take()
  await dial()
  cut(0)
  await pass(25_000)
  const other = await create({})
  await dial({}, other)
  expect(await rejection(dial({}, other))).toMatchObject({ code: 'STT_BUSY' })
  // Its own silent session would make room, but its prefix has none.
  expect(await rejection(dial())).toMatchObject({ code: 'STT_BUSY' })
})

test('a peer that the application refuses takes nobody’s place', async () => {
  const { server, accepted, take, dial, cut, pass } = await setUp({
    limits: { sessionsPerPeer: 1 },
    authorize: ({ metadata }) => metadata !== 'stranger',
  })
  take()
  await dial()
  cut(0)
  await pass(25_000)
  expect(await rejection(dial({ metadata: 'stranger' }))).toMatchObject({ code: 'STT_PEER_REFUSED' })
  expect(accepted[0]!.state).toBe('active')
  expect(server.getStatistics().sessions).toBe(1)
  expect((await dial({ metadata: 'friend' })).state).toBe('active')
  expect(accepted[0]!.state).toBe('closed')
})

test('sessions that this side dialed take no place, and give none', async () => {
  const { server, accepted, take, dial, cut, pass, run } = await setUp({ limits: { sessionsPerPeer: 1 } })
  take()
  const own = await run(server.connect(CLIENT))
  cut(0)
  await dial()
  await pass(25_000)
  expect(await rejection(dial())).toMatchObject({ code: 'STT_BUSY' })
  expect([own.state, accepted[0]!.state]).toEqual(['active', 'active'])
})
