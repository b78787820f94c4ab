import type { SeedKeys } from '@stt/crypto'
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
  type PeerPolicy,
  type Peers,
  type Verdict,
  type VerifiedPeer,
} from '@stt/handshake'
import type { Value } from '@stt/serialize'
import { Alarm } from './alarm.ts'
import type { Clock } from './clock.ts'

/** A peer that has proved to hold the seed, and who it is, and waits to be let in. */
export interface Applicant {
  /** Node id, 32 bytes. */
  readonly id: Uint8Array
  readonly address: string
  /** What it says of itself. */
  readonly metadata: Value | undefined
}

/** Whether a peer may come in; a promise may take five seconds. */
export type Authorize = (applicant: Applicant) => boolean | Promise<boolean>

/** A door or a dial: where its handshake messages go, and what is told of how its handshakes end. */
export interface HandshakeParty {
  /** @param address as it was given to `receive` or `dial` */
  send(message: Uint8Array, address: string): void
  /** @param packets those of the session that overtook the handshake's last message */
  onSession(result: HandshakeResult, run: HandshakeRun, packets: readonly Uint8Array[]): void
  onFailed(error: SttError): void
}

export interface HandshakesConfig {
  readonly clock: Clock
  readonly manager: Omit<HandshakeManagerConfig, 'authorize' | 'pairwise'>
  readonly peers: Peers | undefined
  readonly authorize: Authorize | undefined
  /** Whether there is room for one more session. */
  readonly admits: () => boolean
  /** Tells the operator that `authorize`, or the trust store, failed. */
  readonly warn: (error: Error) => void
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
    this.policy = createPolicy(config.peers)
    this.#manager = new HandshakeManager({
      ...config.manager,
      pairwise: this.policy.pairwise,
      authorize: (peer, run) => this.#judge(peer, run),
    })
    this.#alarm = new Alarm(config.clock, () => this.#drain())
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

  /** Takes what came to a party from `address`, its suffix behind it. */
  receive(address: string, message: Uint8Array): void {
    this.#manager.handleIncoming(address, message, this.#config.clock.now())
    this.#drain()
  }

  /** Dials; the party learns how it ends. */
  dial(address: string, options: DialOptions): HandshakeRun {
    const run = this.#manager.initiate(address, this.#config.clock.now(), options)
    this.#drain()
    return run
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

  /** Dialing uses the first from now on, listening all. */
  setSeeds(seeds: readonly SeedKeys[]): void {
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

  #drain(): void {
    for (;;) {
      const output = this.#manager.poll(this.#config.clock.now())
      if ('timeout' in output) {
        this.#alarm.set(output.timeout)
        return
      }
      if ('transmit' in output) this.#partyOf(output.address)?.send(output.transmit, output.address)
      else this.#onEvent(output.event)
    }
  }

  #onEvent(event: HandshakeEvent): void {
    if (event.type === 'session') this.#partyOf(event.run.address)?.onSession(event.result, event.run, event.packets)
    if (event.type === 'failed') this.#partyOf(event.run.address)?.onFailed(event.error)
    // `authorize` is being seen to since `#judge`; an unconfirmed session ends by its own clock.
  }

  #partyOf(address: string): HandshakeParty | undefined {
    return this.#parties.get(address.slice(address.lastIndexOf('#')))
  }

  #judge(peer: VerifiedPeer, run: HandshakeRun): Verdict | undefined {
    if (!this.#config.admits()) return 'busy'
    const { authorize } = this.#config
    const admitted = authorize ? this.#ask(authorize, peer, run) : this.policy.admits(peer.id)
    if (typeof admitted === 'boolean') return admitted ? 'accept' : 'refuse'
    admitted
      .catch((cause: unknown) => {
        this.#config.warn(
          new SttError('STT_PEER_REFUSED', 'whether to let a peer in could not be decided, and it was refused', {
            cause,
          }),
        )
        return false
      })
      .then(accepted => {
        this.#manager.decide(run, accepted ? 'accept' : 'refuse', this.#config.clock.now())
        this.#drain()
      })
      .catch(this.#config.warn)
    return undefined
  }

  /** The application first: trust on first use would otherwise keep whom it refuses. */
  async #ask(authorize: Authorize, { id, metadata }: VerifiedPeer, run: HandshakeRun): Promise<boolean> {
    const address = run.address.slice(0, run.address.lastIndexOf('#'))
    return (await authorize({ id, metadata, address })) && this.policy.admits(id)
  }
}
