import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import type { SessionPath } from '../../src/index.ts'
import { now } from './commands.ts'
import type { Peer } from './peer.ts'

export type Side = 'dialer' | 'listener'

/** How much is sent, in bytes and bytes a second; as fast as it goes unless given. */
export interface Load {
  readonly bytes: number
  readonly rate?: number
}

/** Two peer processes with a session between them. */
export class Meeting {
  #transfers = 0

  /** @param took milliseconds of the dial */
  constructor(
    readonly dialer: Peer,
    readonly listener: Peer,
    readonly took: number,
  ) {}

  send(sender: Side, load: Load): Transfer {
    const [from, to] = sender === 'dialer' ? [this.dialer, this.listener] : [this.listener, this.dialer]
    return new Transfer(from, to, ++this.#transfers, load)
  }

  /** Waits until the dialer's active path is of a kind, and what `where` says. */
  async until(kind: SessionPath['kind'], where: (path: SessionPath) => boolean = () => true): Promise<void> {
    await this.#untilAt(this.dialer, path => path.kind === kind && where(path))
  }

  /** Milliseconds from a moment to when the dialer first moved to a path of a kind; `undefined` when it never did. */
  moved(since: number, kind: SessionPath['kind']): number | undefined {
    const move = this.dialer.events.find(event => event.event === 'path' && event.at > since && event.to.kind === kind)
    return move && move.at - since
  }

  get moves(): number {
    return this.dialer.events.filter(({ event }) => event === 'path').length
  }

  /**
   * The end of each scenario: both sides are on a path of this kind, of one session, which is the only one that there ever
   * was, and both processes end well.
   */
  async ends(kind: SessionPath['kind']): Promise<void> {
    await this.until(kind)
    await this.#untilAt(this.listener, path => path.kind === kind)
    for (const peer of [this.dialer, this.listener]) {
      const { sessions, sessionsOpened, faults } = await peer.do('look', {})
      expect({ sessions, sessionsOpened, faults }).toEqual({ sessions: 1, sessionsOpened: 1, faults: 0 })
    }
    await this.close()
  }

  /** Closes the dialer, then the listener. */
  async close(): Promise<void> {
    for (const peer of [this.dialer, this.listener]) {
      await peer.close()
    }
  }

  async #untilAt(peer: Peer, isThere: (path: SessionPath) => boolean): Promise<void> {
    for (;;) {
      const look = await peer.do('look', {})
      if (look.path && isThere(look.path)) return
      if (look.sessions === 0) throw new Error('the session has ended')
      await delay(50)
    }
  }
}

/** Bytes on their way from one process to the other. */
export class Transfer {
  readonly #done: Promise<{ equal: boolean; took: number }>

  constructor(
    from: Peer,
    readonly to: Peer,
    readonly transfer: number,
    readonly load: Load,
  ) {
    this.#done = from.do('send', { transfer, ...load })
    // Whoever waits for it gets the error too.
    this.#done.catch(() => {})
  }

  /** Waits until a part of the bytes has arrived. @returns the moment at which a fault begins now */
  async reaches(part: number): Promise<number> {
    const happened = this.to.event(event => {
      if (event.event !== 'arriving' || event.transfer !== this.transfer) return undefined
      return event.bytes >= part * this.load.bytes || undefined
    })
    await Promise.race([happened, this.#done])
    return now()
  }

  /** Milliseconds from a moment until more bytes were there; 0 when all were there before. */
  async resumed(since: number): Promise<number> {
    const at = await this.to.event(event => {
      if (event.event !== 'arriving' && event.event !== 'arrived') return undefined
      if (event.transfer !== this.transfer) return undefined
      return event.at > since || event.event === 'arrived' ? event.at : undefined
    })
    return Math.max(0, at - since)
  }

  /** Waits until every byte has arrived as it was sent. @returns the longest time that none came, in milliseconds */
  async whole(): Promise<number> {
    expect((await this.#done).equal).toBe(true)
    return this.to.event(event =>
      event.event === 'arrived' && event.transfer === this.transfer ? event.stall : undefined,
    )
  }
}
