import type { OwnedName } from '@stt/rendezvous/server'

/**
 * Common knowledge of the instances of a relay behind one name: which node listens at which instance, the registry's records, and
 * how much each address has. Messages of circuits never come here.
 *
 * Each call may reject, and none has to be quick: meanwhile a relay goes on with what it knows itself. A relay checks every answer
 * as if it came from a stranger. Each entry expires by itself.
 */
export interface RelayStore {
  /** Keeps an entry. Resolves with whether it is kept: for each name of a presence, or for the record. */
  put(entry: Presence | StoredRecord): Promise<readonly boolean[]>
  /** Resolves with the instance at which a node listens under the first of these names that any node has; else with undefined. */
  get(mailboxes: readonly Uint8Array[]): Promise<string | undefined>
  /** Resolves with the records of a topic, 64 at most. */
  members(topic: Uint8Array): Promise<readonly StoredMember[]>
  /** Counts a share of an address. Resolves with the number of its shares; with more than `most` if this one has no place among them. */
  count(share: Share): Promise<number>
  /** Calls the watcher with what concerns an instance, until the returned function is called. */
  watch(instance: string, watcher: StoreWatcher): () => void
}

/** A node listens at an instance, or has left it. */
export interface Presence {
  readonly type: 'presence'
  /** The names under which it listens, each with a digest of its owner's token. */
  readonly names: readonly OwnedName[]
  /** URL of the instance, as clients dial it. */
  readonly instance: string
  /** False: the node has left. Its names lead nowhere, and stay reserved for their owners if this instance had them. */
  readonly isHere: boolean
  /** Seconds after which the entry expires. */
  readonly seconds: number
}

/** A record of a topic, as a client gets it. */
export interface StoredMember {
  /** The slot of the node that wrote it, 16 bytes. */
  readonly slot: Uint8Array
  /** The sealed record, 544 or 1,024 bytes. */
  readonly blob: Uint8Array
}

/** A record of the registry, as a relay puts it. */
export interface StoredRecord extends StoredMember {
  readonly type: 'record'
  /** The topic's name, 32 bytes. */
  readonly topic: Uint8Array
  /** Seconds after which the record expires, 300 at most; 0 removes the record of the slot. */
  readonly seconds: number
  /** The address that it came from; undefined if many clients share that. */
  readonly address: string | undefined
  /** The most records that an address may have. */
  readonly most: number
  /** Whether it may be older than the record that the slot has, and then does not replace it. */
  readonly isAgain: boolean
}

/** A listener or circuit, counted for its address. */
export interface Share {
  /** Each kind is counted by itself. */
  readonly kind: 'listeners' | 'circuits'
  /** The client's address; an IPv6 address with its /64. */
  readonly address: string
  /** 12 bytes that are unique among the shares of all instances. */
  readonly member: Uint8Array
  /** Seconds after which the share expires; 0 removes it. */
  readonly seconds: number
  /** The most shares of this kind that the address may have. */
  readonly most: number
}

/** Takes what a store tells an instance. */
export interface StoreWatcher {
  /**
   * Called with news from another instance about a name of this one. `contested`: another node wants the name, so this instance has
   * to ask whether its holder is alive. `moved`: its owner now listens at the other instance.
   */
  onNews(news: { readonly type: 'contested' | 'moved'; readonly mailbox: Uint8Array }): void
  /** Called at once and at each change: with undefined if the store works, else with an error that says what to do. */
  onState(problem: Error | undefined): void
}

/** Sizes of what a store keeps, in bytes. A store may refuse other sizes, and a relay ignores them. */
export const STORE_SIZES = {
  /** A name under which a node listens. */
  mailbox: 32,
  /** A digest of the token that owns a name. */
  owner: 16,
  /** A node's place in a topic. */
  slot: 16,
  /** A sealed record has one of these sizes. */
  blobs: [544, 1_024] as readonly number[],
  /** The longest URL of an instance, in ASCII. */
  url: 512,
  /** The most records of a topic; a number, not bytes. */
  members: 64,
} as const
