import type { Candidate } from '@stt/frame'

/** The first byte of each message between a client and a relay. */
export const MessageType = {
  greeting: 0xc0,
  listen: 0xc1,
  dial: 0xc2,
  incoming: 0xc3,
  accept: 0xc4,
  spliced: 0xc5,
  no: 0xc6,
  goingAway: 0xc7,
  ping: 0xc8,
  pong: 0xc9,
  // Of the registry.
  put: 0xe1,
  get: 0xe2,
  stored: 0xe3,
  records: 0xe4,
} as const

/** What a relay says of itself to each connection, first of all. */
export interface Greeting {
  readonly type: 'greeting'
  /** 16 bytes, other ones for each connection: what a proof of access is made for. */
  readonly nonce: Uint8Array
  /** The relay's clock. */
  readonly unixSeconds: number
  /** Where the connection comes from, as far as the relay sees. */
  readonly observed: Candidate | undefined
  /** Ports that tell where a datagram comes from; 0: there is none. */
  readonly udpPorts: readonly [number, number]
  /** Bytes a second that a circuit carries, and at once. */
  readonly rate: number
  readonly burst: number
  /** What a circuit carries and how long it lives where no proof of access is asked for: MiB and seconds, 0 for no limit. */
  readonly freeMebibytes: number
  readonly freeSeconds: number
  readonly needsAccess: boolean
}

/** Proves that its sender holds an access key. */
export interface AccessProof {
  readonly keyId: Uint8Array
  /** 0. Others are for keys that are lent, in a later version. */
  readonly expiry: number
  readonly mac: Uint8Array
}

export interface MailboxClaim {
  /** Its name, 32 bytes. */
  readonly mailbox: Uint8Array
  /** `Identity.mailboxToken(mailbox)`, 16 bytes. */
  readonly token: Uint8Array
}

/** Of a message that may have to prove that its sender is one of those who are served. */
export interface Proved {
  readonly proof: AccessProof | undefined
  /** The bytes between type and proof. */
  readonly body: Uint8Array
}

/** Wants to be found under these names. */
export interface Listen extends Proved {
  readonly type: 'listen'
  /** One to four. */
  readonly claims: readonly MailboxClaim[]
}

/** Wants to be connected to whoever listens under one of these names. */
export interface Dial extends Proved {
  readonly type: 'dial'
  /** One or two. */
  readonly mailboxes: readonly Uint8Array[]
}

/** Somebody dials. */
export interface Incoming {
  readonly type: 'incoming'
  /** 16 bytes. */
  readonly ticket: Uint8Array
  /** The relay to accept at, one of several instances; empty: the one that says so. */
  readonly url: string
}

/** From the listener: the connection that is for whoever dials. */
export interface Accept {
  readonly type: 'accept'
  /** 16 bytes. */
  readonly ticket: Uint8Array
}

/** From here on the other end of the circuit speaks. */
export interface Spliced {
  readonly type: 'spliced'
}

export interface No {
  readonly type: 'no'
  readonly reason: NoReason
  /** Milliseconds. */
  readonly retryAfter: number
  /** For `elsewhere`: the relay that has it. */
  readonly url: string
}

/** Why a relay does not do what it was asked for; a number of a later version is `unknown`. */
export type NoReason = (typeof NO_REASONS)[number] | 'unknown'

/** By their number, which begins at 1. */
export const NO_REASONS = ['full', 'nobody', 'auth', 'rate', 'taken', 'version', 'elsewhere'] as const

/** The relay ends soon. Milliseconds. */
export interface GoingAway {
  readonly type: 'goingAway'
  readonly reconnectIn: number
  readonly tryFor: number
}

export interface Heartbeat {
  readonly type: 'ping' | 'pong'
  /** 8 bytes. */
  readonly data: Uint8Array
}

export type RelayMessage = Greeting | Listen | Dial | Incoming | Accept | Spliced | No | GoingAway | Heartbeat

/** Of the messages and of the subprotocol, `stt-relay.v1`. */
export const RELAY_VERSION = 1
export const RELAY_SUBPROTOCOL = 'stt-relay.v1'

export const NONCE_SIZE = 16
export const MAILBOX_SIZE = 32
export const TOKEN_SIZE = 16
export const TICKET_SIZE = 16
export const KEY_ID_SIZE = 8
export const MAC_SIZE = 16
export const PROOF_SIZE: number = KEY_ID_SIZE + 4 + MAC_SIZE
export const HEARTBEAT_SIZE = 8
export const MAX_CLAIMS = 4
export const MAX_DIALED = 2
export const MAX_URL_SIZE = 512
