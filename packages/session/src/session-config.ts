import type { CryptoProvider, Entropy } from '@stt/crypto'
import type { FrameSource, Link, TransportLimits } from '@stt/frame'
import type { KeyUpdateLimits } from './keys/key-updates.ts'
import type { PacketObserver } from './packet-observer.ts'
import type { CreatePunching } from './punch/punching-part.ts'

/** Keys that a handshake gives. The session takes a copy at its construction and wipes these bytes. */
export interface SessionSecrets {
  /** Traffic secret of epoch 0 for what this side sends, 32 bytes. */
  readonly send: Uint8Array
  /** The same for what it receives. */
  readonly receive: Uint8Array
  /** What `exportKey` derives from, 32 bytes. */
  readonly exporter: Uint8Array
}

export interface SessionConfig {
  readonly role: 'initiator' | 'responder'
  /** 16 bytes, a label for people and logs: never a key. */
  readonly id: Uint8Array
  /** Connection id, 8 bytes, that packets to this side carry. */
  readonly localCid: Uint8Array
  /** Connection id that packets to the peer carry. */
  readonly remoteCid: Uint8Array
  /** Node id of the peer, 32 bytes, proved by the handshake. */
  readonly peerId: Uint8Array
  readonly secrets: SessionSecrets
  readonly localLimits: TransportLimits
  readonly peerLimits: TransportLimits
  /** The streams. */
  readonly source: FrameSource
  /** Chooses packet numbers that are left out as traps, and path challenges; without it there are none of either. */
  readonly entropy?: Entropy
  /** The 16 bytes that the responder said would end this session when a datagram carries them. */
  readonly resetToken?: Uint8Array
  readonly provider?: CryptoProvider
  readonly observer?: PacketObserver
  /** Milliseconds of a clock that never goes back. */
  readonly now: number
  /** One of `Tier`: how good a way a link is that this side did not open. What such a link usually is unless given. */
  readonly tierOf?: (link: Link) => number
  /** Makes what punches holes; given only where both sides have agreed on that. */
  readonly createPunching?: CreatePunching
  readonly options?: SessionOptions
  /** Called once, when the session is closed and its keys are gone; its last events are still to be polled. */
  readonly onClosed?: () => void
}

export interface SessionOptions {
  /** Milliseconds of silence after which the initiator sends PING, half the idle timeout at most; `false`: never. Default 15 s. */
  readonly keepAlive?: number | false
  /** Milliseconds that a session without a link is kept; the idle timeout at most, which is the default. */
  readonly detachedTimeout?: number
  /** Milliseconds for which a session that is silent, or without a link, is kept beyond that: its peer may come back. Default 0. */
  readonly dormantTimeout?: number
  readonly keyUpdate?: Partial<KeyUpdateLimits>
  /** Datagrams that may wait to be sent. Default 256. */
  readonly datagramQueue?: number
  /** The session ends before it seals a packet with this number. Default, and most: 2^48. */
  readonly maxPacketNumber?: number
  /** Packets that fail to verify before the session gives up. Default 2^36 (RFC 9001 §6.6). */
  readonly maxFailures?: number
}

export const DEFAULT_KEEP_ALIVE = 15_000
export const DEFAULT_DATAGRAM_QUEUE = 256
export const DEFAULT_MAX_FAILURES: number = 2 ** 36
/** A responder's session in which nothing has verified by then is dropped, in milliseconds. */
export const CONFIRM_TIMEOUT = 10_000
