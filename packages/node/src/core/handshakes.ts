import { SttError } from '@stt/errors'
import { isPacket, packetDestination } from '@stt/frame'
import {
  type Decision,
  type DialOptions,
  type HandshakeEvent,
  HandshakeManager,
  type HandshakeManagerConfig,
  type HandshakeResult,
  type HandshakeRun,
  type HandshakeStatistics,
  type HelloLimit,
  type Origin,
} from '@stt/handshake'
import type { ListenerPlugin } from '../listen/listener-plugin.ts'
import type { NodeWatcher } from '../observe/observer.ts'
import type { IncomingCheckConfig } from '../peers/incoming-check.ts'
import type { SessionGate } from '../peers/session-gate.ts'
import { Alarm } from '../time/alarm.ts'
import type { Clock } from '../time/clock.ts'
import type { Guard } from '../time/guard.ts'

/** A link, or where a datagram came from. */
export interface HandshakeOrigin extends Origin {
  /** Undefined once nothing is sent or told there any more: its link is a session's, or gone. Runs outlive that. */
  party: HandshakeParty | undefined
}

/** Receives the messages to send there, and learns how its handshakes end. */
export interface HandshakeParty {
  send(message: Uint8Array): void
  /** @param packets those of the session that overtook the handshake's last message */
  onSession(result: HandshakeResult, run: HandshakeRun, packets: readonly Uint8Array[]): void
  onFailed(error: SttError): void
  /** A HELLO of this link has the right mac1 and waits for its turn, until then at most. Links that came only. */
  onWaiting?(until: number): void
  /** It waits no more: the link is to be closed, and may come back. */
  onOverloaded?(limit: HelloLimit): void
}

export interface HandshakesConfig extends Pick<IncomingCheckConfig, 'authorize' | 'warn'> {
  readonly clock: Clock
  /** Milliseconds since 1970: seeds end by it. */
  readonly wallClock: () => number
  readonly guard: Guard
  readonly watcher: NodeWatcher | undefined
  readonly manager: Omit<HandshakeManagerConfig<HandshakeOrigin>, 'authorize' | 'listen' | 'pairwise'>
  readonly gate: SessionGate
  /** Undefined where the node cannot be dialed. */
  readonly listener: ListenerPlugin | undefined
}

type SessionEvent = Extract<HandshakeEvent<HandshakeOrigin>, { type: 'session' }>

/** Drives the handshakes of a node: one manager and one timer for everything that it accepts and dials. */
export class Handshakes {
  readonly #config: HandshakesConfig
  readonly #manager: HandshakeManager<HandshakeOrigin>
  readonly #alarm: Alarm

  constructor(config: HandshakesConfig) {
    this.#config = config
    const { manager, listener, clock, authorize, gate, warn, watcher } = config
    this.#manager = new HandshakeManager<HandshakeOrigin>({
      ...manager,
      onDropped: watcher && ((from, reason, size) => watcher.onHandshakeDropped(from?.label ?? '', reason, size)),
      pairwise: gate.policy.pairwise,
      listen: listener?.answerHellos,
      authorize: listener?.createIncomingCheck({
        authorize,
        gate,
        warn,
        watcher,
        decide: (run, decision) => this.#decide(run, decision),
      }),
    })
    const ring = (): void => {
      // A HELLO that has waited may be let in now.
      this.#manager.setWallClock(config.wallClock())
      this.#drain()
    }
    // The memory of finished handshakes must not keep a program running that forgot its node; a handshake under way has its
    // socket for that.
    this.#alarm = new Alarm(clock, ring, false)
  }

  /** Whether a packet bears the connection id of a handshake under way, whose last message it has overtaken. */
  hasRunOf(packet: Uint8Array): boolean {
    return isPacket(packet) && this.#manager.hasConnectionId(packetDestination(packet))
  }

  /** Whether a handshake under way has this connection id. */
  hasConnectionId(id: Uint8Array): boolean {
    return this.#manager.hasConnectionId(id)
  }

  /** Takes what came from there. What fails in it ends its handshake alone. @returns whether it was of use */
  receive(from: HandshakeOrigin, message: Uint8Array): boolean {
    let wasOfUse = false
    try {
      this.#manager.setWallClock(this.#config.wallClock())
      wasOfUse = this.#manager.handleIncoming(from, message, this.#config.clock.now())
    } catch (cause) {
      this.#config.guard.report(cause)
    }
    // Most of what strangers send changes nothing, and there may be thousands of it a second.
    if (wasOfUse || this.#manager.hasNews) this.#drain()
    return wasOfUse
  }

  /** Dials; `to` learns how it ends. */
  dial(to: HandshakeOrigin, options: DialOptions): HandshakeRun {
    this.#manager.setWallClock(this.#config.wallClock())
    const run = this.#manager.initiate(to, options, this.#config.clock.now())
    this.#drain()
    return run
  }

  /** The error with which a dial under way would fail if no further message came. */
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

  linkClosed(link: HandshakeOrigin, cause: Error | undefined): void {
    this.#manager.linkClosed(link, cause)
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

  #decide(run: HandshakeRun, decision: Decision): void {
    const { clock, guard } = this.#config
    try {
      this.#manager.decide(run, decision, clock.now())
    } catch (cause) {
      guard.report(cause)
    }
    this.#drain()
  }

  #drain(): void {
    while (this.#step());
  }

  /** An error ends its own handshake only. @returns whether there may be more to do now */
  #step(): boolean {
    try {
      const output = this.#manager.poll(this.#config.clock.now())
      if (output.type === 'timeout') {
        this.#alarm.set(output.at)
        return false
      }
      if (output.type === 'event') this.#onEvent(output.event)
      else output.to.party?.send(output.packet)
    } catch (cause) {
      this.#config.guard.report(cause)
    }
    return true
  }

  #onEvent(event: HandshakeEvent<HandshakeOrigin>): void {
    const { party } = 'run' in event ? event.run.origin : event.origin
    if (event.type === 'session') this.#onSession(event, party)
    if (event.type === 'waiting') party?.onWaiting?.(event.until)
    if (event.type === 'overloaded') party?.onOverloaded?.(event.limit)
    if (event.type === 'failed') party?.onFailed(event.error)
    // `authorize` is being seen to since the peer was judged; an unconfirmed session ends by its own clock.
  }

  #onSession({ run, result, packets }: SessionEvent, party: HandshakeParty | undefined): void {
    if (!party) return result.secrets.dispose()
    try {
      party.onSession(result, run, packets)
    } catch (cause) {
      result.secrets.dispose()
      party.onFailed(new SttError('STT_HANDSHAKE_FAILED', 'the session could not begin: see the cause', { cause }))
      throw cause
    }
  }
}
