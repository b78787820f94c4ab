import { createRandom, measureMemory, type Random } from '@stt/testing'
import { isSttError, type Session, type Stream } from '../src/index.ts'
import { collect, pattern } from './nodes.ts'
import { type VirtualPair, virtualNodes } from './virtual-nodes.ts'

export interface ChaosResult {
  /** Bytes reachable after a tenth of the time, and at the end. */
  readonly memory: readonly [atATenth: number, atTheEnd: number]
  /** How often each action was done. */
  readonly actions: Readonly<Record<string, number>>
  readonly sessions: number
  /** Errors that applications met, by code. */
  readonly errors: Readonly<Record<string, number>>
}

/**
 * A client and a server whose applications do whatever comes to their minds, for some minutes of virtual time, on a
 * network that does the same. Rejects with anything that is not an error meant for applications.
 */
export async function chaos(seed: number, minutes: number): Promise<ChaosResult> {
  const random = createRandom(seed).fork('chaos')
  const nodes = await virtualNodes({ seed, scenario: 'chaos' }, { limits: { closeDeadline: 1_000 } })
  const world = new Chaos(nodes, random)
  let atATenth = 0
  for (let minute = 1; minute <= minutes; minute++) {
    await world.live(minute * 60_000)
    if (minute === Math.ceil(minutes / 10)) atATenth = await world.measure()
  }
  const memory = [atATenth, await world.measure()] as const
  await nodes.run(Promise.all([nodes.client.close(), nodes.server.close()]))
  return {
    memory,
    actions: Object.fromEntries(world.actions),
    sessions: nodes.server.getStatistics().sessionsOpened,
    errors: Object.fromEntries(world.errors),
  }
}

class Chaos {
  readonly actions = new Map<string, number>()
  readonly errors = new Map<string, number>()
  readonly #nodes: VirtualPair
  readonly #random: Random
  readonly #streams: Stream[] = []
  readonly #defects: unknown[] = []
  #session: Session | undefined
  #connecting = false

  constructor(nodes: VirtualPair, random: Random) {
    this.#nodes = nodes
    this.#random = random
    nodes.server.onSession(session => this.#serve(session))
  }

  /** Acts at random moments until `time`. */
  async live(time: number): Promise<void> {
    const { loop } = this.#nodes.pair
    while (loop.now < time) {
      await this.#pass(this.#random.integer(200))
      if (this.#defects.length > 0) throw this.#defects[0]
      this.#act()
    }
  }

  /** What is kept when nobody does anything. */
  async measure(): Promise<number> {
    if (this.#session) this.#meant(this.#session.close())
    this.#heal()
    await this.#pass(60_000)
    this.#streams.length = 0
    return measureMemory()
  }

  #act(): void {
    const session = this.#session
    if (session?.state !== 'active') return this.#connect()
    const names = Object.keys(ACTIONS)
    const name = names[this.#random.integer(names.length)]!
    this.actions.set(name, (this.actions.get(name) ?? 0) + 1)
    this.#meant(ACTIONS[name]!({ session, random: this.#random, streams: this.#streams, nodes: this.#nodes }))
    while (this.#streams.length > 20) this.#streams.shift()!.reset(1)
  }

  #connect(): void {
    if (this.#connecting) return
    this.#connecting = true
    const connecting = this.#nodes.client.connect('udp://10.0.0.1:4433').then(session => {
      this.#session = session
      this.#streams.length = 0
      this.#meant(this.#answer(session))
      this.#meant(discard(session.datagrams()))
    })
    this.#meant(connecting.finally(() => (this.#connecting = false)))
  }

  async #serve(session: Session): Promise<void> {
    this.#meant(discard(session.datagrams()))
    // An error would be this test's own: a failing handler closes its session.
    await this.#answer(session).catch(error => this.#met(error))
  }

  /** Does one thing or another with each stream that the peer opens. */
  async #answer(session: Session): Promise<void> {
    for await (const stream of session.streams()) {
      const mood = this.#random.integer(10)
      if (mood === 0) stream.stop(this.#random.integer(9))
      else if (mood === 1) this.#meant(readOne(stream))
      else this.#meant(echo(stream, this.#random))
    }
  }

  #meant(doing: Promise<unknown>): void {
    doing.catch(error => this.#met(error))
  }

  #met(error: unknown): void {
    if (!isSttError(error) || !MEANT.has(error.code)) this.#defects.push(error)
    else this.errors.set(error.code, (this.errors.get(error.code) ?? 0) + 1)
  }

