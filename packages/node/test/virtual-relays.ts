import { Seed } from '@stt/crypto'
import { abortError, isSttError, onAbort, SttError } from '@stt/errors'
import type { Link } from '@stt/frame'
import { REGISTRY_SUBPROTOCOL, RELAY_SUBPROTOCOL } from '@stt/rendezvous'
import { RegistryEngine, RelayEngine, type RelayEngineOptions } from '@stt/rendezvous/server'
import { createRandom, type Random, VirtualLoop, type VirtualTimer } from '@stt/testing'
import type { Environment } from '../src/core/environment.ts'
import { NodeCore } from '../src/core/node-core.ts'
import type { NodeOptions } from '../src/index.ts'
import { acceptLink } from '../src/listen/accept-link.ts'
import { listenerPlugin } from '../src/listen/listener-plugin.ts'
import { policyOf } from '../src/peers/peer-rules.ts'
import { NodeStreamCore } from '../src/stream/node-stream-core.ts'
import type { Clock } from '../src/time/clock.ts'
import { virtualClock } from './virtual-clock.ts'
import { run, WALL_START } from './virtual-nodes.ts'

export type Node = NodeCore<NodeStreamCore>

/** Nodes and relays in virtual time. Nothing but relays leads from one node to another. */
export class RelayWorld {
  readonly loop: VirtualLoop = new VirtualLoop()
  readonly seed: Seed
  /** What nodes told their operators. */
  readonly warnings: Error[] = []
  /** Addresses that nodes dialed beside relays. */
  readonly dialedDirectly: string[] = []
  /** Relays that nodes dialed, whether there are such or not. */
  readonly dialedRelays: Set<string> = new Set()
  readonly #random: Random
  readonly #relays = new Map<string, ReachableRelay>()

