import { randomBytes } from '@stt/crypto'
import type { Link } from '@stt/frame'
import { untilInRealTime } from '@stt/testing'
import { dialUdp, listenUdp } from '@stt/transport-udp'
import { dialWebSocket } from '@stt/transport-ws'
import { afterEach, expect, test } from 'vitest'
import type { Environment } from '../src/core/environment.ts'
import type { NodeContext } from '../src/core/node-context.ts'
import { NodeCore } from '../src/core/node-core.ts'
import { Seed, type Session } from '../src/index.ts'
import { acceptLink } from '../src/listen/accept-link.ts'
import { listenerPlugin } from '../src/listen/listener-plugin.ts'
import { openUdpAcceptor } from '../src/listen/udp-acceptor.ts'
import { openWebSocketAcceptor } from '../src/listen/ws-acceptor.ts'
import { policyOf } from '../src/peers/peer-rules.ts'
import { NodeStreamCore } from '../src/stream/node-stream-core.ts'
import { systemClock } from '../src/time/clock.ts'
import { collect, expectBytes, first, pattern } from './nodes.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const KINDS = ['udp', 'ws', 'memory'] as const
type Kind = (typeof KINDS)[number]
const HALF = pattern(400_000)

/** Two ends of a queue in this process: no socket, no scheme, nothing that a transport knows of. */
function memoryLinks(): [MemoryLink, MemoryLink] {
  const a = new MemoryLink()
  const b = new MemoryLink()
  a.other = b
  b.other = a
  return [a, b]
}

class MemoryLink implements Link {
  readonly lossy = false
  readonly ordered = true
  readonly maxPacketSize = 65_535
  readonly remote = 'memory://peer'
  onPacket: (packet: Uint8Array) => void = () => {}
  onDrain: () => void = () => {}
  onClose: (reason?: Error) => void = () => {}
  other: MemoryLink | undefined

  createRecovery(): undefined {}
  confirm(): void {}

  send(packet: Uint8Array): boolean {
    const copy = packet.slice()
    setImmediate(() => this.other?.onPacket(copy))
    return true
  }

  refuse(): void {
    this.close()
  }

  close(): void {
    if (!this.other) return
    this.other = undefined
    setImmediate(() => this.onClose())
  }
}

/** Two nodes over real sockets, and ways to open one more link between them. */
async function setUp() {
  const seed = Seed.generate()
  let listeningContext: NodeContext | undefined
  const environment: Environment<NodeStreamCore> = {
    clock: { ...systemClock, afterReads: callback => void setImmediate(callback) },
    entropy: randomBytes,
    wallClock: () => Date.now(),
    listener: listenerPlugin,
    policyOf,
    createStream: NodeStreamCore.create,
    async openAcceptor(_text, address, context) {
      listeningContext = context as NodeContext
      const { host, port } = address
      if (address.scheme === 'udp') return openUdpAcceptor(await listenUdp({ host, port }), listeningContext)
      return openWebSocketAcceptor(address, listeningContext, {})
    },
    openLink: async text => ({ link: await open(text) }),
    warn: error => {
      throw error
    },
  }
  let clientContext: NodeContext | undefined
  const server = await NodeCore.create({ seed, listen: ['udp://127.0.0.1:0', 'ws://127.0.0.1:0'] }, environment)
  closers.push(() => server.close())
  const client = await NodeCore.create(
    { seed, listen: ['udp://127.0.0.1:0'] },
    {
      ...environment,
      async openAcceptor(_text, { host, port }, context) {
        clientContext = context as NodeContext
        return openUdpAcceptor(await listenUdp({ host, port }), clientContext)
      },
    },
  )
  closers.push(() => client.close())
  const addressOf = (kind: Kind): string =>
    server.addresses.find(address => address.startsWith(kind)) ?? 'udp://127.0.0.1:1'

  async function open(text: string): Promise<Link> {
    if (text === addressOf('udp')) return dialUdp(text)
    if (text === addressOf('ws')) return dialWebSocket(text)
    const [near, far] = memoryLinks()
    acceptLink(far, listeningContext!, {})
    return near
  }

  const accepting = first(server.sessions())
  return {
    connect: async (kind: Kind): Promise<[Session, Session]> => {
      const dialed = await client.connect(addressOf(kind))
      return [dialed, await accepting]
    },
    another: (kind: Kind): Promise<Link> => open(kind === 'memory' ? 'udp://127.0.0.1:1' : addressOf(kind)),
    driverOf: (session: object) =>
      [...clientContext!.endpoint.handles].find(handle => handle.session === session)!.driver,
  }
}

// spec: STT-PKT-48 STT-WS-30
test.each(KINDS.flatMap(from => KINDS.map(to => [from, to] as const)))(
  'a session over %s goes on over %s: what comes over the second link is the session’s, and no byte is lost',
  async (from, to) => {
    const { connect, another, driverOf } = await setUp()
    const [dialed, accepted] = await connect(from)
    accepted.onStream(async stream => {
      await stream.write(await stream.readAll({ maxBytes: 2 * HALF.length }))
      await stream.end()
    })
    const home = accepted.peer.address
    const stream = await dialed.openStream()
    await stream.write(HALF)

    const second = await another(to)
    const driver = driverOf(dialed)
    // Neither is better than the other: the session stays where it is told to go.
    driver.takeIn(second, driver.paths[0]!.tier)
    await untilInRealTime(() => driver.paths.some(({ link, state }) => link === second && state !== 'validating'))
    driver.engine.moveTo(second, systemClock.now())
    driver.schedule()
    expect(driver.engine.link).toBe(second)
    await stream.write(HALF)
    await stream.end()
    expectBytes(await collect(stream), new Uint8Array([...HALF, ...HALF]))
    await untilInRealTime(() => accepted.peer.address !== home || from === to)
    expect(dialed.getStatistics().state).toBe('active')
    expect(accepted.getStatistics().packetsDropped).toEqual({ malformed: 0, duplicate: 0, epoch: 0, tag: 0, closed: 0 })
    await dialed.ping()
  },
)