  #heal(): void {
    for (const path of [this.#nodes.pair.toServer, this.#nodes.pair.toClient])
      path.change({ ...HEALED, blackholes: [] })
  }

  #pass(milliseconds: number): Promise<void> {
    return this.#nodes.run(new Promise<void>(resolve => this.#nodes.pair.loop.after(milliseconds, resolve)))
  }
}

interface Scene {
  readonly session: Session
  readonly random: Random
  readonly streams: Stream[]
  readonly nodes: VirtualPair
}

const one = ({ streams, random }: Scene): Stream | undefined => streams[random.integer(streams.length)]

const ACTIONS: Readonly<Record<string, (scene: Scene) => Promise<unknown>>> = {
  async exchange({ session, random }) {
    const stream = await session.openStream({ priority: random.integer(8) })
    const bytes = pattern(random.integer(20_000))
    await stream.write(bytes)
    await stream.end()
    const received = await collect(stream)
    if (Buffer.compare(received, bytes) !== 0) throw new Error('other bytes came back than were sent')
  },
  async open({ session, streams, random }) {
    streams.push(await (random.chance(0.5) ? session.openStream() : session.openSendStream()))
  },
  write: async scene => one(scene)?.write(pattern(scene.random.integer(30_000))),
  message: async scene => one(scene)?.writeMessage(pattern(scene.random.integer(5_000))),
  async abortWrite(scene) {
    const abort = new AbortController()
    const writing = one(scene)?.write(pattern(300_000), { signal: abort.signal })
    scene.nodes.pair.loop.after(scene.random.integer(100), () => abort.abort())
    await writing
  },
  async end(scene) {
    const { streams, random } = scene
    const [stream] = streams.splice(random.integer(streams.length), 1)
    await stream?.end()
  },
  reset: async scene => one(scene)?.reset(scene.random.integer(99)),
  stop: async scene => one(scene)?.stop(scene.random.integer(99)),
  async datagram({ session, random }) {
    await session.sendDatagram(pattern(random.integer(session.maxDatagramSize + 1)))
  },
  ping: ({ session }) => session.ping(),
  async rotateKeys({ session }) {
    session.rotateKeys()
  },
  async network({ nodes, random }) {
    const path = random.chance(0.5) ? nodes.pair.toServer : nodes.pair.toClient
    path.change({
      delay: random.integer(150),
      loss: { rate: random.next() * 0.3, burst: 1 + random.integer(3), longest: 5 },
      reorder: random.next() * 0.2,
      duplicate: random.next() * 0.2,
      corrupt: random.next() * 0.1,
    })
  },
  async blackout({ nodes, random }) {
    if (!random.chance(0.1)) return
    const { now } = nodes.pair.loop
    nodes.pair.toServer.change({ blackholes: [[now, now + random.integer(random.chance(0.2) ? 40_000 : 3_000)]] })
  },
  async close({ session, random }) {
    if (random.chance(0.2)) await session.close({ code: random.integer(99), deadline: random.integer(2_000) })
  },
}

async function echo(stream: Stream, random: Random): Promise<void> {
  const bytes = await collect(stream)
  if (stream.unidirectional) return
  if (random.chance(0.05)) return stream.reset(3)
  await stream.write(bytes)
  await stream.end()
}

async function readOne(stream: Stream): Promise<void> {
  for await (const _chunk of stream) return
}

async function discard(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _item of items);
}

const HEALED = { delay: 10, loss: { rate: 0, burst: 1 }, reorder: 0, duplicate: 0, corrupt: 0 } as const
/** What applications may meet here. */
const MEANT = new Set([
  'STT_ABORTED',
  'STT_CLOSED',
  'STT_TRUNCATED',
  'STT_TIMEOUT',
  'STT_STREAM_RESET',
  'STT_STREAM_STOPPED',
  'STT_INVALID_STATE',
])