  constructor(seed = 1) {
    this.#random = createRandom(seed)
    this.seed = Seed.fromBytes(this.#random.bytes(32))
  }

  relay(url: string, options: Partial<RelayEngineOptions> = {}): VirtualRelay {
    const relay = new VirtualRelay(this.loop, { entropy: length => this.#random.bytes(length), ...options })
    this.#relays.set(url, relay)
    return relay
  }

  /** A relay that does what a test likes with each connection. */
  hostileRelay(url: string, serve: (end: End, remote: string) => void): void {
    const connect = (remote: string): Link => {
      const [near, far] = End.pair(this.loop, remote, () => false)
      serve(far, remote)
      return near
    }
    const connectRegistry = (remote: string): Link => {
      const [near, far] = End.pair(this.loop, remote, () => false)
      far.close()
      return near
    }
    this.#relays.set(url, { isUp: true, isFrozen: false, connect, connectRegistry })
  }

  /**
   * @param skew milliseconds by which the node's clock is ahead
   * @param platform what this node has that others have not
   */
  node(options: Partial<NodeOptions>, skew = 0, platform: Partial<Environment<NodeStreamCore>> = {}): Promise<Node> {
    const { loop } = this
    const clock: Clock = virtualClock(loop)
    const environment: Environment<NodeStreamCore> = {
      policyOf,
      createStream: NodeStreamCore.create,
      clock,
      entropy: length => this.#random.bytes(length),
      wallClock: () => WALL_START + loop.now + skew,
      listener: listenerPlugin,
      acceptLink,
      openAcceptor: async text => ({ address: text, close: async () => {} }),
      openLink: async text => {
        this.dialedDirectly.push(text)
        throw new SttError('STT_CONNECT_FAILED', 'nobody is there')
      },
      openRelay: this.openRelay(),
      warn: error => void this.warnings.push(error),
      ...platform,
    }
    return this.run(NodeCore.create({ seed: this.seed, ...options }, environment))
  }

  /** How a node gets to relays. @param rate bytes a second that its connection carries each way */
  openRelay(rate?: number): NonNullable<Environment<NodeStreamCore>['openRelay']> {
    return (url, { signal, remote, subprotocol }) => this.open(url, remote, signal, rate, subprotocol)
  }

  /** Lets virtual time pass until `promise` settles. @param within milliseconds from now */
  run<T>(promise: Promise<T>, within = 60_000): Promise<T> {
    return run(this, promise, this.loop.now + within)
  }

  /** Lets this much time pass. */
  async pass(milliseconds: number): Promise<void> {
    await this.run(new Promise<void>(resolve => void this.loop.after(milliseconds, resolve)), milliseconds)
  }

  /** Lets time pass until it is so. @returns how many milliseconds that took */
  async until(isSo: () => boolean, within = 60_000): Promise<number> {
    const begun = this.loop.now
    while (!isSo()) {
      if (this.loop.now > begun + within) throw new Error(`not so after ${within} virtual milliseconds`)
      await this.pass(50)
    }
    return this.loop.now - begun
  }

  /** A connection to a relay, for a platform of a test's own. */
  open(
    url: string,
    remote: string,
    signal: AbortSignal | undefined,
    rate?: number,
    subprotocol: string = RELAY_SUBPROTOCOL,
  ): Promise<Link> {
    this.dialedRelays.add(url)
    const relay = this.#relays.get(url)
    return new Promise<Link>((resolve, reject) => {
      const gone = (): void => reject(new SttError('STT_CONNECT_FAILED', `nothing listens at ${url}`))
      if (!relay?.isUp) return void this.loop.after(LATENCY, gone)
      const leave = signal && onAbort(signal, () => reject(abortError(signal, 'dialing a relay')))
      const settle = (isUp: boolean): void => {
        leave?.()
        if (isUp && subprotocol === REGISTRY_SUBPROTOCOL) resolve(relay.connectRegistry(remote))
        else if (isUp) resolve(relay.connect(remote, rate))
        else gone()
      }
      if (relay.isFrozen) this.loop.after(10_000, () => settle(false))
      else this.loop.after(2 * LATENCY, () => settle(relay.isUp))
    })
  }
}

type ReachableRelay = Pick<VirtualRelay, 'isUp' | 'isFrozen' | 'connect' | 'connectRegistry'>

/** A relay's engine with links in memory in place of sockets. */
export class VirtualRelay {
  readonly #loop: VirtualLoop
  readonly #options: RelayEngineOptions
  #engine: RelayEngine<End>
  #registry: RegistryEngine<End>
  readonly #ends = new Set<End>()
  #timer: VirtualTimer | undefined
  #registryTimer: VirtualTimer | undefined
  isUp = true
  /** Nothing passes any more, and nobody is told. */
  isFrozen = false
  /** Seconds by which its clock is ahead. */
  skew = 0
  /** Messages that passed from one node to another. */
  readonly passed: Uint8Array[] = []
  /** All that clients said to it, and it to them, those that passed too. */
  readonly seen: Uint8Array[] = []
  /** The same of its registry. */
  readonly seenByRegistry: Uint8Array[] = []
  /** What it takes a client to have said. */
  onHeard: (message: Uint8Array) => Uint8Array = message => message
  /** What becomes of a message on its way from one end of a circuit to the other; it passes unless something else is done. */
  onPass: (message: Uint8Array, way: Way) => void = (message, { from, to }) => to.send(message) || from.pause()

  constructor(loop: VirtualLoop, options: RelayEngineOptions) {
    this.#loop = loop
    this.#options = options
    this.#engine = new RelayEngine(options)
    this.#registry = new RegistryEngine(options)
  }

  get statistics(): ReturnType<RelayEngine<End>['getStatistics']> {
    return this.#engine.getStatistics()
  }

  get registry(): ReturnType<RegistryEngine<End>['getStatistics']> {
    return this.#registry.getStatistics()
  }

  /** @param address what the registry counts it by */
  connectRegistry(remote: string, address?: string): Link {
    const [near, far] = End.pair(this.#loop, remote, () => this.isFrozen)
    this.#ends.add(far)
    far.onPacket = message => {
      this.seenByRegistry.push(message)
      this.#registry.receive(far, message, this.#loop.now)
      this.#drainRegistry()
    }
    far.onClose = () => {
      this.#ends.delete(far)
      this.#registry.closed(far, this.#loop.now)
      this.#drainRegistry()
    }
    const seconds = Math.floor((WALL_START + this.#loop.now) / 1_000) + this.skew
    this.#registry.opened(far, { address }, this.#loop.now, seconds)
    this.#drainRegistry()
    return near
  }

  connect(remote: string, rate?: number): Link {
    const [near, far] = End.pair(this.#loop, remote, () => this.isFrozen, rate)
    this.#ends.add(far)
    far.onPacket = message => {
      this.seen.push(message)
      this.#engine.receive(far, this.onHeard(message), this.#loop.now)
      this.#drain()
    }
    far.onClose = cause => {
      this.#ends.delete(far)
      this.#engine.closed(
        far,
        this.#loop.now,
        isSttError(cause, 'STT_BUSY') ? String(cause.details['limit']) : undefined,
      )
      this.#drain()
    }
    const seconds = Math.floor((WALL_START + this.#loop.now) / 1_000) + this.skew
    this.#engine.opened(far, {}, this.#loop.now, seconds)
    this.#drain()
    return near
  }

  goAway(): void {
    this.#engine.goAway()
    this.#drain()
  }

  /** Ends as a process does that is killed. */
  kill(): void {
    this.isUp = false
    this.#loop.cancel(this.#timer)
    this.#loop.cancel(this.#registryTimer)
    for (const end of this.#ends) end.break()
    this.#ends.clear()
    this.#engine = new RelayEngine(this.#options)
    this.#registry = new RegistryEngine(this.#options)
  }

  #drainRegistry(): void {
    for (;;) {
      const output = this.#registry.poll(this.#loop.now)
      if (output.type === 'transmit') {
        this.seenByRegistry.push(output.packet)
        output.to.send(output.packet)
      } else if (output.type === 'timeout') {
        this.#loop.cancel(this.#registryTimer)
        if (output.at < Number.POSITIVE_INFINITY) {
          this.#registryTimer = this.#loop.schedule(output.at, () => this.#drainRegistry())
        }
        return
      } else if (output.event.type === 'close') output.event.link.close()
    }
  }

  #drain(): void {
    for (;;) {
      const output = this.#engine.poll(this.#loop.now)
      if (output.type === 'transmit') {
        this.seen.push(output.packet)
        output.to.send(output.packet)
      } else if (output.type === 'timeout') {
        this.#loop.cancel(this.#timer)
        if (output.at < Number.POSITIVE_INFINITY) this.#timer = this.#loop.schedule(output.at, () => this.#drain())
        return
      } else if (output.event.type === 'close') {
        const { link, code, reason } = output.event
        if (code === 1013) link.refuse(code, reason)
        else link.close()
      } else if (output.event.type === 'spliced') {
        const { dialer, acceptor } = output.event.circuit
        for (const [from, to] of [
          [dialer, acceptor],
          [acceptor, dialer],
        ] as const) {
          from.onPacket = message => {
            this.passed.push(message)
            this.seen.push(message)
            this.onPass(message, { from, to })
          }
          to.onDrain = () => from.resume()
        }
      }
    }
  }
}

/** From which end of a circuit to which. */
export interface Way {
  readonly from: End
  readonly to: End
}

/** One end of a connection in memory. */
export class End implements Link {
  readonly lossy = false
  readonly ordered = true
  readonly maxPacketSize = 65_535
  readonly remote: string
  onPacket: (packet: Uint8Array) => void = () => {}
  onDrain: () => void = () => {}
  onClose: (reason?: Error) => void = () => {}
  readonly #loop: VirtualLoop
  readonly #isFrozen: () => boolean
  /** Bytes a millisecond. */
  readonly #rate: number
  /** Bytes that have not left from which on `send` answers `false`. */
  readonly #highWater: number
  #other!: End
  #isClosed = false
  #isPaused = false
  /** Bytes that have not left, and when the last of them do. */
  #queued = 0
  #busyUntil = 0
  #isBlocked = false
  /** What the other end sent and this one does not read. */
  readonly #unread: Uint8Array[] = []

  private constructor(loop: VirtualLoop, remote: string, isFrozen: () => boolean, rate: number, highWater: number) {
    this.#loop = loop
    this.remote = remote
    this.#isFrozen = isFrozen
    this.#rate = rate / 1_000
    this.#highWater = highWater
  }

  /** @param rate bytes a second, each way. @returns the client's end and the relay's */
  static pair(
    loop: VirtualLoop,
    remote: string,
    isFrozen: () => boolean,
    rate: number = Number.POSITIVE_INFINITY,
  ): [End, End] {
    const near = new End(loop, remote, isFrozen, rate, 524_288)
    const far = new End(loop, 'ws://192.0.2.7:1', isFrozen, rate, 262_144)
    near.#other = far
    far.#other = near
    return [near, far]
  }

  createRecovery(): undefined {}

  send(packet: Uint8Array): boolean {
    if (this.#isClosed) return false
    const copy = packet.slice()
    this.#queued += copy.length
    this.#busyUntil = Math.max(this.#busyUntil, this.#loop.now) + copy.length / this.#rate
    if (this.#busyUntil === this.#loop.now) this.#leave(copy)
    else this.#loop.schedule(this.#busyUntil, () => this.#leave(copy))
    this.#isBlocked ||= this.#queued >= this.#highWater
    return !this.#isBlocked
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    for (const message of this.#unread.splice(0)) this.#other.#leave(message)
  }

  /** A message goes onto the way, unless the other end reads nothing. */
  #leave(message: Uint8Array): void {
    if (this.#other.#isPaused) return void this.#other.#unread.push(message)
    this.#queued -= message.length
    this.#later(() => this.#other.#isClosed || this.#other.onPacket(message))
    if (!this.#isBlocked || this.#queued > this.#highWater / 2) return
    this.#isBlocked = false
    this.onDrain()
  }

  close(): void {
    this.#close(new SttError('STT_LINK_FAILED', 'the other side ended it'))
  }

  refuse(code: 1008 | 1013, limit: string): void {
    if (code === 1008) return this.close()
    this.#close(new SttError('STT_BUSY', `no place: ${limit}`, { details: { closeCode: code, limit } }))
  }

  #close(cause: SttError): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#later(() => this.#other.#ended(cause))
    this.#loop.after(0, () => this.onClose())
  }

  /** Ends without a word, as far as this end goes; the other is told by its system. */
  break(): void {
    this.#isClosed = true
    this.#loop.after(LATENCY, () => this.#other.#ended())
  }

  #ended(cause = new SttError('STT_LINK_FAILED', 'the other side ended it')): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.onClose(cause)
  }

  #later(action: () => void): void {
    if (!this.#isFrozen()) this.#loop.after(LATENCY, () => this.#isFrozen() || action())
  }
}

/** Milliseconds to the relay. */
const LATENCY = 10
