import { toHex } from '@stt/crypto'
import { type Candidate, MAX_CANDIDATES } from '@stt/frame'
import type { PunchTarget, SessionEvent } from '@stt/session'
import { Alarm } from '../alarm.ts'
import type { NetworkWatch } from '../network-watch.ts'
import { isAtRelay } from '../relay/relay-address.ts'
import type { SessionDriver } from '../session-driver.ts'
import type { PunchBudget } from './punch-budget.ts'
import type { PunchSockets, PunchSocketsConfig } from './punch-sockets.ts'
import { isPrivateAddress, type UsableCandidate, usableCandidates } from './usable-candidates.ts'

/** Which of a node's addresses peers are told: all, those that anybody may know, none. */
export type ShareAddresses = 'all' | 'public' | 'none'

export interface SessionPuncherConfig extends Pick<PunchSocketsConfig, 'clock' | 'entropy' | 'guard' | 'ownAddresses'> {
  readonly driver: SessionDriver
  readonly network: Pick<NetworkWatch, 'watch'>
  readonly sockets: PunchSockets
  readonly budget: PunchBudget
  readonly share: ShareAddresses
  readonly tierOf: (address: string) => number
}

/**
 * Gets one session from a relay, or a WebSocket, to UDP: whoever was dialed says where it may be reached, whoever dialed tries
 * that, and both send at once. Tried at first, and then less and less often.
 */
export class SessionPuncher {
  readonly #config: SessionPuncherConfig
  readonly #leave: () => void
  readonly #unwatch: () => void
  readonly #alarm: Alarm
  readonly #isInitiator: boolean
  /** Where the peer may be reached, as it says. */
  #theirs: readonly Candidate[] = []
  /** Where this side was seen by its peer. */
  #seen: Candidate | undefined
  #tries = 0
  #isOver = false
  /** What was told last. */
  #told = ''

  constructor(config: SessionPuncherConfig) {
    this.#config = config
    const { clock, guard, driver, sockets, network } = config
    this.#isInitiator = driver.engine.role === 'initiator'
    this.#leave = sockets.use()
    this.#unwatch = network.watch(({ addressesChanged }) => {
      if (addressesChanged) this.#onNetworkChange()
    })
    this.#alarm = new Alarm(
      clock,
      guard.wrap(() => this.#onTime()),
    )
    if (!this.#isInitiator) this.#alarm.set(clock.now())
  }

  onEvent(event: SessionEvent): void {
    if (event.type === 'addresses') {
      this.#theirs = event.candidates
      this.#tries = 0
      this.#alarm.set(this.#config.clock.now())
    } else if (event.type === 'punch') this.#run(this.#answer(event.candidates))
    else if (event.type === 'observed') this.#seen = event.candidate
  }

  /** The session goes over another path. */
  // spec: STT-PKT-67
  onMoved(): void {
    const { driver, clock, budget, share } = this.#config
    const [active] = driver.paths
    if (active?.link.lossy) {
      const address = addressOf(active.link.remote)
      if (!address) return
      budget.answered(address.address)
      if (share !== 'none') driver.engine.punching?.tellObserved({ source: 'observed', ...address })
      driver.schedule()
    } else if (this.#isRelayed) {
      this.#tries = 0
      this.#alarm.set(clock.now() + (this.#isInitiator ? RETRIES[0]! : 0))
    }
  }

  stop(): void {
    this.#isOver = true
    this.#alarm.cancel()
    this.#unwatch()
    this.#leave()
  }

  /** Only what goes by a relay is to go another way: a WebSocket that was dialed was wished for. */
  get #isRelayed(): boolean {
    const [active] = this.#config.driver.paths
    return active !== undefined && isAtRelay(active.link.remote)
  }

  /** This machine has other addresses than before. */
  #onNetworkChange(): void {
    this.#tries = 0
    this.#config.sockets.forgetObserved()
    this.#alarm.set(this.#config.clock.now())
  }

  #onTime(): void {
    if (this.#isOver) return
    const { clock } = this.#config
    if (this.#isInitiator) {
      const pause = RETRIES[Math.min(this.#tries, RETRIES.length - 1)]!
      this.#tries++
      if (this.#isRelayed && this.#theirs.length > 0) {
        this.#run(this.#begin())
        this.#alarm.set(clock.now() + this.#varied(pause))
      }
    } else if (this.#isRelayed) {
      this.#run(this.#tell())
      this.#alarm.set(clock.now() + TOLD_AGAIN)
    }
  }

  /** What fails here leaves the session where it is. */
  #run(work: Promise<void>): void {
    work.catch((cause: unknown) => this.#config.guard.report(cause))
  }

  /** The NAT's port for this side is kept open by asking for it. */
  async #tell(): Promise<void> {
    const { driver } = this.#config
    const candidates = await this.#own()
    const told = JSON.stringify(candidates)
    if (this.#isOver || candidates.length === 0 || told === this.#told) return
    this.#told = told
    driver.engine.punching?.tellAddresses(candidates)
    driver.schedule()
  }

  async #begin(): Promise<void> {
    const { driver, clock } = this.#config
    const own = await this.#own()
    if (this.#isOver || !this.#isRelayed) return
    const targets = this.#targets(this.#theirs)
    if (targets.length === 0) return
    driver.engine.punching?.begin(own, targets, clock.now())
    driver.schedule()
  }

  async #answer(candidates: readonly Candidate[]): Promise<void> {
    const { driver, clock, sockets } = this.#config
    // The sockets are there unless the peer is faster than they are opened.
    await sockets.candidates()
    if (this.#isOver) return
    driver.engine.punching?.answer(this.#targets(candidates), clock.now())
    driver.schedule()
  }

  async #own(): Promise<readonly Candidate[]> {
    const { sockets, share } = this.#config
    const all = await sockets.candidates()
    const seen = this.#seen ? [this.#seen] : []
    const shared = [...all, ...seen].filter(({ address }) => share === 'all' || !isPrivateAddress(address))
    return shared.slice(0, MAX_CANDIDATES)
  }

  #targets(candidates: readonly Candidate[]): readonly PunchTarget[] {
    const { driver, budget, ownAddresses, clock, sockets, tierOf } = this.#config
    const usable = usableCandidates(candidates, ownAddresses())
    const allowed = budget.take(toHex(driver.engine.peerId), usable, clock.now())
    return allowed.flatMap((candidate: UsableCandidate): PunchTarget[] => {
      const links = sockets.linksTo(candidate)
      if (!links) return []
      const { link, opener } = links
      return [{ link, tier: tierOf(candidate.address), ...(!candidate.isNear && { opener }) }]
    })
  }

  #varied(pause: number): number {
    const [byte] = this.#config.entropy(1)
    return pause * (0.8 + (0.4 * byte!) / 255)
  }
}

/** Of `udp://192.0.2.7:4433`. */
function addressOf(remote: string): { readonly address: string; readonly port: number } | undefined {
  const [, ipv6, ipv4 = ipv6, port] = /^udp:\/\/(?:\[([^\]%]+)[^\]]*\]|([^:]+)):(\d+)$/.exec(remote) ?? []
  return ipv4 === undefined ? undefined : { address: ipv4, port: Number(port) }
}

/** Milliseconds until the next round, after each. */
// spec: STT-PKT-66
const RETRIES: readonly number[] = [15_000, 60_000, 300_000, 600_000]
/** Milliseconds after which a side that was dialed looks again where it may be reached. */
const TOLD_AGAIN = 25_000
