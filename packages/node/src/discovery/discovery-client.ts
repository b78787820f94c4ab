import { loadPart } from '@stt/errors'
import type { Discovery, DiscoveryConfig } from './discovery.ts'
import type { LanState } from './lan-platform.ts'

/** A node's dealings with those it does not know yet. What does the work is loaded when it is first needed. */
export class DiscoveryClient {
  readonly #config: DiscoveryConfig
  #loading: Promise<Discovery> | undefined
  #discovery: Discovery | undefined
  #isClosed = false
  /** Calls to repeat once it is loaded. */
  #listeningAt: readonly string[] | undefined

  constructor(config: DiscoveryConfig) {
    this.#config = config
  }

  /** Whether there is anything by which others could be found. */
  get canFind(): boolean {
    const { urls, lan, store } = this.#config
    return urls.length > 0 || lan || store !== undefined
  }

  /** Begins to speak on the local network where that is wanted. Rejects with `STT_UNSUPPORTED` where it cannot be had. */
  async startLan(): Promise<void> {
    if (this.#config.lan) await (await this.load()).startLan()
  }

  /** Whether it looks on the local network too. */
  get hasLan(): boolean {
    return this.#config.lan
  }

  /** The service on the local network, once it runs. */
  get onLan(): Discovery | undefined {
    return this.#config.lan ? this.#discovery : undefined
  }

  /** Where it speaks mDNS now. */
  get lan(): readonly LanState[] {
    return this.#discovery?.lan ?? []
  }

  /** The node listens at these of its relays from now on: others than before. */
  listensAt(urls: readonly string[]): void {
    if (!this.#config.registry) return
    this.#listeningAt = urls
    if (this.#discovery) this.#discovery.listensAt(urls)
    // A page that is offline says so when its relays change again.
    else this.load().then(undefined, this.#config.warn)
  }

  /** A node was reached at an address. */
  reached(id: Uint8Array, address: string): void {
    if (this.#config.store) this.load().then(discovery => discovery.reached(id, address), this.#config.warn)
  }

  /** Addresses at which a node was reached earlier. */
  async knownAddressesOf(id: Uint8Array): Promise<readonly string[]> {
    return this.#config.store ? (await this.load()).knownAddressesOf(id) : []
  }

  onSeedsReplaced(): void {
    this.#discovery?.onSeedsReplaced()
  }

  /** Takes out at once what was said of this node; resolves when what is kept of addresses is stored. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#discovery?.close()
    // A service that failed to load needs no end.
    await this.#loading?.then(
      discovery => discovery.settled(),
      () => {},
    )
  }

  load(): Promise<Discovery> {
    this.#loading ??= loadPart('what finds others', () => import('./discovery.ts'))
      .then(({ Discovery }) => {
        const discovery = new Discovery(this.#config)
        this.#discovery = discovery
        if (this.#isClosed) discovery.close()
        else if (this.#listeningAt) discovery.listensAt(this.#listeningAt)
        return discovery
      })
      .finally(() => {
        // A page that was offline may load it later.
        if (!this.#discovery) this.#loading = undefined
      })
    return this.#loading
  }
}
