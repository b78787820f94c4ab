import { provider } from '@stt/crypto'
import { type Link, packetNumberOf } from '@stt/frame'
import type { LinkPair } from '@stt/testing'
import { runs } from '@stt/vitest-config/runs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Tier } from '../../src/index.ts'
import { PacketOpener } from '../../src/keys/packet-opener.ts'
import { describeFrames } from '../frames.ts'
import { type Direction, type Network, World } from './path-world.ts'
import { limits, secretOf } from './session-pair.ts'

/** The next step of the application, the networks or time. `end` is a side, `network` a way between the sides. */
type Operation =
  | { readonly do: 'write'; readonly end: 0 | 1; readonly bytes: number }
  | { readonly do: 'wait'; readonly milliseconds: number }
  | { readonly do: 'kill' | 'heal' | 'rebind' | 'unplug' | 'plug' | 'move' | 'replay'; readonly network: number }
  | { readonly do: 'block'; readonly network: number; readonly direction: Direction; readonly largest: number }
  | { readonly do: 'sleep'; readonly milliseconds: number }

const end = fc.constantFrom(0 as const, 1 as const)
const network = fc.nat(2)
const direction = fc.constantFrom('toServer' as const, 'toClient' as const)

const operations: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('write' as const), end, bytes: fc.integer({ min: 1, max: 20_000 }) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), milliseconds: fc.constantFrom(1, 40, 500, 3_000, 15_000) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('kill' as const, 'heal' as const, 'rebind' as const, 'unplug' as const, 'plug' as const, 'move' as const, 'replay' as const), network }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('block' as const), network, direction, largest: fc.constantFrom(-1, -1, 100) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sleep' as const), milliseconds: fc.constantFrom(500, 8_000, 70_000) }) },
) // biome-ignore format: a table

const DELAY = { toServer: { delay: 20 }, toClient: { delay: 20 } }
const KINDS = [
  { kind: 'datagram', tier: Tier.Datagram },
  { kind: 'message', tier: Tier.Message },
  { kind: 'datagram', tier: Tier.Relayed },
] as const

/** Two sessions, three ways between them, and what must hold whatever happens. */
class Model {
  readonly #world: World
  readonly #written = [0, 0]
  readonly #numbers = new Set<string>()
  readonly #opener = new PacketOpener(provider, secretOf('responder'))
  /** The newest packets that the initiator sent. */
  readonly #heard: Uint8Array[] = []
  /** Bytes that the responder sent over links before they were proved. */
  readonly #unproved = new Map<Link, number>()

