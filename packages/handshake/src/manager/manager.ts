import { provider as defaultProvider, type SeedKeys } from '@stt/crypto'
import { SttError } from '@stt/errors'
import { connectionIdKey } from '@stt/frame'
import { checkShape, NO_CID } from '../check-message.ts'
import { checkSeedKeys, type InitiatorConfig } from '../config.ts'
import { type HandshakeHeader, isHandshake, readHeader } from '../header.ts'
import { Initiator } from '../initiator.ts'
import { macOf } from '../message.ts'
import { MessageType } from '../message-type.ts'
import { Responder } from '../responder.ts'
import { ConnectionIds } from './connection-ids.ts'
import { DialRun } from './dial-run.ts'
import { HelloGate } from './hello-gate.ts'
import { type ListenContext, ListenRun } from './listen-run.ts'
import { type HandshakeManagerConfig, type ManagerSettings, managerSettings } from './manager-config.ts'
import type { HandshakeEvent, HandshakeOutput, HandshakeRun, ManagerDropReason, Verdict } from './outputs.ts'
import { parsePeerAddress } from './peer-address.ts'
import { SeenMacs } from './seen-macs.ts'
import { createCounters, type HandshakeStatistics } from './statistics.ts'
import { TimerQueue } from './timer-queue.ts'

/** What one dial may say differently from the others. */
export type DialOptions = Pick<InitiatorConfig, 'expectedPeer' | 'permits' | 'metadata' | 'timeout'>

/**
 * All handshakes of a node, both sides. Sans-IO: after every input, `poll` until it answers with the time at which to
 * poll again.
 */
export class HandshakeManager {
  readonly #settings: ManagerSettings
  readonly #gate: HelloGate
  readonly #ids: ConnectionIds
  readonly #seen: SeenMacs = new SeenMacs()
  readonly #timers: TimerQueue<DialRun | ListenRun> = new TimerQueue()
  readonly #counters = createCounters()
  readonly #context: ListenContext
  /** By own connection id: every run that a message can still reach. */
  readonly #routes = new Map<string, DialRun | ListenRun>()
  /** Runs of the listening side that are not confirmed yet, by mac1 of their HELLO. */
  readonly #listening = new Map<string, ListenRun>()
  readonly #dialing = new Set<DialRun>()
  /** The newest run of each address, until its time is over. */
  readonly #byAddress = new Map<string, DialRun | ListenRun>()
  #outputs: HandshakeOutput[] = []
  #seeds: readonly SeedKeys[] = []
  #macKeys: readonly Uint8Array[] = []
  #closed = false

