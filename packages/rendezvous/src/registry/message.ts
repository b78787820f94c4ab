import type { Greeting, No, Proved } from '../messages/message.ts'

/** PUT: keep a record in its slot of a topic. */
export interface Put extends Proved {
  readonly type: 'put'
  /** Name of the topic, 32 bytes. */
  readonly topic: Uint8Array
  /** `Identity.slotToken(topic)`, 16 bytes. It determines the slot. */
  readonly token: Uint8Array
  /** Seconds to keep the record, at most 300; 0 removes it. */
  readonly ttl: number
  /** The sealed record, of one of two sizes; empty to remove it. */
  readonly blob: Uint8Array
}

/** GET: asks for the records of a topic. */
export interface Get extends Proved {
  readonly type: 'get'
  /** Name of the topic, 32 bytes. */
  readonly topic: Uint8Array
}

/** STORED: the answer to PUT. */
export interface Stored {
  readonly type: 'stored'
}

/** RECORDS: the answer to GET, in several messages if one cannot hold it. */
export interface Records {
  readonly type: 'records'
  /** Whether another message with more records follows. */
  readonly more: boolean
  /** At most 32. */
  readonly entries: readonly RegistryEntry[]
}

/** A record in its slot. */
export interface RegistryEntry {
  /** Name of the slot, 16 bytes. */
  readonly slot: Uint8Array
  /** The sealed record. */
  readonly blob: Uint8Array
}

/** Any message between a client and a registry. */
export type RegistryMessage = Greeting | No | Put | Get | Stored | Records

/** WebSocket subprotocol of a registry. */
export const REGISTRY_SUBPROTOCOL = 'stt-registry.v1'

export const TOPIC_SIZE = 32
export const SLOT_SIZE = 16
/** The longest time to keep a record, in seconds. */
export const MAX_TTL = 300
/** Largest number of records in one topic. */
export const MAX_SLOTS = 64
/** Largest number of records in one message. A message has at most 65,535 bytes, so a full topic takes two. */
export const MAX_ENTRIES = 32
