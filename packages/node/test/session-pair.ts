import type { Link, TransportLimits } from '@stt/frame'
import { createLossRecovery } from '@stt/recovery'
import { SessionEngine } from '@stt/session'
import { followPeer } from '@stt/session/listen'
import { StreamManager } from '@stt/stream'
import { createRandom, type LinkKind, type LinkPair, linkPair } from '@stt/testing'
import { SessionCore, type SessionHandle } from '../src/session/session-core.ts'
import { NodeStreamCore } from '../src/stream/node-stream-core.ts'
import { virtualClock } from './virtual-clock.ts'

/** Two sessions in virtual time, without nodes or handshakes, over a network that loses nothing. */
export class SessionPair {
  readonly pair: LinkPair
  readonly dialed: SessionHandle<NodeStreamCore>
  readonly accepted: SessionHandle<NodeStreamCore>
  readonly warnings: Error[] = []
  /** What was thrown inside a session. */
  readonly faults: unknown[] = []
  readonly #limits: TransportLimits

  constructor(kind: LinkKind = 'message', limits: Partial<TransportLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits }
    this.pair = linkPair({ seed: 1, kind, toServer: { delay: 10 }, toClient: { delay: 10 }, createRecovery: kind === 'datagram' ? () => createLossRecovery({ maxDatagramSize: 1_200 }) : undefined }) // biome-ignore format: one line
    this.dialed = this.#create('initiator', this.pair.client)
    this.accepted = this.#create('responder', this.pair.server)
  }

  /** Lets virtual time pass, and between any two events everything that they set off in promises. */
  async pass(milliseconds: number): Promise<void> {
    const { loop } = this.pair
    let isOver = false
    const end = (): void => {
      isOver = true
    }
    // Behind everything else that is due at that moment, such as a timer of the same time that was set later.
    loop.after(milliseconds, () => loop.after(0, end))
    while (!isOver) {
      await settled()
      loop.step()
    }
    await settled()
  }

  /** Lets virtual time pass until `promise` settles. @throws when nothing is left to happen */
  async run<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false
    const settle = (): void => {
      isSettled = true
    }
    promise.then(settle, settle)
    for (;;) {
      await settled()
      if (isSettled) return promise
      if (!this.pair.loop.step()) throw new Error('nothing is left to happen, and it is not done')
    }
  }

  #create(role: 'initiator' | 'responder', link: Link): SessionHandle<NodeStreamCore> {
    const { loop } = this.pair
    const streams = new StreamManager({
      role,
      local: this.#limits,
      peer: this.#limits,
      onWake: () => handle.driver.schedule(),
    })
    const random = createRandom(1).fork(role)
    const [ours, theirs] = role === 'initiator' ? [1, 2] : [2, 1]
    const engine = new SessionEngine({
      role,
      id: new Uint8Array(16),
      localCid: new Uint8Array(8).fill(ours),
      remoteCid: new Uint8Array(8).fill(theirs),
      peerId: new Uint8Array(32),
      secrets: { send: keyOf(ours), receive: keyOf(theirs), exporter: keyOf(3) },
      localLimits: this.#limits,
      peerLimits: this.#limits,
      source: streams,
      follow: followPeer,
      entropy: length => random.bytes(length),
      now: loop.now,
      options: { keepAlive: false },
    })
    const handle = SessionCore.create({
      createStream: NodeStreamCore.create,
      engine,
      streams,
      clock: virtualClock(loop),
      peer: { id: new Uint8Array(32), address: link.remote, seed: 0, metadata: undefined },
      closeDeadline: 5_000,
      streamIdle: 0,
      onConfirmed: () => {},
      onDormant: () => {},
      onDrained: () => {},
      onOver: () => {},
      onFault: cause => this.faults.push(cause),
      onLinkTaken: () => {},
      onClosed: () => {},
      warn: error => this.warnings.push(error),
    })
    handle.driver.attach(link)
    return handle
  }
}

/** Until everything that was set off in promises has happened: time does not pass. */
export const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

const keyOf = (number: number): Uint8Array => createRandom(1).fork(`key ${number}`).bytes(32)

const LIMITS: TransportLimits = {
  idleTimeout: 3_600_000,
  maxData: 32_768,
  maxStreamData: 16_384,
  maxDatagram: 1_100,
  maxMessage: 65_536,
  maxStreamsBidi: 3,
  maxStreamsUni: 3,
}
