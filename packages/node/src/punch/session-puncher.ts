import { toHex } from '@stt/crypto'
import { SttError } from '@stt/errors'
import { type Candidate, MAX_CANDIDATES } from '@stt/frame'
import type { PunchTarget, SessionEvent } from '@stt/session'
import type { NetworkWatch } from '../network/network-watch.ts'
import type { PathCandidate } from '../options/path-options.ts'
import { isAtRelay } from '../relay/relay-address.ts'
import type { SessionDriver } from '../session/session-driver.ts'
import { Alarm } from '../time/alarm.ts'
import type { PunchBudget } from './punch-budget.ts'
import type { PunchSocketSet, PunchSocketSetConfig } from './punch-socket-set.ts'
import type { PunchSockets } from './punch-sockets.ts'
import { isPrivateAddress, type UsableCandidate, usableCandidates } from './usable-candidates.ts'

/** Which of a node's addresses peers are told: all, those that anybody may know, none. */
export type ShareAddresses = 'all' | 'public' | 'none'

export interface SessionPuncherConfig
  extends Pick<PunchSocketSetConfig, 'clock' | 'entropy' | 'guard' | 'ownAddresses'> {
  readonly driver: SessionDriver
  readonly network: Pick<NetworkWatch, 'watch'>
  readonly sockets: PunchSockets
  readonly budget: PunchBudget
  readonly share: ShareAddresses
  readonly warn: (error: Error) => void
  /** Which of the addresses of either side the application wants to be used. */
  readonly allows: (candidate: PathCandidate) => boolean
  readonly tierOf: (address: string) => number
  /** Told of each round that is over. */
  readonly onOver?: ((round: PunchRound) => void) | undefined
}

/** The result of a round of hole punching. */
export interface PunchRound {
  /** Addresses that answered; 0: the session stays at its relay. */
  readonly answered: number
  /** Whether the NATs in front of this side and of its peer take another port for each destination: no hole where both do. */
  readonly takesNewPorts: boolean
  readonly peerTakesNewPorts: boolean
}

