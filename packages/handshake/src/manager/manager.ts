import { provider as defaultProvider, type SeedKeys } from '@stt/crypto'
import { SttError } from '@stt/errors'
import { connectionIdKey, Fifo } from '@stt/frame'
import type { InitiatorConfig } from '../config.ts'
import { isHandshake, readHeader } from '../header.ts'
import { Initiator } from '../initiator.ts'
import { MessageType } from '../message-type.ts'
import { type Origin, sameOrigin } from '../origin.ts'
import { ConnectionIds } from './connection-ids.ts'
import { DialRun } from './dial-run.ts'
import type { HelloContext, HelloHandler } from './hello-handler.ts'
import type { IncomingRun } from './incoming-run.ts'
import { type HandshakeManagerConfig, managerSettings } from './manager-config.ts'
import type { ManagerDropReason } from './manager-drop-reason.ts'
import type { ManagerSettings } from './manager-settings.ts'
import type { Decision, HandshakeEvent, HandshakeOutput, HandshakeRun, RunContext } from './outputs.ts'
import { type DatedSeedKeys, SeedRing } from './seed-ring.ts'
import { createCounters, type HandshakeStatistics } from './statistics.ts'
import { TimerQueue } from './timer-queue.ts'

/** The options of one dial. */
export interface DialOptions extends Pick<InitiatorConfig, 'expectedPeer' | 'allowPeer' | 'metadata' | 'timeout'> {
  /** The address that a lossy link's messages come from, `udp://10.0.0.2:50123`: by it a node notices that it dials itself. */
  readonly localAddress?: string | undefined
}

/**
 * All handshakes of a node, both sides (the listening one when its configuration brings it). Sans-IO: after every input,
 * `poll` until it answers with the time at which to poll again.
 *
 * @typeParam O the node's type of origin: each origin comes back with the messages to send there
 */
export class HandshakeManager<O extends Origin = Origin> {
  readonly #settings: ManagerSettings<O>
  readonly #ids: ConnectionIds
  readonly #timers: TimerQueue<Run<O>> = new TimerQueue()
  readonly #counters = createCounters()
  readonly #context: RunContext<O>
  readonly #hellos: HelloHandler<O> | undefined
  /** By own connection id: every run that a message can still reach. */
  readonly #routes = new Map<string, Run<O>>()
  readonly #dialing = new Set<DialRun<O>>()
  /** The newest run of each link, until its time is over. */
  readonly #byOrigin = new Map<Origin, Run<O>>()
  readonly #outputs = new Fifo<HandshakeOutput<O>>()
  readonly #seeds = new SeedRing()
  #drops = 0
  readonly #onDropped: HandshakeManagerConfig<O>['onDropped']
  /** Of the message that is being taken. */
  #from: O | undefined
  #size = 0
  /** The deadline that `poll` answered last. */
  #answered = NEVER
  #closed = false

