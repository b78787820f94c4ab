import type { Entropy } from '@stt/crypto'
import type { Link } from '@stt/frame'
import { type PathInfo, Tier } from '@stt/session'
import { type Address, parseDialAddress } from '../addresses/address.ts'
import type { Dialer } from '../dial/dialer.ts'
import type { NetworkWatch } from '../network/network-watch.ts'
import { Alarm } from '../time/alarm.ts'
import type { Clock } from '../time/clock.ts'
import type { Guard } from '../time/guard.ts'

/** How the first link of a dialed session came to be, and where else its peer may be reached. */
export interface Dialed {
  /** Every address that the application gave, as it wrote them. */
  readonly addresses: readonly string[]
  /** That of them which answered, and the IP address where its name is looked up here. */
  readonly text: string
  readonly host: string
}

export interface PathKeeperConfig extends Dialed {
  readonly clock: Clock
  readonly entropy: Entropy
  readonly guard: Guard
  readonly network: Pick<NetworkWatch, 'watch'>
  readonly dialer: Dialer
  readonly link: Link
  /** How many links may wait for their turn beside the one in use. */
  readonly standby: number
  readonly session: {
    /** Whether the path in use is in doubt, or there is none. */
    readonly needsPath: boolean
    /** The one in use first. */
    readonly paths: readonly PathInfo[]
    /** Takes in a link that was opened, and asks over it. */
    takeIn(link: Link, tier: number): void
    /** Lets go of a link that is not in use. */
    letGo(link: Link): void
    onNetworkChange(): void
  }
}

/**
 * Opens what a dialed session may go over: all of its addresses when the path in use is in doubt or gone, the better ones now
 * and then when it goes over a worse one, and one to wait for its turn. Which path is used the session decides.
 */
export class PathKeeper {
  readonly #config: PathKeeperConfig
  /** Most sessions go over one link to one address, and need none of this. */
  #knownPlaces: Map<string, Place> | undefined
  #alarm: Alarm | undefined
  #isOver = false
  /** Of links that are being opened; most sessions open none but their first. */
  #opening: AbortController | undefined
  readonly #unwatch: () => void
  /** How often it was looked since the last change whether there is something better. */
  #looks = 0
  /** Since when a path is needed, and how often all were opened since then. */
  #neededSince: number | undefined
  #rounds = 0
  #movedAt: number

  constructor(config: PathKeeperConfig) {
    this.#config = config
    const { clock, network } = config
    this.#movedAt = clock.now()
    this.#unwatch = network.watch(({ addressesChanged }) => this.#onNetworkChange(addressesChanged))
    if (config.addresses.length > 1) this.#lookIn(LOOKS[0]!)
  }

  /** The session moved. */
  onMoved(): void {
    this.#movedAt = this.#config.clock.now()
    this.#looks = 0
    this.#lookIn(LOOKS[0]!)
  }

  /** The session would go over another path if there were one. @param anew also by another port to where it already goes */
  onWanted(anew: boolean): void {
    this.#neededSince ??= this.#config.clock.now()
    this.#rounds = 0
    this.#openAll(anew)
    this.#scheduleRound()
  }

