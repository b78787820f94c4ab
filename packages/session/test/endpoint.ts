import type { Link } from '@stt/frame'
import { type LinkPair, type LinkPairOptions, linkPair, type VirtualLoop, type VirtualTimer } from '@stt/testing'
import { type SessionConfig, SessionEngine, type SessionEvent } from '../src/index.ts'
import { CountingSource } from './counting-source.ts'
import { type Role, sessionConfig } from './session-config.ts'

/** One session with its link and a timer of the virtual clock: what a driver is, in the fewest lines. */
export class Endpoint {
  readonly session: SessionEngine
  readonly source: CountingSource = new CountingSource()
  readonly events: SessionEvent[] = []
  readonly #loop: VirtualLoop
  #timer: VirtualTimer | undefined

  constructor(role: Role, link: Link, loop: VirtualLoop, overrides: Partial<SessionConfig> = {}) {
    this.#loop = loop
    this.session = new SessionEngine(sessionConfig(role, this.source, { now: loop.now, ...overrides }))
    this.attach(link)
  }

  attach(link: Link): void {
    this.session.attach(link)
    link.onPacket = packet => {
      this.session.receive(packet, link, this.#loop.now)
      this.drive()
    }
    link.onDrain = () => {
      this.session.setWritable(link, true)
      this.drive()
    }
    link.onClose = () => {
      this.session.detach(link, undefined, this.#loop.now)
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
      if (output.type === 'transmit') {
        if (!output.to.send(output.packet)) this.session.setWritable(output.to, false)
        continue
      }
      this.events.push(output.event)
      if (output.event.type === 'link-failed') output.event.link.close()
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