/**
 * Gets one session from a relay, or a WebSocket, to UDP: the dialed side tells its addresses, the dialing side tries
 * them, and both send at once. The first round comes early, later ones less and less often.
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
  /** Rounds since there was last reason to hope. */
  #tries = 0
  /** Those of them that found nothing. */
  #failures = 0
  /** Of this session alone, after a round from the shared ones that found nothing. */
  #additional: PunchSocketSet | undefined
  #isUnderWay = false
  /** The next round waits for the one that is under way. */
  #isDue = false
  /** The peer looks for other ports, and will tell. */
  #awaitsAddresses = false
  #isOver = false
  /** The addresses told last. */
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
    // Known by the time that the peer's addresses come.
    else this.#run(this.#own().then(() => {}))
  }

  onEvent(event: SessionEvent): void {
    if (event.type === 'addresses') this.#onAddresses(event.candidates)
    else if (event.type === 'punch') this.#run(this.#answer(event.candidates))
    else if (event.type === 'observed') this.#seen = event.candidate
    else if (event.type === 'punch-over') this.#onRoundOver(event.answered)
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
      this.#hopeAgain()
      this.#alarm.set(clock.now() + (this.#isInitiator ? RETRIES[0]! : 0))
    }
  }

  stop(): void {
    this.#isOver = true
    this.#alarm.cancel()
    this.#unwatch()
    this.#leave()
    this.#dropAdditional()
  }

  /** Only what goes by a relay is to go another way: a WebSocket that was dialed was wished for. */
  get #isRelayed(): boolean {
    const [active] = this.#config.driver.paths
    return active !== undefined && isAtRelay(active.link.remote)
  }

  /** This machine has other addresses than before. */
  #onNetworkChange(): void {
    this.#hopeAgain()
    this.#dropAdditional()
    this.#config.sockets.shared.forgetObserved()
    this.#alarm.set(this.#config.clock.now())
  }

  /** Other ports alone are no reason to try again: some NATs take a new one each time. */
  #onAddresses(candidates: readonly Candidate[]): void {
    const isElsewhere = addressesIn(candidates) !== addressesIn(this.#theirs)
    this.#theirs = candidates
    if (isElsewhere) this.#hopeAgain()
    if (isElsewhere || this.#awaitsAddresses) this.#alarm.set(this.#config.clock.now())
  }

  /** A failed attempt may work now. */
  #hopeAgain(): void {
    this.#tries = this.#failures = 0
    this.#awaitsAddresses = this.#isDue = false
  }

  /** The second round begins at other ports, on both sides: a NAT may have spoilt those of the first. */
  // spec: STT-PKT-66
  #onRoundOver(answered: number): void {
    const { clock, onOver, sockets } = this.#config
    this.#isUnderWay = false
    onOver?.({
      answered,
      takesNewPorts: this.#sockets.mapping === 'edm',
      peerTakesNewPorts: showsNewPorts(this.#theirs),
    })
    if (!this.#isRelayed) return
    // Where somebody answered, and the session could not use it, the ports are good.
    const hasFailed = answered === 0
    if (hasFailed) {
      this.#dropAdditional()
      if (++this.#failures === 1) this.#additional = sockets.openAdditional()
    }
    if (!this.#isInitiator) {
      if (hasFailed && this.#failures <= 2) this.#alarm.set(clock.now())
    } else if (this.#isDue) {
      this.#isDue = false
      this.#awaitsAddresses = hasFailed && this.#failures === 1
      this.#alarm.set(clock.now() + FOR_NEW_PORTS)
    }
  }

  get #sockets(): PunchSocketSet {
    return this.#additional ?? this.#config.sockets.shared
  }

  #dropAdditional(): void {
    if (this.#additional) this.#config.sockets.closeAdditional(this.#additional)
    this.#additional = undefined
  }

  #onTime(): void {
    if (this.#isOver) return
    const { clock } = this.#config
    if (this.#isInitiator) {
      if (!this.#isRelayed || this.#theirs.length === 0) return
      this.#isDue = this.#isUnderWay
      if (this.#isDue) return
      const pause = RETRIES[Math.min(this.#tries++, RETRIES.length - 1)]!
      this.#awaitsAddresses = false
      this.#run(this.#begin())
      this.#alarm.set(clock.now() + (pause < LAST_RETRY ? pause : this.#varied(pause)))
    } else if (this.#isRelayed) {
      this.#run(this.#tell())
      this.#alarm.set(clock.now() + TOLD_AGAIN)
    }
  }

  /** An error here leaves the session on its present path. */
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
    this.#isUnderWay = true
    driver.engine.punching?.begin(own, targets, this.#allowStranger, clock.now())
    driver.schedule()
  }

  async #answer(candidates: readonly Candidate[]): Promise<void> {
    const { driver, clock } = this.#config
    this.#theirs = candidates
    // The sockets are there unless the peer is faster than they are opened.
    await this.#sockets.candidates()
    const targets = this.#targets(candidates)
    if (this.#isOver || targets.length === 0) return
    driver.engine.punching?.answer(targets, this.#allowStranger, clock.now())
    driver.schedule()
  }

  async #own(): Promise<readonly Candidate[]> {
    const { share } = this.#config
    const all = await this.#sockets.candidates()
    const seen = this.#seen && !this.#additional ? [this.#seen] : []
    const shared = [...all, ...seen].filter(({ address }) => share === 'all' || !isPrivateAddress(address))
    return shared.filter(each => this.#allows('own', each)).slice(0, MAX_CANDIDATES)
  }

  #targets(candidates: readonly Candidate[]): readonly PunchTarget[] {
    const { driver, budget, ownAddresses, clock, tierOf } = this.#config
    const usable = usableCandidates(candidates, ownAddresses()).filter(each => this.#allows('peer', each))
    const allowed = budget.take(toHex(driver.engine.peerId), usable, clock.now())
    return allowed.flatMap((candidate: UsableCandidate): PunchTarget[] => {
      const links = this.#sockets.linksTo(candidate)
      if (!links) return []
      const { link, opener } = links
      return [{ link, tier: tierOf(candidate.address), ...(!candidate.isNear && { opener }) }]
    })
  }

  readonly #allowStranger = (): boolean => this.#config.budget.admit(this.#config.clock.now())

  #allows(side: PathCandidate['side'], { source, address, port }: Candidate): boolean {
    try {
      return this.#config.allows({ side, source, address, port }) === true
    } catch (cause) {
      const message = `paths.candidates threw, and ${address} is not used: see the cause`
      this.#config.warn(new SttError('STT_INVALID_STATE', message, { cause }))
      return false
    }
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

const addressesIn = (candidates: readonly Candidate[]): string =>
  [...new Set(candidates.map(({ address }) => address))].sort().join()

/** Whether two ports of one address were seen by two who asked. */
const showsNewPorts = (candidates: readonly Candidate[]): boolean =>
  candidates.some(({ source, address, port }) =>
    candidates.some(
      other => source === 'observed' && other.source === source && other.address === address && other.port !== port,
    ),
  )

/** Milliseconds until the next round, after each; the second comes when the first is over. */
// spec: STT-PKT-66
const LAST_RETRY = 600_000
const RETRIES: readonly number[] = [2_000, 10_000, 60_000, 300_000, LAST_RETRY]
/** Milliseconds that a peer has for opening other ports and telling of them. */
const FOR_NEW_PORTS = 1_000
/** Milliseconds after which a side that was dialed looks again where it may be reached. */
const TOLD_AGAIN = 25_000