  /**
   * Another attempt of the dial had opened this link when the session was there: it may lead to the same peer.
   *
   * @returns whether the session asks over it, as it is better or may wait for its turn
   */
  takeOver(link: Link, { text, host }: Dialed): boolean {
    const { session, standby } = this.#config
    const [active, ...others] = session.paths
    if (this.#isOver || !active) return false
    const place = this.#placeOf(text, { ...parseDialAddress(text), host })
    const isOfUse = place.tier < active.tier || others.length < standby
    if (!isOfUse || place.isOpening || place.links.size > 0) return false
    place.links.add(link)
    session.takeIn(link, place.tier)
    return true
  }

  /** A link is none of the session's any more. */
  onGone(link: Link): void {
    for (const place of this.#places.values()) place.links.delete(link)
    if (!this.#config.session.needsPath) this.#lookIn(this.#nextLook)
  }

  /** The session has ended. */
  stop(): void {
    this.#alarm?.cancel()
    this.#unwatch()
    this.#isOver = true
    this.#opening?.abort()
  }

  #onNetworkChange(addressesChanged: boolean): void {
    const { session } = this.#config
    session.onNetworkChange()
    this.#looks = 0
    if (addressesChanged && !session.needsPath) this.#openWhatIsBetter()
  }

  /** By address and IP address: those that were dialed, and what leads there. */
  get #places(): Map<string, Place> {
    return (this.#knownPlaces ??= this.#firstPlaces())
  }

  #firstPlaces(): Map<string, Place> {
    const { dialer, text, host, link } = this.#config
    const tier = dialer.tierOf({ ...parseDialAddress(text), host })
    return new Map([[keyOf(text, host), new Place(tier, link)]])
  }

  #look(): void {
    const { session, clock } = this.#config
    if (session.needsPath) {
      this.#neededSince ??= clock.now()
      this.#openAll(false)
      return this.#scheduleRound()
    }
    this.#neededSince = undefined
    this.#rounds = 0
    const isOpening = this.#openWhatIsBetter() || this.#openStandby()
    const hasSurplus = this.#letGoOfSurplus()
    if (isOpening || hasSurplus) this.#lookIn(this.#nextLook)
    this.#looks++
  }

  #lookIn(delay: number): void {
    // The links of a session that has ended go one after the other: no timer of it may hold the program open.
    if (!this.#isOver) this.#lookAlarm.set(this.#config.clock.now() + delay)
  }

