import { SttError } from '@stt/errors'
import {
  createPolicy,
  type DialOptions,
  type HandshakeEvent,
  HandshakeManager,
  type HandshakeManagerConfig,
  type HandshakeResult,
  type HandshakeRun,
  type HandshakeStatistics,
  type HelloLimit,
  type LinkFacts,
  type PeerPolicy,
  type Peers,
  type Verdict,
} from '@stt/handshake'
import type { AdmissionConfig } from './admission.ts'
import { Alarm } from './alarm.ts'
import type { Clock } from './clock.ts'
import type { Guard } from './guard.ts'
import type { Listening } from './listening.ts'
import type { NodeWatcher } from './observer.ts'

/** A door or a dial: where its handshake messages go, and what is told of how its handshakes end. */
export interface HandshakeParty {
  /** @param address as it was given to `receive` or `dial` */
  send(message: Uint8Array, address: string): void
  /** @param packets those of the session that overtook the handshake's last message */
  onSession(result: HandshakeResult, run: HandshakeRun, packets: readonly Uint8Array[]): void
  onFailed(error: SttError): void
  /** A HELLO of this link has the right mac1 and waits for its turn. Links that came only. */
  onWaiting?(): void
  /** It waits no more: the link is to be closed, and may come back. */
  onOverloaded?(limit: HelloLimit): void
}

export interface HandshakesConfig extends Pick<AdmissionConfig, 'authorize' | 'verdictOn' | 'warn'> {
  readonly clock: Clock
  /** Milliseconds since 1970: seeds end by it. */
  readonly wallClock: () => number
  readonly guard: Guard
  readonly watcher: NodeWatcher | undefined
  readonly manager: Omit<HandshakeManagerConfig, 'authorize' | 'listen' | 'pairwise'>
  readonly peers: Peers | undefined
  /** Undefined where nobody can dial in. */
  readonly listening: Listening | undefined
}

/** Drives the handshakes of a node: one manager, one timer, and the doors and dials that it works for. */
export class Handshakes {
  /** Who may connect. */
  readonly policy: PeerPolicy
  readonly #config: HandshakesConfig
  readonly #manager: HandshakeManager
  readonly #alarm: Alarm
  readonly #parties = new Map<string, HandshakeParty>()
  #nextParty = 0

  constructor(config: HandshakesConfig) {
    this.#config = config
    this.policy = createPolicy(config.peers, config.warn)
    const { manager, listening, clock, authorize, verdictOn, warn, watcher } = config
    this.#manager = new HandshakeManager({
      ...manager,
      onDropped: watcher && ((address, reason, size) => watcher.onHandshakeDropped(bare(address), reason, size)),
      pairwise: this.policy.pairwise,
      listen: listening?.answerHellos,
      authorize: listening?.createJudge({
        authorize,
        verdictOn,
        warn,
        policy: this.policy,
        watcher,
        decide: (run, verdict) => this.#decide(run, verdict),
      }),
    })
    this.#alarm = new Alarm(clock, () => {
      // A HELLO that has waited may be let in now.
      this.#manager.setWallClock(config.wallClock())
      this.#drain()
    })
  }

  /** @returns what, behind an address, makes it this party's: the same peer may come to several doors */
  join(party: HandshakeParty): string {
    const suffix = `#${this.#nextParty++}`
    this.#parties.set(suffix, party)
    return suffix
  }

  leave(suffix: string): void {
    this.#parties.delete(suffix)
  }

  /** Whether a handshake under way has this connection id. */
  hasConnectionId(id: Uint8Array): boolean {
    return this.#manager.hasConnectionId(id)
  }

  /** Takes what came to a party from `address`, its suffix behind it. What fails in it ends its handshake alone. @returns whether it was of use */
  receive(address: string, message: Uint8Array, link?: LinkFacts): boolean {
    let wasOfUse = false
    try {
      this.#manager.setWallClock(this.#config.wallClock())
      wasOfUse = this.#manager.handleIncoming(address, message, this.#config.clock.now(), link)
    } catch (cause) {
      this.#config.guard.report(cause)
    }
    this.#drain()
    return wasOfUse
  }

  /** Dials; the party learns how it ends. */
  dial(address: string, options: DialOptions): HandshakeRun {
    this.#manager.setWallClock(this.#config.wallClock())
    const run = this.#manager.initiate(address, this.#config.clock.now(), options)
    this.#drain()
    return run
  }

  /** What a dial under way would fail with if nothing more came. */
  failureOf(run: HandshakeRun): SttError | undefined {
    return this.#manager.failureOf(run)
  }

  cancel(run: HandshakeRun): void {
    this.#manager.cancel(run)
  }

  /** The session of `run` got its first packet. */
  confirm(run: HandshakeRun): void {
    this.#manager.confirm(run)
  }

  linkClosed(address: string, cause: Error | undefined): void {
    this.#manager.linkClosed(address, cause)
    this.#drain()
  }

  /** Dialing uses the first from now on, listening all; handshakes under way keep theirs. */
  setSeeds(seeds: HandshakeManagerConfig['seeds']): void {
    this.#manager.setSeeds(seeds)
  }

  getStatistics(): HandshakeStatistics {
    return this.#manager.getStatistics()
  }

  close(): void {
    this.#manager.close()
    this.#drain()
    this.#alarm.cancel()
  }

  #decide(run: HandshakeRun, verdict: Verdict): void {
    const { clock, guard } = this.#config
    try {
      this.#manager.decide(run, verdict, clock.now())
    } catch (cause) {
      guard.report(cause)
    }
    this.#drain()
  }

  #drain(): void {
    while (this.#step());
  }

  /** What fails ends its own handshake: the others are driven on. @returns whether there may be more to do now */
  #step(): boolean {
    try {
      const output = this.#manager.poll(this.#config.clock.now())
      if ('timeout' in output) {
        this.#alarm.set(output.timeout)
        return false
      }
      if ('transmit' in output) this.#partyOf(output.address)?.send(output.transmit, output.address)
      else this.#onEvent(output.event)
    } catch (cause) {
      this.#config.guard.report(cause)
    }
    return true
  }

  #onEvent(event: HandshakeEvent): void {
    if (event.type === 'session') this.#onSession(event)
    if (event.type === 'waiting') this.#partyOf(event.address)?.onWaiting?.()
    if (event.type === 'overloaded') this.#partyOf(event.address)?.onOverloaded?.(event.limit)
    if (event.type === 'failed') this.#partyOf(event.run.address)?.onFailed(event.error)
    // `authorize` is being seen to since the peer was judged; an unconfirmed session ends by its own clock.
  }

  #onSession({ run, result, packets }: Extract<HandshakeEvent, { type: 'session' }>): void {
    const party = this.#partyOf(run.address)
    try {
      party?.onSession(result, run, packets)
    } catch (cause) {
      result.secrets.dispose()
      party?.onFailed(new SttError('STT_HANDSHAKE_FAILED', 'the session could not begin: see the cause', { cause }))
      throw cause
    }
  }

  #partyOf(address: string): HandshakeParty | undefined {
    return this.#parties.get(address.slice(address.lastIndexOf('#')))
  }
}

/** An address as people know it: without what tells the links to it apart. */
const bare = (address: string): string => address.slice(0, Math.max(0, address.lastIndexOf('#')))
