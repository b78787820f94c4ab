import type { FrameSource, Link, SentFrame, TransportLimits, WriteContext } from '@stt/frame'
import { FrameType, streamHeaderSize, writeStreamHeader } from '@stt/frame'
import { type LinkPair, type LinkPairOptions, linkPair, type VirtualLoop, type VirtualTimer } from '@stt/testing'
import { type PathController, Session, type SessionConfig, type SessionEvent } from '../src/index.ts'

export const limits: TransportLimits = {
  idleTimeout: 30_000,
  maxData: 1 << 20,
  maxStreamData: 1 << 18,
  maxDatagram: 1_100,
  maxMessage: 1 << 21,
  maxStreamsBidi: 16,
  maxStreamsUni: 16,
}

/** A source with one stream of counted bytes: enough to fill packets and to see which of them came through. */
export class CountingSource implements FrameSource {
  readonly acknowledged: SentFrame[] = []
  readonly lost: SentFrame[] = []
  receivedBytes = 0
  #toSend = 0
  #offset = 0

  queue(bytes: number): void {
    this.#toSend += bytes
  }

  hasFrames(): boolean {
    return this.#toSend > 0
  }

  writeFrames(buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[], _context: WriteContext): number {
    const room = limit - offset - streamHeaderSize(0, this.#offset, limit)
    const length = Math.min(room, this.#toSend)
    if (length <= 0) return offset
    const at = writeStreamHeader(buffer, offset, 0, this.#offset, length, false)
    buffer.fill(0x2a, at, at + length)
    sent.push({ type: FrameType.Stream, id: 0, offset: this.#offset, length, fin: false })
    this.#offset += length
    this.#toSend -= length
    return at + length
  }

  onFrameAcknowledged(frame: SentFrame): void {
    this.acknowledged.push(frame)
  }

  onFrameLost(frame: SentFrame): void {
    this.lost.push(frame)
  }

  onStream(_id: number, _offset: number, data: Uint8Array): void {
    this.receivedBytes += data.length
  }

  onReset(): void {}
  onStop(): void {}
  onMaxData(): void {}
  onMaxStreamData(): void {}
  onMaxStreams(): void {}
}

/** One session with its link and a timer of the virtual clock: what a driver is, in the fewest lines. */
export class Endpoint {
  readonly session: Session
  readonly source: CountingSource = new CountingSource()
  readonly events: SessionEvent[] = []
  readonly #loop: VirtualLoop
  #timer: VirtualTimer | undefined

  constructor(
    role: 'initiator' | 'responder',
    link: Link,
    loop: VirtualLoop,
    overrides: Partial<SessionConfig> = {},
    controller?: PathController,
  ) {
    const byte = role === 'initiator' ? 1 : 2
    const secrets = { initiator: new Uint8Array(32).fill(1), responder: new Uint8Array(32).fill(2) }
    this.#loop = loop
    this.session = new Session({
      role,
      id: new Uint8Array(16).fill(9),
      localCid: new Uint8Array(8).fill(byte),
      remoteCid: new Uint8Array(8).fill(3 - byte),
      peerId: new Uint8Array(32).fill(3 - byte),
      secrets: {
        send: secrets[role].slice(),
        receive: secrets[role === 'initiator' ? 'responder' : 'initiator'].slice(),
        exporter: new Uint8Array(32).fill(7),
      },
      localLimits: limits,
      peerLimits: limits,
      source: this.source,
      now: loop.now,
      ...overrides,
    })
    this.session.attach(link, controller)
    link.onPacket = packet => {
      this.session.receive(packet, loop.now, link)
      this.drive()
    }
    link.onDrain = () => {
      this.session.setWritable(link, true)
      this.drive()
    }
    link.onClose = () => {
      this.session.detach(link, loop.now)
      this.drive()
    }
  }

  drive(): void {
    this.#loop.cancel(this.#timer)
    for (;;) {
      const output = this.session.poll(this.#loop.now)
      if (output.type === 'timeout') {
        if (output.at !== Number.POSITIVE_INFINITY) this.#timer = this.#loop.schedule(output.at, () => this.drive())
        return
      }
      if (output.type === 'event') this.events.push(output.event)
      else if (!output.link.send(output.packet)) this.session.setWritable(output.link, false)
    }
  }

  event<T extends SessionEvent['type']>(type: T): Extract<SessionEvent, { type: T }> | undefined {
    return this.events.find((event): event is Extract<SessionEvent, { type: T }> => event.type === type)
  }
}

/** Two sessions over a virtual message link. */
export function sessionPair(
  options: Partial<LinkPairOptions> = {},
  overrides: { initiator?: Partial<SessionConfig>; responder?: Partial<SessionConfig> } = {},
): { pair: LinkPair; loop: VirtualLoop; initiator: Endpoint; responder: Endpoint } {
  const pair = linkPair({ seed: 1, kind: 'message', ...options })
  const initiator = new Endpoint('initiator', pair.client, pair.loop, overrides.initiator)
  const responder = new Endpoint('responder', pair.server, pair.loop, overrides.responder)
  initiator.drive()
  responder.drive()
  return { pair, loop: pair.loop, initiator, responder }
}
