import type { CryptoProvider, Entropy } from '@stt/crypto'
import type { FrameSource, Link, TransportLimits } from '@stt/frame'
import type { KeyUpdateLimits } from './keys/key-updates.ts'
import type { PacketObserver } from './packet-observer.ts'
import type { PunchingPlugin } from './punch/punching-part.ts'

/** Keys from a handshake. The session copies them at its construction and wipes these bytes. */
export interface SessionSecrets {
  /** Traffic secret of epoch 0 for packets from this side, 32 bytes. */
  readonly send: Uint8Array
  /** Traffic secret of epoch 0 for packets from the peer, 32 bytes. */
  readonly receive: Uint8Array
  /** Secret that `exportKey` derives from, 32 bytes. */
  readonly exporter: Uint8Array
}

/** All that a session begins with. */
export interface SessionConfig {
  /** Which side of the handshake this is. */
  readonly role: 'initiator' | 'responder'
  /** 16 bytes, a label for people and logs: never a key. */
  readonly id: Uint8Array
  /** Connection id, 8 bytes, in packets to this side. */
  readonly localCid: Uint8Array
  /** Connection id, 8 bytes, in packets to the peer. */
  readonly remoteCid: Uint8Array
  /** Node id of the peer, 32 bytes, proved by the handshake. */
  readonly peerId: Uint8Array
  /** Keys from the handshake; the session wipes these bytes. */
  readonly secrets: SessionSecrets
  /** Limits that this side has told the peer. */
  readonly localLimits: TransportLimits
  /** Limits that the peer has told this side. */
  readonly peerLimits: TransportLimits
  /** The streams. */
  readonly source: FrameSource
  /** Random bytes for path challenges, and for packet numbers that are left out as traps; without it there are neither. */
  readonly entropy?: Entropy
  /** 16 bytes from the responder: a datagram that ends with them ends the session. */
  readonly resetToken?: Uint8Array
  /** Default: the provider of this platform. */
  readonly provider?: CryptoProvider
  /** Is told of each packet, for logs. */
  readonly observer?: PacketObserver
  /** The present, in milliseconds of a clock that never goes back. */
  readonly now: number
  /** One of `Tier` for a link that this side did not open. Default: `Datagram` for a lossy link, `Message` for any other. */
  readonly tierOf?: (link: Link) => number
  /** `followPeer` of `@stt/session/listen`, which a responder needs and an initiator does not. */
  readonly follow?: object
  /** Adds hole punching; set it only if both sides agreed on that. */
  readonly punching?: PunchingPlugin
  /** Timers and limits; all have defaults. */
  readonly options?: SessionOptions
  /** Called once, when the session is closed and its keys are wiped; its last events are still to be polled. */
  readonly onClosed?: () => void
}

/** Timers and limits of a session. */
export interface SessionOptions {
  /** Milliseconds of silence after which the initiator sends PING, at most half the idle timeout; `false`: never. Default 15,000. */
  readonly keepAlive?: number | false
  /** Milliseconds that a session without a link is kept, at most the idle timeout. Default: the idle timeout. */
  readonly detachedTimeout?: number
  /** Milliseconds that a silent session, or one without a link, is kept longer: its peer may come back. Default 0. */
  readonly dormantTimeout?: number
  /** When keys change by themselves. Defaults: 2^26 packets, 64 GiB, one hour. */
  readonly keyUpdate?: Partial<KeyUpdateLimits>
  /** Datagrams that may wait to be sent. Default 256. */
  readonly datagramQueue?: number
  /** The session ends before it sends a packet with this number. Default and maximum: 2^48. */
  readonly maxPacketNumber?: number
  /** Packets that fail to verify before the session gives up. Default 2^36 (RFC 9001 §6.6). */
  readonly maxFailures?: number
}

export const DEFAULT_KEEP_ALIVE = 15_000
export const DEFAULT_DATAGRAM_QUEUE = 256
export const DEFAULT_MAX_FAILURES: number = 2 ** 36
/** Milliseconds after which a responder drops a session in which no packet has verified. */
export const CONFIRM_TIMEOUT = 10_000