  /** @throws STT_INVALID_ARGUMENT that names the field */
  constructor(config: HandshakeManagerConfig<O>) {
    this.#settings = managerSettings(config)
    this.#onDropped = config.onDropped
    this.#ids = new ConnectionIds(config.entropy, key => this.#routes.has(key), config.isConnectionIdTaken)
    this.#context = {
      transmit: (packet, to) => void this.#outputs.push({ type: 'transmit', packet, to }),
      emit: event => this.#emit(event),
      drop: reason => this.#drop(reason),
    }
    this.#hellos = config.listen?.createHandler(this.#helloContext())
    this.setSeeds(config.seeds)
  }

  /**
   * Dials. How it ends comes as an event, `session` or `failed`.
   *
   * @throws STT_CLOSED; STT_LIMIT when too many dials are under way; STT_INVALID_ARGUMENT for a bad option;
   * STT_INVALID_STATE when no seed may be used any more
   */
  initiate(to: O, { localAddress, ...options }: DialOptions, now: number): HandshakeRun<O> {
    if (this.#closed) throw closedError()
    if (this.#dialing.size >= this.#settings.load.pending) {
      throw new SttError('STT_LIMIT', `${this.#dialing.size} dials are under way; wait until some have ended`)
    }
    const { entropy, provider = defaultProvider } = this.#settings.common
    const [seed] = this.#seeds.usable
    if (seed === undefined) throw new SttError('STT_INVALID_STATE', NO_SEED)
    const { keys, index: seedIndex } = seed
    const newInitiator = (dial: DialRun<O>, token: Uint8Array | undefined): Initiator => {
      const localCid = this.#ids.next()
      const initiator = new Initiator({
        ...this.#settings.common,
        ...options,
        keys,
        localCid,
        datagram: to.lossy,
        token,
      })
      this.#routes.set(connectionIdKey(localCid), dial)
      return initiator
    }
    const release = (localCid: Uint8Array): void => void this.#routes.delete(connectionIdKey(localCid))
    // Written out: a spread would make a new shape of object for each dial.
    const { transmit, emit, drop } = this.#context
    const context = { transmit, emit, drop, provider, entropy, newInitiator, release }
    const target = { origin: to, localAddress, seedIndex }
    const dial = new DialRun<O>(context, target, options.timeout ?? this.#settings.timeout, now)
    this.#dialing.add(dial)
    this.#byOrigin.set(to, dial)
    this.#timers.schedule(dial)
    return dial
  }

  /**
   * Takes any bytes that came from there. Bad ones are counted and ignored.
   *
   * @returns whether they were of use: a listener gives up a link after repeated useless messages
   */
  handleIncoming(from: O, bytes: Uint8Array, now: number): boolean {
    const before = this.#drops
    this.#from = from
    this.#size = bytes.length
    if (!this.#closed) this.#dispatch(from, bytes, now)
    this.#from = undefined
    return this.#drops === before
  }

  #dispatch(from: O, bytes: Uint8Array, now: number): void {
    if (!isHandshake(bytes)) return this.#onPacket(bytes)
    const header = readHeader(bytes)
    if (typeof header === 'string') return this.#drop(header)
    if (header.type === MessageType.Hello) {
      if (this.#hellos) return this.#hellos.receiveHello(from, header, bytes, now)
      return this.#drop('unexpected')
    }
    const run = this.#routes.get(connectionIdKey(header.dcid))
    if (run === undefined) return this.#drop('unknownRun')
    this.#touch(run, () => {
      if (run instanceof DialRun) run.receive(header, bytes, now)
      else run.receive(header, bytes, from, now)
    })
  }

  /** Whether a handshake under way has this connection id of this side. */
  hasConnectionId(id: Uint8Array): boolean {
    return this.#routes.has(connectionIdKey(id))
  }

  /** Answers an `authorize` event; false when the peer no longer waits. */
  decide(run: HandshakeRun, decision: Decision, now: number): boolean {
    return this.#hellos?.decide(run, decision, now) ?? false
  }

  /** The session that `run` began got its first verified packet: the peer has FINAL and needs it no more. */
  confirm(run: HandshakeRun): void {
    if (this.#hellos?.confirm(run)) this.#unroute(run)
  }

  /** The error with which a pending dial would fail if it got no more messages; undefined for any other run. */
  failureOf(run: HandshakeRun): SttError | undefined {
    return run instanceof DialRun && run.state === 'pending' ? run.failure() : undefined
  }

  /** Ends a dial without an event. */
  cancel(run: HandshakeRun): void {
    if (run instanceof DialRun) this.#touch(run, () => run.dispose())
  }

  /** Ends the handshake of a link that has ended. */
  linkClosed(link: Origin, cause?: Error): void {
    this.#hellos?.linkClosed(link)
    const run = this.#byOrigin.get(link)
    if (run instanceof DialRun) this.#touch(run, () => run.giveUp(cause))
    else if (run && run.state !== 'complete') this.#forget(run)
  }

  /** The newest run over this link; undefined when its time is over. */
  get(link: Origin): HandshakeRun<O> | undefined {
    const run = this.#byOrigin.get(link)
    if (run || !link.lossy) return run
    // Each datagram may have come with another origin object.
    return [...this.#byOrigin.values()].findLast(({ origin }) => sameOrigin(origin, link))
  }

  /** Whether the newest run over this link has made its session. */
  isComplete(link: Origin): boolean {
    return this.get(link)?.state === 'complete'
  }

  /**
   * Replaces the seeds: dialing uses the first that is not over, listening all of those. Runs under way keep theirs,
   * so dispose of replaced keys no sooner than the handshake timeout after this call. spec: STT-HS-36
   *
   * @throws STT_INVALID_ARGUMENT for none, more than 1,024, or a `notAfter` that is no whole number
   */
  setSeeds(seeds: SeedKeys | readonly (SeedKeys | DatedSeedKeys)[]): void {
    this.#seeds.set(seeds)
    this.#hellos?.setSeeds(this.#seeds.usable)
  }

  /**
   * Sets the wall clock, in milliseconds since 1970, by which seeds expire. Where a seed has a `notAfter`, call this before
   * `initiate` and `handleIncoming`: the seed is used only while the time is known to be before that.
   */
  setWallClock(milliseconds: number): void {
    if (this.#seeds.setWallClock(milliseconds)) this.#hellos?.setSeeds(this.#seeds.usable)
  }

  /** Whether `poll` has a message or an event, or another deadline than it answered last. */
  get hasNews(): boolean {
    return this.#outputs.length > 0 || this.#deadline() !== this.#answered
  }

  /** The next message or event, or the time at which to poll again. */
  poll(now: number): HandshakeOutput<O> {
    this.#onTime(now)
    this.#hellos?.onTime(now)
    const output = this.#outputs.shift()
    if (output) return output
    this.#answered = this.#deadline()
    return { type: 'timeout', at: this.#answered }
  }

  /** The counters since the manager was made, and the runs under way now. */
  getStatistics(): HandshakeStatistics {
    const { dropped, ...counters } = this.#counters
    const { pending = 0, waiting = 0 } = this.#hellos ?? {}
    return { ...counters, dialing: this.#dialing.size, pending, waiting, dropped: { ...dropped } }
  }

  /** Ends all runs: dials get `failed` events, peers get no message. Sessions go on. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const dial of [...this.#dialing]) dial.fail(closedError())
    for (const run of new Set([...this.#routes.values(), ...this.#byOrigin.values()])) this.#forget(run)
    this.#timers.clear()
    this.#hellos?.close()
  }

  #deadline(): number {
    return Math.min(this.#timers.deadline, this.#hellos?.deadline ?? NEVER)
  }

  #helloContext(): HelloContext<O> {
    const settings = this.#settings
    return {
      ...this.#context,
      settings,
      timeout: settings.timeout,
      authorizeTimeout: settings.authorizeTimeout,
      authorize: (run, peer) => settings.authorize(peer, run),
      decided: decision => void this.#counters[COUNTED_AS[decision]]++,
      retried: () => void this.#counters.retries++,
      nextConnectionId: () => this.#ids.next(),
      isDialing: (id, hello, from, now) => {
        const run = this.#routes.get(connectionIdKey(id))
        if (!(run instanceof DialRun)) return false
        this.#touch(run, () => run.onOwnHello(id, hello, from, now))
        return true
      },
      begin: run => {
        this.#routes.set(connectionIdKey(run.localCid), run)
        this.#byOrigin.set(run.origin, run)
        this.#timers.schedule(run)
      },
      touch: (run, act) => this.#touch(run, act),
    }
  }

  /** A packet of a session, where FINAL may still be on its way. */
  #onPacket(packet: Uint8Array): void {
    const run = packet.length < MIN_PACKET ? undefined : this.#routes.get(connectionIdKey(packet, 1))
    if (run instanceof DialRun) run.keep(packet)
    else this.#drop('unknownRun')
  }

  /** Ends the runs whose time is over. */
  #onTime(now: number): void {
    for (let run = this.#timers.popDue(now); run; run = this.#timers.popDue(now)) {
      if (this.#isOver(run, now)) this.#forget(run)
      else this.#timers.schedule(run)
    }
  }

  /** Lets a run act, and follows what that changed. */
  #touch(run: Run<O>, act: () => void): void {
    const { deadline } = run
    try {
      act()
    } catch (cause) {
      // A peer that waits for a decision is told at its deadline that there is none.
      if (run.state === 'deciding') this.#timers.schedule(run)
      else this.#abandon(run, cause)
      throw cause
    }
    if (run.deadline !== deadline) this.#timers.schedule(run)
    if (run instanceof DialRun && run.state !== 'pending') this.#unroute(run)
  }

  #isOver(run: Run<O>, now: number): boolean {
    let isOver: boolean
    try {
      isOver = run.onTime(now)
    } catch (cause) {
      this.#abandon(run, cause)
      throw cause
    }
    if (run instanceof DialRun && run.state !== 'pending') this.#unroute(run)
    return isOver
  }

  /** Ends the one run that threw. */
  #abandon(run: Run<O>, cause: unknown): void {
    if (run instanceof DialRun) {
      run.fail(new SttError('STT_HANDSHAKE_FAILED', 'the handshake failed from inside: see the cause', { cause }))
    }
    this.#forget(run)
  }

  /** No message reaches the run any more. */
  #unroute(run: Run<O>): void {
    if (run instanceof DialRun) {
      for (const id of run.localCids) this.#routes.delete(connectionIdKey(id))
      this.#dialing.delete(run)
    } else {
      this.#routes.delete(connectionIdKey(run.localCid))
      this.#hellos?.unroute(run)
    }
  }

  #forget(run: Run<O>): void {
    run.dispose()
    this.#unroute(run)
    if (this.#byOrigin.get(run.origin) === run) this.#byOrigin.delete(run.origin)
  }

  #emit(event: HandshakeEvent<O>): void {
    if (event.type === 'session' && event.run.role === 'initiator') this.#counters.dialed++
    if (event.type === 'failed') this.#counters.failed++
    this.#outputs.push({ type: 'event', event })
  }

  #drop(reason: ManagerDropReason): void {
    this.#counters.dropped[reason]++
    this.#drops++
    this.#onDropped?.(this.#from, reason, this.#from === undefined ? 0 : this.#size)
  }
}

/** A handshake under way, of either side. */
type Run<O extends Origin> = DialRun<O> | IncomingRun<O>

function closedError(): SttError {
  return new SttError('STT_CLOSED', 'this node is closed; create another one to dial')
}

const NEVER = Number.POSITIVE_INFINITY
const NO_SEED = 'every seed is past its notAfter: set one that is not'
const COUNTED_AS = { accept: 'accepted', refuse: 'refused', busy: 'busy' } as const satisfies Record<Decision, string>
/** One byte of flags and the connection id. */
const MIN_PACKET = 9
