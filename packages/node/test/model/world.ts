import type { LossRecovery, TransportLimits } from '@stt/frame'
import { createLossRecovery } from '@stt/recovery'
import { type CloseReason, SessionEngine } from '@stt/session'
import { followPeer } from '@stt/session/listen'
import { StreamManager } from '@stt/stream'
import { type Conditions, createRandom, type LinkPair, linkPair, type VirtualTimer } from '@stt/testing'
import { expect } from 'vitest'
import type { Session } from '../../src/api/session.ts'
import type { Stream } from '../../src/api/stream.ts'
import { SessionCore, type SessionHandle } from '../../src/session/session-core.ts'
import { NodeStreamCore } from '../../src/stream/node-stream-core.ts'
import { Flow, WHOLE } from './flow.ts'
import { NonceRecorder } from './nonces.ts'

export type Side = 'initiator' | 'responder'

export const WINDOWS = { stream: 16_384, maxStream: 65_536, session: 32_768, maxSession: 131_072 } as const
/** Streams of each kind that a peer may have open. */
export const STREAMS = 4

const LIMITS: TransportLimits = {
  idleTimeout: 30_000,
  maxData: WINDOWS.session,
  maxStreamData: WINDOWS.stream,
  maxDatagram: 1_100,
  maxMessage: 65_536,
  maxStreamsBidi: STREAMS,
  maxStreamsUni: STREAMS,
}

