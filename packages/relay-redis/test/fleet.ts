import { type NodeOptions, type Seed, type Session, STTNode } from '@stt/node'
import { listenRelay, type Relay } from '@stt/relay'
import { freePort } from '@stt/testing'
import { onTestFinished } from 'vitest'
import { openRedisStore, type RedisRelayStore } from '../src/index.ts'

/** Limits for many who come from one address, as fast as this machine lets them. */
export const CROWD = {
  listenersPerAddress: 10_000,
  listenersPerSecond: 10_000,
  circuitsPerAddress: 1_000,
  dialsPerSecond: 1_000,
}

export interface FleetOptions {
  readonly redis: string
  readonly count?: number
  /** Gives the common name of instances at these ports, and each one's own. Default: each at its port, the first one's for all. */
  readonly front?: (
    ports: readonly number[],
  ) => Promise<{ readonly url: string; readonly own: (index: number) => string }>
  readonly options?: Parameters<typeof listenRelay>[0]
}

/** Instances of one relay that share a Redis. */
export class Fleet {
  readonly ports: readonly number[]
  readonly url: string
  readonly relays: Relay[] = []
  readonly stores: RedisRelayStore[] = []
  /** The log lines of all of them. */
  readonly lines: string[] = []
  readonly #own: (index: number) => string
  readonly #given: FleetOptions

  private constructor(ports: readonly number[], url: string, own: (index: number) => string, given: FleetOptions) {
    this.ports = ports
    this.url = url
    this.#own = own
    this.#given = given
  }

  static async start(given: FleetOptions): Promise<Fleet> {
    const ports: number[] = []
    while (ports.length < (given.count ?? 3)) ports.push(await freePort())
    const here = { url: `ws://127.0.0.1:${ports[0]}/`, own: (index: number) => `ws://127.0.0.1:${ports[index]}/` }
    const { url, own } = given.front ? await given.front(ports) : here
    const fleet = new Fleet(ports, url, own, given)
    for (const index of ports.keys()) await fleet.begin(index)
    onTestFinished(async () => {
      for (const relay of fleet.relays) await relay.close()
      for (const store of fleet.stores) store.close()
    })
    return fleet
  }

  /** The URL of one instance. */
  own(index: number): string {
    return this.#own(index)
  }

  async begin(index: number): Promise<void> {
    const { redis, options } = this.#given
    this.stores[index] = await openRedisStore(redis)
    this.relays[index] = await listenRelay({
      port: this.ports[index]!,
      udpPorts: false,
      store: this.stores[index]!,
      instance: this.#own(index),
      log: line => this.lines.push(line),
      ...options,
    })
  }

  /** As a process does that is told to end, and begins again. */
  async restart(index: number, drain: number): Promise<void> {
    await this.relays[index]!.close({ drain })
    this.stores[index]!.close()
    await this.begin(index)
  }

  /** Summed up over all instances. */
  sum(of: (statistics: ReturnType<Relay['getStatistics']>) => number): number {
    return this.relays.reduce((total, relay) => total + of(relay.getStatistics()), 0)
  }
}

export async function nodeAt(seed: Seed, relay: string, options: Partial<NodeOptions> = {}): Promise<STTNode> {
  const node = await STTNode.create({ seed, relays: [relay], ...options })
  onTestFinished(() => node.close())
  return node
}

/** One who only dials, and only by a relay. */
export const dialerAt = (seed: Seed, relay: string, options: Partial<NodeOptions> = {}): Promise<STTNode> =>
  nodeAt(seed, relay, { listen: [], paths: { relay: 'only', detached: 60_000 }, ...options })

/** Sends back each block that comes on any stream of any session. */
export async function echo(node: STTNode): Promise<void> {
  for await (const session of node.sessions()) void echoSession(session)
}

async function echoSession(session: Session): Promise<void> {
  try {
    for await (const stream of session.streams()) {
      void (async () => {
        for await (const chunk of stream) await stream.write(chunk)
        await stream.end()
      })().catch(() => {})
    }
  } catch {
    // The session's end is its own test's to judge.
  }
}

/** A stream on which blocks go there and back until it is told to end: each one is compared. */
export class Conversation {
  blocks = 0
  #isOver = false
  readonly done: Promise<void>

  constructor(session: Session, size = 10_000) {
    this.done = this.#run(session, size)
    // `end` reports it.
    this.done.catch(() => {})
  }

  /** Ends it, and rejects with what went wrong. */
  async end(): Promise<void> {
    this.#isOver = true
    await this.done
  }

  async #run(session: Session, size: number): Promise<void> {
    const stream = await session.openStream()
    const chunks = stream[Symbol.asyncIterator]()
    let rest: Uint8Array = new Uint8Array(0)
    while (!this.#isOver) {
      const block = new Uint8Array(size).fill(this.blocks % 251)
      await stream.write(block)
      for (let left = size; left > 0; ) {
        if (rest.length === 0) {
          const { value, done } = await chunks.next()
          if (done) throw new Error('the stream ended')
          rest = value
        }
        const part = rest.subarray(0, left)
        if (part.some(byte => byte !== this.blocks % 251)) throw new Error(`block ${this.blocks} came back as another`)
        rest = rest.subarray(part.length)
        left -= part.length
      }
      this.blocks++
    }
    await stream.end()
  }
}