  get #lookAlarm(): Alarm {
    const { clock, guard } = this.#config
    return (this.#alarm ??= new Alarm(
      clock,
      guard.wrap(() => this.#look()),
    ))
  }

  /** Milliseconds until the next look: what did not work a few times will hardly work soon. */
  get #nextLook(): number {
    return LOOKS[this.#looks] ?? this.#around(LAST_LOOK, 0.2)
  }

  /** Milliseconds until all are opened once more: often at first, for most outages are short. */
  #scheduleRound(): void {
    const age = this.#config.clock.now() - this.#neededSince!
    const delay = ROUNDS[this.#rounds] ?? (age < 30_000 ? this.#around(1_500, 0.3) : this.#around(this.#slowRound, 0.5))
    this.#rounds++
    this.#lookIn(delay)
  }

  get #slowRound(): number {
    const slow = this.#rounds - FAST_ROUNDS
    return slow < 2 ? 5_000 : slow < 4 ? 10_000 : 30_000
  }

  /** @returns whether anything is missing that would be better than what is used */
  #openWhatIsBetter(): boolean {
    const [active] = this.#config.session.paths
    const better = active ? this.#missing().filter(({ tier }) => tier < active.tier) : []
    for (const { text } of better) this.#open(text, tier => tier < active!.tier)
    return better.length > 0
  }

  /** One link waits for its turn, of another kind than the one in use where that can be: it hardly fails with it. */
  #openStandby(): boolean {
    const { session, standby } = this.#config
    const [active, ...others] = session.paths
    if (!active || others.length >= standby) return false
    const missing = this.#missing()
    const wanted = missing.find(({ text }) => isDatagram(text) !== active.link.lossy) ?? missing[0]
    if (wanted) this.#open(wanted.text, () => true)
    return wanted !== undefined
  }

  /** Closes the links left behind by moves, once no packet can be on its way there. @returns whether some must wait for that */
  #letGoOfSurplus(): boolean {
    const { session, standby, clock } = this.#config
    const [active, ...others] = session.paths
    const waiting = others.filter(({ state }) => state === 'standby')
    if (!active || waiting.length <= standby) return false
    if (clock.now() < this.#movedAt + KEPT_AFTER_MOVE) return true
    const isSameKind = ({ link }: PathInfo): number => Number(link.lossy === active.link.lossy)
    const worstFirst = waiting.sort((a, b) => isSameKind(b) - isSameKind(a) || b.tier - a.tier)
    for (const { link } of worstFirst.slice(0, waiting.length - standby)) session.letGo(link)
    return false
  }

  /** The addresses to which no link leads, best first. */
  #missing(): readonly { readonly text: string; readonly tier: number }[] {
    const { addresses } = this.#config
    return addresses
      .filter(text => !this.#placesOf(text).some(place => place.isOpening || place.links.size > 0))
      .map(text => ({ text, tier: this.#placesOf(text)[0]?.tier ?? usualTier(text) }))
      .sort((a, b) => a.tier - b.tier)
  }

  #placesOf(text: string): readonly Place[] {
    return [...this.#places].filter(([key]) => key.startsWith(keyOf(text, ''))).map(([, place]) => place)
  }

  #openAll(anew: boolean): void {
    for (const text of this.#config.addresses) this.#open(text, (_tier, place) => anew || place.links.size === 0)
  }

  /** Opens links to an address, one to each IP address that its name stands for. What fails is tried again another time. */
  #open(text: string, isWanted: (tier: number, place: Place) => boolean): void {
    const onResolved = this.#config.guard.wrap((targets: readonly Address[]) => {
      for (const target of targets) {
        const place = this.#placeOf(text, target)
        if (!place.isOpening && place.links.size < MOST_LINKS && isWanted(place.tier, place)) {
          void this.#openLink(text, target, place)
        }
      }
    })
    void this.#resolve(text, onResolved).then(onResolved)
  }

  async #resolve(text: string, onMore: (targets: readonly Address[]) => void): Promise<readonly Address[]> {
    const { resolve } = this.#config.dialer
    const address = parseDialAddress(text)
    if (!resolve) return [address]
    const targets = (ips: readonly string[]): readonly Address[] =>
      ips.slice(0, MOST_IPS).map(host => ({ ...address, host, name: address.host }))
    try {
      return targets(await resolve(address.host, ips => onMore(targets(ips)), address))
    } catch {
      // A name server that is out of reach now may be there at the next try.
      return []
    }
  }

  async #openLink(text: string, target: Address, place: Place): Promise<void> {
    const { dialer, session } = this.#config
    if (this.#isOver) return
    this.#opening ??= new AbortController()
    const { signal } = this.#opening
    place.isOpening = true
    try {
      const { link } = await dialer.openLink(text, target, signal)
      if (this.#isOver) return link.close()
      place.links.add(link)
      session.takeIn(link, place.tier)
    } catch {
      // No call waits for this link: the next look tries again.
    } finally {
      place.isOpening = false
    }
  }

  #placeOf(text: string, target: Address): Place {
    const key = keyOf(text, target.host)
    const known = this.#places.get(key)
    if (known) return known
    const place = new Place(this.#config.dialer.tierOf(target))
    this.#places.set(key, place)
    return place
  }

  #around(delay: number, share: number): number {
    const [byte] = this.#config.entropy(1)
    return delay * (1 - share + (2 * share * byte!) / 255)
  }
}

/** An IP address of one of the addresses, with the links that lead there. */
class Place {
  readonly tier: number
  readonly links: Set<Link>
  isOpening = false

  constructor(tier: number, link?: Link) {
    this.tier = tier
    this.links = new Set(link ? [link] : [])
  }
}

const keyOf = (text: string, host: string): string => `${text} ${host}`
const isDatagram = (text: string): boolean => parseDialAddress(text).scheme === 'udp'
const usualTier = (text: string): number =>
  isDatagram(text) ? Tier.Datagram : parseDialAddress(text).relay ? Tier.Relayed : Tier.Message

/** Milliseconds between looks for something better, or to wait for its turn. */
const LOOKS = [2_000, 8_000, 50_000, 240_000] as const
const LAST_LOOK = 600_000
/** The same between rounds in which all are opened, while the session needs a path. */
const ROUNDS = [200, 300, 500] as const
const FAST_ROUNDS = 24
/** Milliseconds for which what the session moved away from is kept at least. */
const KEPT_AFTER_MOVE = 10_000
/** Of one name. */
const MOST_IPS = 4
/** To one IP address: the one in doubt, and others from other ports. */
const MOST_LINKS = 3
