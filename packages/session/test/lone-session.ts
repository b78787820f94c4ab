import { provider } from '@stt/crypto'
import { type Link, packetNumberOf } from '@stt/frame'
import { type LinkKind, VirtualLoop, type VirtualTimer } from '@stt/testing'
import { type SessionConfig, SessionEngine, type SessionEvent } from '../src/index.ts'
import { PacketOpener } from '../src/keys/packet-opener.ts'
import { PacketSealer } from '../src/keys/packet-sealer.ts'
import { CountingSource } from './counting-source.ts'
import { describeFrames } from './frames.ts'
import { deadLink } from './links.ts'
import { ScriptedRecovery } from './scripted-recovery.ts'
import { seal } from './sealed.ts'
import { cidOf, otherRole, type Role, sendSecret, sessionConfig } from './session-config.ts'

/** A packet that the session under test sent. */
export interface Sent {
  readonly at: number
  readonly link: Link
  readonly packetNumber: number
  readonly epoch: number
  readonly size: number
  readonly frames: readonly string[]
  readonly bytes: Uint8Array
}

export interface LoneOptions extends Partial<SessionConfig> {
  readonly kind?: LinkKind
  /** Bytes; what is ordinary for the kind unless given. */
  readonly maxPacketSize?: number
}

/** One session in virtual time, whose peer is the test: it seals whatever frames it likes under the right keys. */
export class LoneSession {
  readonly session: SessionEngine
  readonly source: CountingSource = new CountingSource()
  readonly loop: VirtualLoop = new VirtualLoop()
  readonly link: Link
  readonly recovery: ScriptedRecovery | undefined
  /** Seals as the peer does. */
  readonly peer: PacketSealer
  readonly events: SessionEvent[] = []
  /** How often the session was polled: a deadline that never comes would show. */
  polls = 0
  readonly #opener: PacketOpener
  #sent: Sent[] = []
  #timer: VirtualTimer | undefined

  constructor(role: Role, { kind = 'datagram', maxPacketSize, ...overrides }: LoneOptions = {}) {
    this.recovery = kind === 'datagram' ? new ScriptedRecovery() : undefined
    this.link = deadLink(kind, maxPacketSize ?? (kind === 'datagram' ? 1_200 : 65_535), this.recovery)
    this.session = new SessionEngine(sessionConfig(role, this.source, overrides))
    this.peer = new PacketSealer(provider, sendSecret(otherRole(role)), cidOf(role))
    this.#opener = new PacketOpener(provider, sendSecret(role))
    this.session.attach(this.link)
    this.drive()
  }

  /** The packets that the session sent since the last call. */
  takeSent(): Sent[] {
    const sent = this.#sent
    this.#sent = []
    return sent
  }

  /** The frames of what the session sent since that was asked last, packet by packet. */
  takeFrames(): string[] {
    return this.takeSent().map(({ frames }) => frames.join(', '))
  }

  /** The peer's next packet with these frames. */
  packet(frames: Uint8Array): Uint8Array {
    return seal(this.peer, frames)
  }

  /** The peer's next packet arrives. */
  deliver(frames: Uint8Array, link: Link = this.link): void {
    this.receive(this.packet(frames), link)
  }

  receive(packet: Uint8Array, link: Link = this.link): void {
    this.session.receive(packet, link, this.loop.now)
    this.drive()
  }

  advance(milliseconds: number): void {
    this.loop.runUntil(this.loop.now + milliseconds)
  }

  drive(): void {
    this.loop.cancel(this.#timer)
    for (;;) {
      this.polls++
      const output = this.session.poll(this.loop.now)
      if (output.type === 'timeout') {
        if (output.at < this.loop.now) throw new Error(`the deadline ${output.at} has passed at ${this.loop.now}`)
        if (output.at !== Number.POSITIVE_INFINITY) this.#timer = this.loop.schedule(output.at, () => this.drive())
        return
      }
      if (output.type === 'event') this.events.push(output.event)
      else this.#record(output.packet, output.to)
    }
  }

  event<T extends SessionEvent['type']>(type: T): (SessionEvent & { readonly type: T }) | undefined {
    return this.events.find((event): event is SessionEvent & { readonly type: T } => event.type === type)
  }

  eventsOf<T extends SessionEvent['type']>(type: T): (SessionEvent & { readonly type: T })[] {
    return this.events.filter((event): event is SessionEvent & { readonly type: T } => event.type === type)
  }

  #record(packet: Uint8Array, link: Link): void {
    const bytes = packet.slice()
    const packetNumber = packetNumberOf(bytes)!
    const opened = this.#opener.open(bytes, packetNumber, Number.POSITIVE_INFINITY, this.loop.now)
    if (typeof opened === 'string') throw new Error(`packet ${packetNumber} of the session: ${opened}`)
    this.#sent.push({
      at: this.loop.now,
      link,
      packetNumber,
      epoch: this.#opener.openedEpoch,
      size: bytes.length,
      frames: describeFrames(opened.bytes.subarray(0, opened.length)),
      bytes,
    })
  }
}
