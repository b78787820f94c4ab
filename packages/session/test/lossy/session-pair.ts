import type { Link, LossRecovery, PathStatistics } from '@stt/frame'
import { createLossRecovery } from '@stt/recovery'
import { type SessionConfig, SessionEngine, type SessionEvent } from '@stt/session'
import { followPeer } from '@stt/session/listen'
import {
  createRandom,
  type LinkKind,
  type LinkPair,
  type LinkPairOptions,
  linkPair,
  type VirtualTimer,
} from '@stt/testing'
import { ByteSource } from './byte-source.ts'

/** One session over datagrams, with the recovery that UDP gives it, driven in virtual time. */
export class End {
  readonly session: SessionEngine
  readonly source: ByteSource = new ByteSource()
  readonly events: SessionEvent[] = []
  onEvent: (event: SessionEvent) => void = () => {}
  onTransmit: (link: Link, packet: Uint8Array) => void = () => {}
  /** Bytes that came over links. */
  readonly cameOver: Map<Link, number> = new Map()
  /** Whether it is looked at each turn that no more is in flight than the window allows: that takes most of a test's time. */
  checksWindow = true
  readonly #pair: LinkPair
  #timer: VirtualTimer | undefined
  /** Timers in a row that rang at one moment and had nothing to do. */
  #idleTurns = 0
  /** While the program stands still: what waits in the sockets of connections. */
  #asleep: (() => void)[] | undefined

  constructor(
    role: 'initiator' | 'responder',
    pair: LinkPair,
    link: Link,
    seed: number,
    overrides: Partial<SessionConfig>,
  ) {
    const random = createRandom(seed).fork(role)
    const [us, them] = role === 'initiator' ? [1, 2] : [2, 1]
    this.#pair = pair
    this.session = new SessionEngine({
      role,
      id: new Uint8Array(16),
      localCid: new Uint8Array(8).fill(us),
      remoteCid: new Uint8Array(8).fill(them),
      peerId: new Uint8Array(32).fill(them),
      secrets: { send: secret(us), receive: secret(them), exporter: secret(3) },
      localLimits: limits,
      peerLimits: limits,
      source: this.source,
      ...(role === 'responder' && { follow: followPeer }),
      entropy: length => random.bytes(length),
      now: pair.loop.now,
      ...overrides,
    })
    this.attach(link)
  }

  attach(link: Link): void {
    this.session.attach(link)
    this.listen(link)
  }

  /** Takes what arrives on `link`, whether or not the session sends there. */
  listen(link: Link): void {
    link.onPacket = packet => {
      if (this.#asleep && link.lossy) return
      this.cameOver.set(link, (this.cameOver.get(link) ?? 0) + packet.length)
      this.#whenAwake(() => this.session.receive(packet, link, this.#pair.loop.now))
    }
    link.onDrain = () => this.#whenAwake(() => this.session.setWritable(link, true))
    link.onClose = () => this.#whenAwake(() => this.session.detach(link, undefined, this.#pair.loop.now))
  }

  get isAsleep(): boolean {
    return this.#asleep !== undefined
  }

  /** The program stands still for so many milliseconds, and what comes over addresses meanwhile is lost. */
  sleep(milliseconds: number): void {
    if (this.#asleep) return
    const { loop } = this.#pair
    this.#asleep = []
    loop.after(milliseconds, () => {
      const waiting = this.#asleep!
      this.#asleep = undefined
      this.session.onStall(loop.now)
      for (const act of waiting) act()
      this.session.onNetworkChange(loop.now)
      this.drive()
    })
  }

  #whenAwake(act: () => void): void {
    if (this.#asleep) return void this.#asleep.push(act)
    act()
    this.drive()
  }

  drive(): void {
    const { loop } = this.#pair
    loop.cancel(this.#timer)
    if (this.#asleep) return
    for (;;) {
      const { link } = this.session
      const before = this.checksWindow ? this.session.getStatistics().path : undefined
      const output = this.session.poll(loop.now)
      if (before && link === this.session.link) this.#checkWindow(before)
      if (output.type !== 'timeout' || output.at > loop.now) this.#idleTurns = 0
      else if (++this.#idleTurns > MOST_IDLE_TURNS) throw new Error(`at ${loop.now} there is always something to do`)
      if (output.type === 'transmit') {
        this.onTransmit(output.to, output.packet)
        if (!output.to.send(output.packet)) this.session.setWritable(output.to, false)
      } else if (output.type === 'event') {
        this.events.push(output.event)
        if (output.event.type === 'path-opened') this.listen(output.event.link)
        // A listener's socket outlives the addresses that packets come from.
        if (output.event.type === 'path-closed' && !output.event.link.lossy) output.event.link.close()
        if (output.event.type === 'link-failed') output.event.link.close()
        this.onEvent(output.event)
      } else {
        if (output.at < loop.now) throw new Error(`the deadline ${output.at} has passed at ${loop.now}`)
        if (output.at !== Number.POSITIVE_INFINITY) this.#timer = loop.schedule(output.at, () => this.drive())
        return
      }
    }
  }

  /** Over a full window only probes are sent. */
  #checkWindow(before: PathStatistics): void {
    const after = this.session.getStatistics().path
    if (!after || after.bytesInFlight <= Math.max(before.bytesInFlight, after.congestionWindow)) return
    if (after.probesSent === before.probesSent) throw new Error('more in flight than the window allows')
  }

  event<T extends SessionEvent['type']>(type: T): Extract<SessionEvent, { type: T }> | undefined {
    return this.events.find((event): event is Extract<SessionEvent, { type: T }> => event.type === type)
  }
}

export interface SessionPair {
  readonly pair: LinkPair
  readonly initiator: End
  readonly responder: End
  readonly ends: readonly [End, End]
}

export function sessionPair(
  { kind = 'datagram', ...network }: Omit<LinkPairOptions, 'kind'> & { readonly kind?: LinkKind },
  overrides: Partial<SessionConfig> = {},
): SessionPair {
  const pair = linkPair({ ...network, kind, ...(kind === 'datagram' && { createRecovery }) })
  const initiator = new End('initiator', pair, pair.client, network.seed, overrides)
  const responder = new End('responder', pair, pair.server, network.seed, overrides)
  for (const end of [initiator, responder]) end.drive()
  return { pair, initiator, responder, ends: [initiator, responder] }
}

export const createRecovery = (link: Link): LossRecovery => createLossRecovery({ maxDatagramSize: link.maxPacketSize })

const MOST_IDLE_TURNS = 50
/** The traffic secret that a side sends with: a fresh copy. */
export const secretOf = (role: 'initiator' | 'responder'): Uint8Array => secret(role === 'initiator' ? 1 : 2)
const secret = (value: number): Uint8Array => new Uint8Array(32).fill(value)

/** Limits of a session without streams. */
export const limits: SessionConfig['localLimits'] = {
  idleTimeout: 30_000,
  maxData: 0,
  maxStreamData: 0,
  maxDatagram: 1_200,
  maxMessage: 0,
  maxStreamsBidi: 0,
  maxStreamsUni: 0,
}
