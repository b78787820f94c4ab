import type { Entropy, Identity, RendezvousKeys } from '@stt/crypto'
import { toHex } from '@stt/crypto'
import {
  type No,
  openRecord,
  type PeerRecord,
  type RecordPlace,
  RegistryClient,
  type RegistryClientEvent,
  type RegistryEntry,
  sealRecord,
  slotName,
  topicName,
} from '@stt/rendezvous'
import { ClientLink, type ClientPlatform } from '../relay/client-link.ts'

export interface RegistryLegConfig extends ClientPlatform {
  readonly url: string
  /** Of the node's seeds, the one that dials first. */
  readonly keys: () => readonly RendezvousKeys[]
  readonly identity: Identity
  readonly entropy: Entropy
  /** The node's present record. */
  readonly record: () => PeerRecord
  /** A record that another holder of the seed sealed. */
  readonly onRecord: (record: PeerRecord) => void
  /** All topics were answered. */
  readonly onAsked: () => void
  readonly onRefused: (no: No) => void
}

/** A node's dealings with one registry: its keys, and what is said with them. */
export class RegistryLeg {
  readonly #config: RegistryLegConfig
  readonly #engine: RegistryClient
  readonly #link: ClientLink<RegistryClientEvent>
  /** The records of each topic at the last answer. */
  #places: readonly Omit<RecordPlace, 'slot'>[] = []
  /** Entries that no holder of the seed sealed for their slot. */
  unreadable = 0

  constructor(config: RegistryLegConfig) {
    const { url, keys, entropy } = config
    this.#config = config
    this.#engine = new RegistryClient({
      url,
      access: keys()[0]?.access ?? NO_KEY,
      records: hours => this.#records(hours),
      topics: hours => this.#topics(hours),
      entropy,
    })
    this.#link = new ClientLink({ ...config, engine: this.#engine, onEvent: event => this.#handle(event) })
  }

  publish(): void {
    this.#engine.publish(this.#config.clock.now())
    this.#link.drain()
  }

  withdraw(): void {
    this.#engine.withdraw()
    this.#link.drain()
  }

  watch(): void {
    this.#engine.watch(this.#config.clock.now())
    this.#link.drain()
  }

  unwatch(): void {
    this.#engine.unwatch()
    this.#link.drain()
  }

  networkChanged(): void {
    this.#link.networkChanged()
  }

  stop(): void {
    this.#link.stop()
  }

  #handle(event: RegistryClientEvent): void {
    if (event.type === 'found') this.#found(event.topic, event.entries)
    else if (event.type === 'asked') this.#config.onAsked()
    else if (event.type === 'refused') this.#config.onRefused(event.no)
  }

  /** In the topics of the hours and of the first two seeds. */
  // spec: STT-REG-1
  #placesOf(hours: readonly number[]): readonly Omit<RecordPlace, 'slot'>[] {
    return this.#config
      .keys()
      .slice(0, MOST_SEEDS)
      .flatMap(({ rendezvous }) => hours.map(hour => ({ rendezvous, hour, topic: topicName(rendezvous, hour) })))
  }

  #topics(hours: readonly number[]): readonly Uint8Array[] {
    this.#places = this.#placesOf(hours)
    return this.#places.map(({ topic }) => topic)
  }

  // spec: STT-REG-2 STT-REG-3 STT-REG-11
  #records(hours: readonly number[]): readonly { topic: Uint8Array; token: Uint8Array; blob: Uint8Array }[] {
    const { identity, entropy, record } = this.#config
    return this.#placesOf(hours).map(place => {
      const { topic } = place
      const token = identity.slotToken(topic)
      const blob = sealRecord(record(), { ...place, slot: slotName(topic, token) }, entropy(SALT_SIZE))
      return { topic, token, blob }
    })
  }

  // spec: STT-REG-4
  #found(topic: Uint8Array, entries: readonly RegistryEntry[]): void {
    const name = toHex(topic)
    const place = this.#places.find(each => toHex(each.topic) === name)
    if (!place) return
    for (const { slot, blob } of entries) {
      const record = openRecord(blob, { ...place, slot })
      if (record) this.#config.onRecord(record)
      else this.unreadable++
    }
  }
}

/** Where every seed is over, nothing is asked and nothing said. */
const NO_KEY = new Uint8Array(32)
const SALT_SIZE = 16
const MOST_SEEDS = 2
