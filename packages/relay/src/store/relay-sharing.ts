import { randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import type { InstanceEvent, RelayEngine, RelayLimits } from '@stt/rendezvous/server'
import type { WebSocketLink } from '@stt/transport-ws'
import { Paced } from './paced.ts'
import type { Share } from './relay-store.ts'
import type { SharedStore } from './shared-store.ts'

export interface RelaySharingOptions {
  readonly shared: SharedStore
  readonly engine: RelayEngine<WebSocketLink>
  readonly limits: Pick<RelayLimits, 'listenersPerAddress' | 'circuitsPerAddress'>
  readonly guard: (call: () => void) => void
  /** Carries out the engine's outputs. */
  readonly drain: () => void
}

/** Tells the other instances which nodes listen here, and asks them for the nodes that do not. */
export class RelaySharing {
  readonly #options: RelaySharingOptions
  readonly #shares = new Map<WebSocketLink, OpenShare>()
  readonly #paced: Paced
  readonly #self = randomBytes(8)
  readonly #timer: NodeJS.Timeout
  #count = 0

  constructor(options: RelaySharingOptions) {
    this.#options = options
    this.#paced = new Paced(options.guard)
    this.#timer = setInterval(() => options.guard(() => this.#refresh()), REFRESH_CHECK).unref()
  }

  handle(event: InstanceEvent<WebSocketLink>): void {
    const { shared } = this.#options
    if (event.type === 'listens') this.#listens(event)
    else if (event.type === 'seeks') this.#seeks(event)
    else if (event.type === 'dialed') this.#take(event.link, 'circuits', event.address)
    else {
      if (event.type === 'left') shared.left(event.names)
      this.#release(event.link)
    }
  }

  /** Tells the store all again, because it may have forgotten. */
  again(): void {
    const { shared, engine } = this.#options
    for (const share of this.#shares.values()) share.dueAt = 0
    this.#paced.run(engine.presences(), ({ link, names }) => {
      if (names.length > 0)
        void shared.listens(names).then(kept => this.#tell(() => engine.announced(link, names, kept, now())))
    })
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#paced.stop()
  }

  /** The link is not read until the store has answered, so its next PONG says that all instances know the names. */
  // spec: STT-RLY-38
  #listens({ link, names, address }: Extract<InstanceEvent<WebSocketLink>, { type: 'listens' }>): void {
    const { shared, engine } = this.#options
    link.pause()
    if (address !== undefined) this.#take(link, 'listeners', address)
    void shared.listens(names).then(kept => {
      this.#tell(() => engine.announced(link, names, kept, now()))
      link.resume()
    })
  }

  #seeks({ link, mailboxes }: Extract<InstanceEvent<WebSocketLink>, { type: 'seeks' }>): void {
    const { shared, engine } = this.#options
    link.pause()
    void shared.seek(mailboxes).then(url => {
      this.#tell(() => engine.found(link, mailboxes, url, now()))
      link.resume()
    })
  }

  /** Counts a link among those of its address at all instances. The link goes on meanwhile, and ends if it is one too many. */
  #take(link: WebSocketLink, kind: Share['kind'], address: string): void {
    const member = new Uint8Array(12)
    member.set(this.#self)
    new DataView(member.buffer).setUint32(8, this.#count++ >>> 0)
    const share = this.#shares.get(link) ?? { kind, address, member, dueAt: 0 }
    this.#shares.set(link, share)
    this.#say(link, share)
  }

  #release(link: WebSocketLink): void {
    const share = this.#shares.get(link)
    if (!share) return
    this.#shares.delete(link)
    void this.#options.shared.count(this.#shareOf(share, 0))
  }

  #refresh(): void {
    for (const [link, share] of this.#shares) if (share.dueAt <= now()) this.#say(link, share)
  }

  #say(link: WebSocketLink, share: OpenShare): void {
    const { shared, engine } = this.#options
    share.dueAt = now() + REFRESH_AFTER
    void shared.count(this.#shareOf(share, SHARE_LASTS)).then(isOne => {
      if (isOne) return
      this.#shares.delete(link)
      this.#tell(() => engine.exceeded(link, now()))
    })
  }

  #shareOf({ kind, address, member }: OpenShare, seconds: number): Share {
    const { listenersPerAddress, circuitsPerAddress } = this.#options.limits
    return { kind, address, member, seconds, most: kind === 'listeners' ? listenersPerAddress : circuitsPerAddress }
  }

  #tell(call: () => void): void {
    this.#options.guard(() => {
      call()
      this.#options.drain()
    })
  }
}

interface OpenShare extends Pick<Share, 'kind' | 'address' | 'member'> {
  /** When it is counted again, in milliseconds of `now()`. */
  dueAt: number
}

const now = (): number => performance.now()

/** Seconds. */
const SHARE_LASTS = 90
/** Milliseconds: a listener says it itself each 60 s. */
const REFRESH_AFTER = 62_000
const REFRESH_CHECK = 5_000
