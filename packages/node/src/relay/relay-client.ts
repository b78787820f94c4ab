import { loadPart } from '@stt/errors'
import type { Link } from '@stt/frame'
import type { Address } from '../addresses/address.ts'
import type { OutgoingLink } from '../dial/outgoing-link.ts'
import { isAtRelay } from './relay-address.ts'
import type { DialPlan, RelayConfig } from './relay-config.ts'
import type { RelayState } from './relay-state.ts'
import type { Relays } from './relays.ts'
import type { UdpEndpoint } from './udp-endpoint.ts'

/** A node's side of relays. What does the work is loaded when the node first has to do with one. */
export class RelayClient {
  readonly #config: RelayConfig
  #loading: Promise<Relays> | undefined
  #relays: Relays | undefined
  #isClosed = false

  constructor(config: RelayConfig) {
    this.#config = config
  }

  /** Where this node can be dialed by the relays at which it listens now. */
  get addresses(): readonly string[] {
    return this.#relays?.addresses ?? []
  }

  get states(): readonly RelayState[] {
    return this.#relays?.states ?? []
  }

  /** Loads what relays take where there are some, and checks them. Rejects with `STT_INVALID_ARGUMENT` or `STT_BAD_ADDRESS`. */
  async prepare(): Promise<void> {
    if (this.#config.urls.length > 0) await this.#load()
  }

  /** Listens at the relays until `close`; resolves when one of them has this node, or they have had their time. */
  async listen(): Promise<void> {
    await (await this.#load()).listen()
  }

  /** The addresses to dial: the given ones and, with a peer, that peer at the relays of this node. */
  async plan(given: DialPlan): Promise<DialPlan> {
    const concernsRelays = (given.peer && this.#config.urls.length > 0) || given.addresses.some(isAtRelay)
    return concernsRelays ? (await this.#load()).plan(given) : given
  }

  async openLink(address: Address, signal: AbortSignal | undefined): Promise<OutgoingLink> {
    return { link: await (await this.#load()).dial(address, signal) }
  }

  /** A connection to the registry of a relay. */
  async openRegistry(url: string, signal: AbortSignal): Promise<Link> {
    return (await this.#load()).openRegistry(url, signal)
  }

  /** Where relays that this node has met tell it where its datagrams come from. */
  async udpEndpoints(): Promise<readonly UdpEndpoint[]> {
    return this.#relays?.udpEndpoints() ?? []
  }

  /** The seeds are others from now on. */
  onSeedsReplaced(): void {
    this.#relays?.onSeedsReplaced()
  }

  close(): void {
    this.#isClosed = true
    this.#relays?.close()
  }

  #load(): Promise<Relays> {
    this.#loading ??= loadPart('what relays take', () => import('./relays.ts'))
      .then(({ Relays }) => {
        this.#relays = new Relays(this.#config)
        if (this.#isClosed) this.#relays.close()
        return this.#relays
      })
      .finally(() => {
        // A page that was offline may load it later.
        if (!this.#relays) this.#loading = undefined
      })
    return this.#loading
  }
}
