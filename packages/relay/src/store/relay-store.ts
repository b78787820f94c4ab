import type { OwnedName } from '@stt/rendezvous'

/**
 * What the instances of a relay behind one name know together: who listens at which of them, the registry's records, how much
 * an address has. What passes through circuits never comes here.
 *
 * Each call may reject, and none has to be quick: a relay goes on with what it knows itself. What a store answers is looked at
 * like what a stranger says. All that it keeps ends by itself.
 */
export interface RelayStore {
  /** Keeps what a node says. Resolves with whether it holds: of a presence for each of its names, of a record for the one. */
  put(entry: Presence | StoredRecord): Promise<readonly boolean[]>
  /** The instance at which somebody listens under the first of these names under which anybody does. */
  get(mailboxes: readonly Uint8Array[]): Promise<string | undefined>
  /** The records of a topic. */
  members(topic: Uint8Array): Promise<readonly StoredMember[]>
  /** Counts a share among those that its address has, and resolves with their number, or with more than `most`: then it is not among them. */
  count(share: Share): Promise<number>
  /** Tells what concerns an instance until the function that it returns is called. */
  watch(instance: string, watcher: StoreWatcher): () => void
}

/** A node listens at an instance, or has left it. */
export interface Presence {
  readonly type: 'presence'
  readonly names: readonly OwnedName[]
  /** URL of the instance, as clients dial it. */
  readonly instance: string
  /** False: the names stay their owners' where this instance had them, and lead nowhere. */
  readonly isHere: boolean
  /** For which it counts. */
  readonly seconds: number
}

export interface StoredMember {
  /** 16 bytes. */
  readonly slot: Uint8Array
  /** 544 or 1,024 bytes. */
  readonly blob: Uint8Array
}

/** A record of the registry. */
export interface StoredRecord extends StoredMember {
  readonly type: 'record'
  /** 32 bytes. */
  readonly topic: Uint8Array
  /** For which it is kept, 300 at most; 0 takes out what the slot has. */
  readonly seconds: number
  /** Whose it is, by the address that it came from; undefined: many share that. */
  readonly address: string | undefined
  /** Records that an address may have. */
  readonly most: number
  /** Leaves what the slot has: this may be older. */
  readonly isAgain: boolean
}

/** Something that an address has of the relay. */
export interface Share {
  readonly kind: 'listeners' | 'circuits'
  readonly address: string
  /** 12 bytes, another for each share of each instance. */
  readonly member: Uint8Array
  /** For which it counts; 0 takes it out. */
  readonly seconds: number
  readonly most: number
}

export interface StoreWatcher {
  /**
   * What another instance heard of a name of this one: somebody else wants it (`contested`), so whether its holder lives is to
   * be asked; or its owner listens there now (`moved`).
   */
  onNews(news: { readonly type: 'contested' | 'moved'; readonly mailbox: Uint8Array }): void
  /** The store works, or does not, and then why and what to do. Called at once with how it is. */
  onState(problem: Error | undefined): void
}

/** Sizes in what a store keeps, in bytes, and how many records a topic has: a store asks for no more, and a relay takes no more. */
export const STORE_SIZES = {
  mailbox: 32,
  owner: 16,
  slot: 16,
  /** A blob has one of these. */
  blobs: [544, 1_024] as readonly number[],
  /** The longest URL of an instance, in ASCII. */
  url: 512,
  /** The most records of a topic. */
  members: 64,
} as const