  constructor(seed: number, first: number) {
    const order = [first, ...[0, 1, 2].filter(i => i !== first)]
    this.#world = new World({
      seed,
      networks: order.map(i => ({
        ...KINDS[i]!,
        ...DELAY,
        tap: (packet, way) => (way === 'to-server' ? this.#onAsked(packet) : this.#onAnswered(packet)),
      })),
      overrides: { localLimits: LONG, peerLimits: LONG },
    })
    this.#world.responder.onTransmit = (link, packet) => this.#checkUnproved(link, packet)
    this.#world.loop.runUntil(500)
    this.#world.keep(2_000)
  }

  run(operation: Operation): void {
    const { loop, networks, initiator, ends } = this.#world
    if (operation.do === 'wait') loop.runUntil(loop.now + operation.milliseconds)
    else if (operation.do === 'sleep') initiator.sleep(operation.milliseconds)
    else if (operation.do === 'write') {
      ends[operation.end].source.queue(operation.bytes)
      this.#written[operation.end]! += operation.bytes
      ends[operation.end].drive()
    } else this.#disturb(operation, networks[operation.network]!)
    this.#check()
  }

  /** Every network works again: what was promised must come about. */
  settle(): void {
    const world = this.#world
    const { loop, networks, ends } = world
    for (const each of networks) {
      each.heal()
      world.plug(each)
    }
    loop.runUntil(loop.now + 120_000)
    this.#check()
    expect(ends.map(({ session }) => session.state)).toEqual(['active', 'active'])
    expect(ends.map(({ source }) => source.received)).toEqual([this.#written[1], this.#written[0]])
    loop.runUntil(loop.now + 10_000)
    expect(world.isTogether).toBe(true)
    expect(world.networkOf(world.initiator)?.tier).toBe(Tier.Datagram)
  }

  #disturb(operation: Exclude<Operation, { do: 'write' | 'wait' | 'sleep' }>, each: Network): void {
    const world = this.#world
    const { initiator, loop } = world
    if (operation.do === 'kill') each.kill()
    else if (operation.do === 'heal') each.heal()
    else if (operation.do === 'block') each.block(operation.direction, operation.largest)
    else if (operation.do === 'unplug') world.unplug(each)
    else if (operation.do === 'plug') world.plug(each)
    else if (operation.do === 'rebind') world.rebind(each)
    else if (operation.do === 'replay') this.#replay(each)
    else {
      const path = initiator.session.getPaths().find(({ state, tier }) => state === 'standby' && tier === each.tier)
      if (path) initiator.session.moveTo(path.link, loop.now)
      initiator.drive()
    }
  }

  /** An attacker that saw packets sends them from its address, or over its own connection. */
  #replay(each: Network): void {
    const pair: LinkPair = each.open()
    this.#world.responder.listen(pair.server)
    // They are the first of their number as well as the second.
    for (const packet of this.#heard) {
      if (packet.length > pair.server.maxPacketSize) continue
      pair.server.onPacket(packet.slice())
    }
  }

  #onAsked(packet: Uint8Array): void {
    this.#see(packet, 'to-server')
    this.#heard.push(packet.slice())
    if (this.#heard.length > 8) this.#heard.shift()
  }

  #onAnswered(packet: Uint8Array): void {
    this.#see(packet, 'to-client')
  }

  #see(packet: Uint8Array, way: string): void {
    const number = `${way} ${packet.subarray(9, 17)}`
    if (this.#numbers.has(number)) throw new Error(`packet number used twice: ${number}`)
    this.#numbers.add(number)
  }

  /** The responder sends a packet over a link: before that is proved only what is about paths, and not much of it. */
  #checkUnproved(link: Link, packet: Uint8Array): void {
    const bytes = packet.slice()
    const opened = this.#opener.open(bytes, packetNumberOf(bytes)!, Number.POSITIVE_INFINITY, 0)
    if (typeof opened === 'string') throw new Error(`a packet of the responder: ${opened}`)
    const path = this.#world.responder.session.getPaths().find(each => each.link === link)
    if (path && path.state !== 'validating') return
    const frames = describeFrames(opened.bytes.subarray(0, opened.length))
    if (!frames.every(frame => /^(PATH_|JOIN)/.test(frame))) throw new Error(`${frames} went to an unproved link`)
    const sent = (this.#unproved.get(link) ?? 0) + packet.length
    this.#unproved.set(link, sent)
    const came = this.#world.responder.cameOver.get(link) ?? 0
    if (sent > 3 * came) throw new Error(`${sent} bytes went to an unproved link from which ${came} came`)
  }

  #check(): void {
    for (const [i, { source }] of this.#world.ends.entries()) {
      expect(source.received).toBeLessThanOrEqual(this.#written[1 - i]!)
    }
  }
}

test('two sessions that move, whatever their networks do', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 ** 31 }),
      fc.nat(1),
      fc.array(operations, { minLength: 1, maxLength: 25 }),
      (seed, first, list) => {
        const model = new Model(seed, first)
        for (const operation of list) model.run(operation)
        model.settle()
      },
    ),
    {
      ...runs(60),
      examples: [
        // Behind a move nothing more was said, and a probe over another address came.
        [
          1_528_280_153,
          1,
          [
            { do: 'unplug', network: 0 },
            { do: 'sleep', milliseconds: 70_000 },
            { do: 'block', network: 0, direction: 'toServer', largest: -1 },
          ],
        ],
        // The ACK of who slept makes a round trip of 70 s.
        [
          1,
          0,
          [
            { do: 'kill', network: 1 },
            { do: 'write', end: 1, bytes: 1 },
            { do: 'wait', milliseconds: 40 },
            { do: 'sleep', milliseconds: 70_000 },
            { do: 'write', end: 1, bytes: 1 },
            { do: 'block', network: 0, direction: 'toServer', largest: -1 },
          ],
        ],
      ],
    },
  )
})

const LONG = { ...limits, idleTimeout: 3_600_000 }