  /** @throws STT_INVALID_ARGUMENT that names the field */
  constructor(config: HandshakeManagerConfig) {
    this.setSeeds(config.seeds)
    this.#settings = managerSettings(config)
    const { provider = defaultProvider, entropy } = config
    this.#gate = new HelloGate(provider, entropy, this.#settings.load)
    this.#ids = new ConnectionIds(entropy, key => this.#routes.has(key), config.isConnectionIdTaken)
    this.#context = {
      timeout: this.#settings.timeout,
      authorizeTimeout: this.#settings.authorizeTimeout,
      authorize: (run, peer) => this.#settings.authorize(peer, run),
      decided: verdict => void this.#counters[COUNTED_AS[verdict]]++,
      transmit: (transmit, address) => void this.#outputs.push({ transmit, address }),
      emit: event => this.#emit(event),
      drop: reason => this.#drop(reason),
    }
  }

  /**
   * Dials. How it ends comes as an event, `session` or `failed`.
   *
   * @throws STT_CLOSED; STT_LIMIT when too many dials are under way; STT_INVALID_ARGUMENT for a bad option
   */
  initiate(address: string, now: number, options: DialOptions = {}): HandshakeRun {
    if (this.#closed) throw closedError()
    if (this.#dialing.size >= this.#settings.load.pending) {
      throw new SttError('STT_LIMIT', `${this.#dialing.size} dials are under way; wait until some have ended`)
    }
    const { datagram } = parsePeerAddress(address)
    const { entropy, provider = defaultProvider } = this.#settings.common
    const keys = this.#seeds[0]!
    const newInitiator = (dial: DialRun, token: Uint8Array | undefined): Initiator => {
      const localCid = this.#ids.next()
      const initiator = new Initiator({ ...this.#settings.common, ...options, keys, localCid, datagram, token })
      this.#routes.set(connectionIdKey(localCid), dial)
      return initiator
    }
    const context = { ...this.#context, provider, entropy, newInitiator }
    const dial = new DialRun(context, address, datagram, now, options.timeout ?? this.#settings.timeout)
    this.#dialing.add(dial)
    this.#byAddress.set(address, dial)
    this.#timers.schedule(dial)
    return dial
  }

  /** Takes whatever came from an address. Anything that is not right is counted and nothing else. */
  handleIncoming(address: string, bytes: Uint8Array, now: number): void {
    if (this.#closed) return
    if (!isHandshake(bytes)) return this.#onPacket(bytes)
    const header = readHeader(bytes)
    if (typeof header === 'string') return this.#drop(header)
    if (header.type === MessageType.Hello) return this.#onHello(address, header, bytes, now)
    const run = this.#routes.get(connectionIdKey(header.dcid))
    if (run === undefined) return this.#drop('unknownRun')
    this.#touch(run, () => {
      if (run instanceof DialRun) run.receive(header, bytes, now)
      else run.receive(header, bytes, address, now)
    })
  }

  /** Whether a handshake under way has this connection id of this side. */
  hasConnectionId(id: Uint8Array): boolean {
    return this.#routes.has(connectionIdKey(id))
  }

  /** Answers an `authorize` event; false when nobody waits for it any more. */
  decide(run: HandshakeRun, verdict: Verdict, now: number): boolean {
    if (!(run instanceof ListenRun)) return false
    let decided = false
    this.#touch(run, () => {
      decided = run.decide(verdict, now)
    })
    return decided
  }

  /** The session that `run` began got its first verified packet: the peer has FINAL and needs it no more. */
  confirm(run: HandshakeRun): void {
    if (!(run instanceof ListenRun) || run.state !== 'complete') return
    run.confirm()
    this.#unroute(run)
  }

  /** Ends a dial without an event. */
  cancel(run: HandshakeRun): void {
    if (run instanceof DialRun) this.#touch(run, () => run.dispose())
  }

  /** A message link with this address has ended, and its handshake with it. */
  linkClosed(address: string, cause?: Error): void {
    const run = this.#byAddress.get(address)
    if (run instanceof DialRun) this.#touch(run, () => run.giveUp(cause))
    else if (run && run.state !== 'complete') this.#forget(run)
  }

  /** The newest run with this address; undefined when its time is over. */
  get(address: string): HandshakeRun | undefined {
    return this.#byAddress.get(address)
  }

  isComplete(address: string): boolean {
    return this.get(address)?.state === 'complete'
  }

  /**
   * Replaces the seeds: dialing uses the first, listening all. Runs under way go on with theirs, so keys that fall out
   * are to be disposed of no sooner than the handshake timeout after this. spec: STT-HS-36
   */
  setSeeds(seeds: SeedKeys | readonly SeedKeys[]): void {
    this.#seeds = checkSeedKeys(seeds)
    this.#macKeys = this.#seeds.map(seed => seed.mac1)
  }

  /** Ends what has run out of time; gives the number of runs that are gone. `poll` does this too. */
  cleanup(now: number): number {
    let forgotten = 0
    for (let run = this.#timers.take(now); run; run = this.#timers.take(now)) {
      if (this.#isOver(run, now)) {
        this.#forget(run)
        forgotten++
      } else this.#timers.schedule(run)
    }
    return forgotten
  }

  /** The next thing to send or to know, or the time until which there is nothing to do. */
  poll(now: number): HandshakeOutput {
    this.cleanup(now)
    return this.#outputs.shift() ?? { timeout: this.#timers.nextAt }
  }

  getStatistics(): HandshakeStatistics {
    const { dropped, ...counters } = this.#counters
    return { ...counters, dialing: this.#dialing.size, pending: this.#listening.size, dropped: { ...dropped } }
  }

  /** Ends everything that is under way; dials get `failed` events, peers nothing. Sessions go on. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const dial of [...this.#dialing]) dial.fail(closedError())
    for (const run of new Set([...this.#routes.values(), ...this.#byAddress.values()])) this.#forget(run)
    this.#timers.clear()
  }

  #onHello(address: string, header: HandshakeHeader, hello: Uint8Array, now: number): void {
    if (!this.#settings.listen) return this.#drop('unexpected')
    const from = parsePeerAddress(address)
    if (from.datagram && from.ip === undefined) {
      throw new SttError(
        'STT_BAD_ADDRESS',
        `${address} names no IP address: give what the socket says, udp://10.0.0.7:4433`,
      )
    }
    const shape = { type: MessageType.Hello, datagram: from.datagram, dcid: NO_CID, scid: undefined }
    const refused = checkShape(hello, shape)
    if (typeof refused === 'string') return this.#drop(refused)
    // spec: STT-HS-21 (a HELLO of this node's own that came back, before it costs anything)
    if (this.#routes.get(connectionIdKey(header.scid)) instanceof DialRun) return this.#drop('ownKey')

    const mac = String.fromCharCode(...macOf(hello))
    const known = this.#listening.get(mac)
    if (known) return known.repeatResponse(hello, address, now)
    // spec: STT-HS-31
    if (this.#seen.has(mac, now)) return this.#drop('replayed')
    const admission = this.#gate.admit(hello, from, this.#listening.size, this.#macKeys, now)
    if (typeof admission === 'string') return this.#drop(admission)
    if ('retry' in admission) {
      this.#counters.retries++
      return this.#context.transmit(admission.retry, address)
    }
    this.#listen(address, hello, { mac, datagram: from.datagram, seedIndex: admission.seedIndex }, now)
  }

  #listen(
    address: string,
    hello: Uint8Array,
    { mac, datagram, seedIndex }: { mac: string; datagram: boolean; seedIndex: number },
    now: number,
  ): void {
    const keys = this.#seeds[seedIndex]!
    const responder = new Responder({ ...this.#settings.common, keys, localCid: this.#ids.next(), datagram })
    const response = responder.processHello(hello, now)
    if (response === undefined) return this.#drop(responder.lastDrop!)
    const run = new ListenRun(this.#context, responder, { address, helloMac: mac, seedIndex, now })
    this.#seen.add(mac, now)
    this.#listening.set(mac, run)
    this.#routes.set(connectionIdKey(run.localCid), run)
    this.#byAddress.set(address, run)
    this.#timers.schedule(run)
    this.#context.transmit(response, address)
  }

  /** A packet of a session, where FINAL may still be on its way. */
  #onPacket(packet: Uint8Array): void {
    const run = packet.length < MIN_PACKET ? undefined : this.#routes.get(connectionIdKey(packet, 1))
    if (run instanceof DialRun) run.keep(packet)
    else this.#drop('unknownRun')
  }

  /** Lets a run act, and follows what that changed. */
  #touch(run: DialRun | ListenRun, act: () => void): void {
    const { dueAt } = run
    try {
      act()
    } finally {
      // Also when a hook of the application throws.
      if (run.dueAt !== dueAt) this.#timers.schedule(run)
      if (run instanceof DialRun && run.state !== 'pending') this.#unroute(run)
    }
  }

  #isOver(run: DialRun | ListenRun, now: number): boolean {
    const isOver = run.onTimer(now)
    if (run instanceof DialRun && run.state !== 'pending') this.#unroute(run)
    return isOver
  }

  /** No message reaches the run any more. */
  #unroute(run: DialRun | ListenRun): void {
    if (run instanceof DialRun) {
      for (const id of run.localCids) this.#routes.delete(connectionIdKey(id))
      this.#dialing.delete(run)
    } else {
      this.#routes.delete(connectionIdKey(run.localCid))
      this.#listening.delete(run.helloMac)
    }
  }

  #forget(run: DialRun | ListenRun): void {
    run.dispose()
    this.#unroute(run)
    if (this.#byAddress.get(run.address) === run) this.#byAddress.delete(run.address)
  }

  #emit(event: HandshakeEvent): void {
    if (event.type === 'session' && event.run.role === 'initiator') this.#counters.dialed++
    if (event.type === 'failed') this.#counters.failed++
    this.#outputs.push({ event })
  }

  #drop(reason: ManagerDropReason): void {
    this.#counters.dropped[reason]++
  }
}

function closedError(): SttError {
  return new SttError('STT_CLOSED', 'this node is closed; create another one to dial')
}

const COUNTED_AS = { accept: 'accepted', refuse: 'refused', busy: 'busy' } as const satisfies Record<Verdict, string>
/** One byte of flags and the connection id. */
const MIN_PACKET = 9
