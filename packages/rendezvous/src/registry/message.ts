import type { Greeting, No, Proved } from '../messages/message.ts'

/** Says where a node is: keep this in its slot of the topic. */
export interface Put extends Proved {
  readonly type: 'put'
  /** 32 bytes. */
  readonly topic: Uint8Array
  /** `Identity.slotToken(topic)`, 16 bytes: gives the slot. */
  readonly token: Uint8Array
  /** Seconds for which it is kept, at most 300; 0 takes it out. */
  readonly ttl: number
  /** A sealed record, of one of two sizes; empty where it is taken out. */
  readonly blob: Uint8Array
}

/** Asks for what is in a topic. */
export interface Get extends Proved {
  readonly type: 'get'
  readonly topic: Uint8Array
}

/** The answer to PUT. */
export interface Stored {
  readonly type: 'stored'
}

/** The answer to GET, in several messages where one does not hold it. */
export interface Records {
  readonly type: 'records'
  /** Whether another message with more of them follows. */
  readonly more: boolean
  readonly entries: readonly RegistryEntry[]
}

export interface RegistryEntry {
  /** 16 bytes. */
  readonly slot: Uint8Array
  readonly blob: Uint8Array
}

export type RegistryMessage = Greeting | No | Put | Get | Stored | Records

export const REGISTRY_SUBPROTOCOL = 'stt-registry.v1'

export const TOPIC_SIZE = 32
export const SLOT_SIZE = 16
/** Seconds. */
export const MAX_TTL = 300
/** What is kept in one topic. */
export const MAX_SLOTS = 64
/** A message is at most 65,535 bytes: it takes two for a full topic. */
export const MAX_ENTRIES = 32