/** Two whole sessions with their streams, a bad network between them, and what has to hold at every moment. */
export class World {
  readonly flows: Flow[] = []
  readonly nonces: NonceRecorder = new NonceRecorder()
  readonly pair: LinkPair
  readonly #ends: Record<Side, SessionHandle<NodeStreamCore>>
  /** How far the clock of each side is ahead of the network's. */
  readonly #ahead: Record<Side, number> = { initiator: 0, responder: 0 }
  readonly #reasons: Partial<Record<Side, CloseReason>> = {}
  readonly #violations: string[] = []
  /** What was asked for and has not been answered. */
  readonly #unsettled = new Set<string>()
  readonly #datagrams: Record<Side, { sent: Set<number>; received: Set<number> }> = {
    initiator: { sent: new Set(), received: new Set() },
    responder: { sent: new Set(), received: new Set() },
  }
  readonly #timers = new Set<Timer>()
  #asked = 0
  #closers = new Set<Side>()

  constructor(seed: number, conditions: Partial<Conditions>) {
    this.pair = linkPair({ seed, kind: 'datagram', toServer: conditions, toClient: conditions, createRecovery: () => this.#recovery() }) // biome-ignore format: one line
    this.#ends = { initiator: this.#create('initiator', seed), responder: this.#create('responder', seed) }
  }

  session(side: Side): Session {
    return this.#ends[side].session
  }

  /** The flows that a side writes into, and may. */
  writable(side: Side): Flow[] {
    return this.flows.filter(flow => this.#writers.get(flow) === side && !flow.hasEnded && flow.resetCode === undefined)
  }

  /** The flows that a side reads. */
  readable(side: Side): Flow[] {
    return this.flows.filter(flow => flow.reader && this.#writers.get(flow) !== side)
  }

  open(side: Side, unidirectional: boolean, priority: number): void {
    const session = this.session(side)
    const opening = unidirectional ? session.openSendStream({ priority }) : session.openStream({ priority })
    this.ask(
      'open',
      opening.then(stream => this.#adopt(side, stream, true)),
    )
  }

  write(flow: Flow, length: number): void {
    this.ask('write', flow.writer.write(flow.next(length)))
  }

  end(flow: Flow): void {
    flow.hasEnded = true
    this.ask('end', flow.writer.end())
  }

  reset(flow: Flow, code: number): void {
    flow.resetCode = code
    flow.writer.reset(code)
  }

  stop(flow: Flow, code: number): void {
    if (flow.outcome !== undefined || flow.stopCode !== undefined) return
    flow.stopCode = code
    flow.reader!.stop(code)
  }

  sendDatagram(side: Side, length: number): void {
    const number = this.#datagrams[side].sent.size + 1
    const bytes = new Uint8Array(Math.max(4, length))
    new DataView(bytes.buffer).setUint32(0, number)
    if (this.session(side).state !== 'active' || bytes.length > this.session(side).maxDatagramSize) return
    this.#datagrams[side].sent.add(number)
    this.ask('datagram', this.session(side).sendDatagram(bytes))
  }

  ping(side: Side): void {
    if (this.session(side).state === 'active') this.ask('ping', this.session(side).ping())
  }

  rotateKeys(side: Side): void {
    if (this.session(side).state === 'active') this.session(side).rotateKeys()
  }

  close(side: Side, code: number, reason: string): void {
    this.#closers.add(side)
    this.ask('close', this.session(side).close({ code, reason, deadline: 2_000 }))
  }

  /** One side's program stands still, and wakes up later. */
  jump(side: Side, milliseconds: number): void {
    this.#ahead[side] += milliseconds
    // Its timers run with its clock: what is overdue rings as soon as it is awake.
    for (const timer of this.#timers) if (timer.side === side) this.#start(timer)
  }

  /** Remembers that somebody waits for `promise`; all must be answered in the end, and only with errors that are meant. */
  ask(what: string, promise: Promise<unknown>): void {
    const name = `${what} ${this.#asked++}`
    this.#unsettled.add(name)
    promise.then(
      () => this.#unsettled.delete(name),
      (error: { code?: string }) => {
        this.#unsettled.delete(name)
        if (!EXPECTED.has(error.code ?? '')) this.#violations.push(`${name}: ${String(error)}`)
      },
    )
  }

  async pass(milliseconds: number): Promise<void> {
    const { loop } = this.pair
    let isOver = false
    loop.after(milliseconds, () => {
      isOver = true
    })
    while (!isOver) {
      // What was asked for, and what the last event set off in promises, comes before the next event.
      await new Promise(resolve => setImmediate(resolve))
      loop.step()
    }
    await new Promise(resolve => setImmediate(resolve))
  }

  /** What holds at every moment. */
  check(): void {
    expect(this.#violations).toEqual([])
    expect(this.nonces.repeated).toEqual([])
    for (const side of SIDES) {
      const { streams, datagramsQueued } = this.session(side).getStatistics()
      expect(streams.receiveWindow).toBeLessThanOrEqual(WINDOWS.maxSession)
      expect(streams.receiveBuffered).toBeLessThanOrEqual(streams.receiveWindow)
      expect(streams.open).toBeLessThanOrEqual(4 * STREAMS)
      expect(datagramsQueued).toBeLessThanOrEqual(256)
    }
    for (const flow of this.flows) {
      const { sendBuffered, bytesWritten } = flow.writer.getStatistics()
      expect(bytesWritten).toBeLessThanOrEqual(flow.written)
      // What waits for credit is the caller's, and only shown here.
      expect(sendBuffered - (flow.written - bytesWritten)).toBeLessThanOrEqual(WINDOWS.maxStream)
      if (!flow.reader) continue
      const { receiveBuffered, receiveWindow, receiveMemory, bytesRead } = flow.reader.getStatistics()
      expect(receiveWindow).toBeLessThanOrEqual(WINDOWS.maxStream)
      expect(receiveBuffered).toBeLessThanOrEqual(receiveWindow)
      expect(receiveMemory).toBeLessThanOrEqual(4 * WINDOWS.maxStream)
      expect(bytesWritten - bytesRead).toBeLessThanOrEqual(WINDOWS.maxStream)
    }
  }

  /** The network heals, everything is read and ended, and the session closed: what must have come of it all. */
  async finish(): Promise<void> {
    for (const path of [this.pair.toServer, this.pair.toClient]) path.change(HEALED)
    for (const side of SIDES) for (const flow of this.writable(side)) this.end(flow)
    for (const flow of this.flows) flow.resume()
    const isDone = (): boolean => this.flows.every(flow => flow.isOver) && this.#unsettled.size === 0
    for (let second = 0; second < 120 && !isDone(); second++) {
      await this.pass(1_000)
      // Streams that waited for credit have been opened meanwhile.
      for (const side of SIDES) for (const flow of this.writable(side)) this.end(flow)
    }
    const isWhole = Object.keys(this.#reasons).length === 0 && this.#closers.size === 0
    if (isWhole) {
      for (const flow of this.flows) this.#checkFlow(flow)
      expect([...this.#unsettled]).toEqual([])
      this.close('initiator', 7, 'the end')
      await this.pass(10_000)
      expect(this.#reasons.initiator).toMatchObject({ by: 'local', code: 7 })
      expect(this.#reasons.responder).toMatchObject({ by: 'peer', app: true, code: 7, reason: 'the end' })
    }
    // Whoever heard nothing of the end finds out by the silence.
    await this.pass(90_000)
    this.check()
    this.#checkAgreement()
    expect([...this.#unsettled]).toEqual([])
    expect(this.pair.loop.idle).toBe(true)
  }

  readonly #writers = new Map<Flow, Side>()

  #create(side: Side, seed: number): SessionHandle<NodeStreamCore> {
    const { loop } = this.pair
    const isInitiator = side === 'initiator'
    const now = (): number => loop.now + this.#ahead[side]
    const streams = new StreamManager({
      role: side,
      local: LIMITS,
      peer: LIMITS,
      limits: { maxStreamWindow: WINDOWS.maxStream, maxSessionWindow: WINDOWS.maxSession },
      onWake: () => handle.driver.schedule(),
    })
    const random = createRandom(seed).fork(side)
    const [ours, theirs] = isInitiator ? [1, 2] : [2, 1]
    const engine = new SessionEngine({
      role: side,
      id: new Uint8Array(16),
      localCid: new Uint8Array(8).fill(ours),
      remoteCid: new Uint8Array(8).fill(theirs),
      peerId: new Uint8Array(32),
      secrets: { send: keyOf(seed, ours), receive: keyOf(seed, theirs), exporter: keyOf(seed, 3) },
      localLimits: LIMITS,
      peerLimits: LIMITS,
      source: streams,
      follow: followPeer,
      entropy: length => random.bytes(length),
      provider: this.nonces.provider,
      now: now(),
    })
    const handle = SessionCore.create({
      createStream: NodeStreamCore.create,
      engine,
      streams,
      clock: {
        now,
        setTimer: (callback, delay) => this.#start({ side, callback, at: now() + delay, handle: undefined }),
        clearTimer: timer => this.#clear(timer as Timer | undefined),
        afterReads: callback => queueMicrotask(callback),
      },
      peer: { id: new Uint8Array(32), address: 'udp://10.0.0.1:1', seed: 0, metadata: undefined },
      closeDeadline: 2_000,
      streamIdle: 0,
      onConfirmed: () => {},
      onDormant: () => {},
      onDrained: () => {},
      onOver: () => {},
      onFault: cause => {
        throw cause
      },
      onLinkTaken: () => {},
      onClosed: () => {},
      warn: error => this.#violations.push(String(error)),
    })
    const { session, driver } = handle
    driver.attach(isInitiator ? this.pair.client : this.pair.server)
    void session.closed.then(reason => {
      this.#reasons[side] = reason
    })
    void this.#accept(side, session)
    void this.#receive(side, session)
    return handle
  }

  #start(timer: Timer): Timer {
    const { loop } = this.pair
    loop.cancel(timer.handle)
    this.#timers.add(timer)
    timer.handle = loop.after(Math.max(0, timer.at - loop.now - this.#ahead[timer.side]), () => {
      this.#timers.delete(timer)
      timer.callback()
    })
    return timer
  }

  #clear(timer: Timer | undefined): void {
    if (!timer) return
    this.#timers.delete(timer)
    this.pair.loop.cancel(timer.handle)
  }

  /** Loss recovery that is watched: nothing but a probe leaves when the window is full. */
  #recovery(): LossRecovery {
    const recovery = createLossRecovery({ maxDatagramSize: 1_200 })
    const onPacketSent = recovery.onPacketSent.bind(recovery)
    recovery.onPacketSent = (packet, now) => {
      const { bytesInFlight, congestionWindow } = recovery.getStatistics()
      if (recovery.probesWanted === 0 && bytesInFlight + packet.size > congestionWindow) {
        this.#violations.push(`${bytesInFlight} + ${packet.size} bytes in flight, window ${congestionWindow}`)
      }
      onPacketSent(packet, now)
    }
    return recovery
  }

  async #accept(side: Side, session: Session): Promise<void> {
    try {
      for await (const stream of session.streams()) this.#adopt(side, stream, false)
    } catch (error) {
      if ((error as { code?: string }).code !== 'STT_TRUNCATED') this.#violations.push(`streams(): ${String(error)}`)
    }
  }

  async #receive(side: Side, session: Session): Promise<void> {
    const { sent, received } = this.#datagrams[side === 'initiator' ? 'responder' : 'initiator']
    try {
      for await (const bytes of session.datagrams()) {
        const number = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
        if (!sent.has(number) || received.has(number))
          this.#violations.push(`datagram ${number} was not sent, or came twice`)
        received.add(number)
      }
    } catch (error) {
      if ((error as { code?: string }).code !== 'STT_TRUNCATED') this.#violations.push(`datagrams(): ${String(error)}`)
    }
  }

  #adopt(side: Side, stream: Stream, isOpener: boolean): void {
    const other = side === 'initiator' ? 'responder' : 'initiator'
    if (isOpener || !stream.unidirectional) {
      const flow = new Flow(this.flows.length, stream)
      this.flows.push(flow)
      this.#writers.set(flow, side)
      void stream.delivered.then(
        () => {
          flow.isDelivered = true
        },
        () => {},
      )
      // The opener's peer may have written before the opener's promise was settled.
      const unread = this.#unread.get(`${other} ${stream.id}`)
      if (unread) void flow.read(unread)
      else this.#written.set(`${side} ${stream.id}`, flow)
    }
    if (isOpener && stream.unidirectional) return
    const flow = this.#written.get(`${other} ${stream.id}`)
    if (flow) void flow.read(stream)
    else this.#unread.set(`${side} ${stream.id}`, stream)
  }

  /** By writing side and id: flows whose reader has not come, and the streams that wait for their writer. */
  readonly #written = new Map<string, Flow>()
  readonly #unread = new Map<string, Stream>()

  #checkFlow(flow: Flow): void {
    const { outcome, resetCode, stopCode, written, received, isDelivered } = flow
    if (resetCode === undefined && stopCode === undefined) {
      expect({ outcome, received, isDelivered }).toEqual({ outcome: WHOLE, received: written, isDelivered: true })
    } else if (stopCode === undefined) {
      expect([WHOLE, 'STT_STREAM_RESET']).toContain(outcome)
      if (outcome === WHOLE) expect(received).toBe(written)
    }
    if (isDelivered && stopCode === undefined) expect(received).toBe(written)
  }

  /** Who closed, and what the other was told. */
  #checkAgreement(): void {
    const [one, other] = SIDES.map(side => this.#reasons[side])
    if (!one || !other) throw new Error('a session did not end')
    const kinds = [one.by, other.by].sort().join(' and ')
    expect(['local and peer', 'local and local', 'local and silence', 'silence and silence']).toContain(kinds)
    if (kinds !== 'local and peer') return
    expect([one.app, one.code, one.reason]).toEqual([other.app, other.code, other.reason])
  }
}

interface Timer {
  readonly side: Side
  readonly callback: () => void
  /** By the side's own clock. */
  readonly at: number
  handle: VirtualTimer | undefined
}

function keyOf(seed: number, side: number): Uint8Array {
  return createRandom(seed).fork(`key ${side}`).bytes(32)
}

const SIDES: readonly Side[] = ['initiator', 'responder']
const HEALED: Partial<Conditions> = {
  loss: { rate: 0, burst: 1 },
  reorder: 0,
  duplicate: 0,
  corrupt: 0,
  blackholes: [],
}
/** What asking may meet: a stream or a session that was ended by either side. */
const EXPECTED = new Set(['STT_CLOSED', 'STT_TRUNCATED', 'STT_STREAM_RESET', 'STT_STREAM_STOPPED'])
