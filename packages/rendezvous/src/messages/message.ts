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
  // Messages of the registry.
  put: 0xe1,
  get: 0xe2,
  stored: 0xe3,
  records: 0xe4,
} as const

/** The first message of a relay on each connection: its parameters. */
export interface Greeting {
  readonly type: 'greeting'
  /** 16 bytes, new for each connection. A proof of access is bound to them. */
  readonly nonce: Uint8Array
  /** The relay's time of day, in seconds since 1970. */
  readonly unixSeconds: number
  /** Source of the connection, as the relay sees it; undefined if it does not tell. */
  readonly observed: Candidate | undefined
  /** UDP ports that answer a datagram with its source; 0 for none. */
  readonly udpPorts: readonly [number, number]
  /** Bytes a second that a circuit carries, both directions together. */
  readonly rate: number
  /** Bytes that a circuit carries at once. */
  readonly burst: number
  /** MiB that a circuit carries in all; 0 for no limit. */
  readonly freeMebibytes: number
  /** Seconds that a circuit lives; 0 for no limit. */
  readonly freeSeconds: number
  /** Whether LISTEN, DIAL, PUT and GET need a proof of access. */
  readonly needsAccess: boolean
}

/** Proof that the sender of a message holds an access key. */
export interface AccessProof {
  /** Identifies the key, 8 bytes: `accessKeyId(access)`. */
  readonly keyId: Uint8Array
  /** Always 0. A later version may use other values for keys that are lent. */
  readonly expiry: number
  /** 16 bytes. */
  readonly mac: Uint8Array
}

/** A claim to a mailbox name. */
export interface MailboxClaim {
  /** The name, 32 bytes. */
  readonly mailbox: Uint8Array
  /** `Identity.mailboxToken(mailbox)`, 16 bytes. */
  readonly token: Uint8Array
}

/** The part of a message that a proof of access concerns. */
export interface Proved {
  /** Undefined if the message has none. */
  readonly proof: AccessProof | undefined
  /** The bytes between type and proof. */
  readonly body: Uint8Array
}

/** LISTEN: the client wants to be found under these names. */
export interface Listen extends Proved {
  readonly type: 'listen'
  /** One to four claims. */
  readonly claims: readonly MailboxClaim[]
}

/** DIAL: the client wants a circuit to the listener under one of these names. */
export interface Dial extends Proved {
  readonly type: 'dial'
  /** One or two names. */
  readonly mailboxes: readonly Uint8Array[]
}

/** INCOMING: the relay tells a listener of a dial. */
export interface Incoming {
  readonly type: 'incoming'
  /** Ticket of the dial, 16 bytes. */
  readonly ticket: Uint8Array
  /** The relay instance to accept at; empty for the one that sent this. */
  readonly url: string
}

/** ACCEPT: the listener gives this connection to the dial with the ticket. */
export interface Accept {
  readonly type: 'accept'
  /** Ticket of the dial, 16 bytes. */
  readonly ticket: Uint8Array
}

/** SPLICED: all later messages come from the other end of the circuit. */
export interface Spliced {
  readonly type: 'spliced'
}

/** NO: the relay refuses a request. */
export interface No {
  readonly type: 'no'
  readonly reason: NoReason
  /** Milliseconds after which the client may try again. */
  readonly retryAfter: number
  /** For `elsewhere`, the relay instance to dial; otherwise empty. */
  readonly url: string
}

/** The reason for a NO; `unknown` for the number of a later version. */
export type NoReason = 'full' | 'nobody' | 'auth' | 'rate' | 'taken' | 'version' | 'elsewhere' | 'unknown'

/** The reasons in the order of their numbers, which begin at 1. */
export const NO_REASONS: readonly Exclude<NoReason, 'unknown'>[] = [
  'full',
  'nobody',
  'auth',
  'rate',
  'taken',
  'version',
  'elsewhere',
]

/** GOING_AWAY: the relay ends soon. */
export interface GoingAway {
  readonly type: 'goingAway'
  /** Milliseconds after which to dial the relay again. */
  readonly reconnectIn: number
  /** Milliseconds for which to keep trying often. */
  readonly tryFor: number
}

/** PING, and PONG with the same data. */
export interface Heartbeat {
  readonly type: 'ping' | 'pong'
  /** 8 bytes. */
  readonly data: Uint8Array
}

/** Any message between a client and a relay. */
export type RelayMessage = Greeting | Listen | Dial | Incoming | Accept | Spliced | No | GoingAway | Heartbeat

/** Version of the messages. */
export const RELAY_VERSION = 1
/** WebSocket subprotocol of a relay. */
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
