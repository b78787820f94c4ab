import type { CryptoProvider, Entropy } from '@stt/crypto'
import type { FrameSource, TransportLimits } from '@stt/frame'
import type { KeyUpdateLimits } from './key-updates.ts'

/** Keys that a handshake gives. The session owns the bytes from its construction on and wipes them. */
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
  /** Chooses the packet numbers that are left out as traps; without it none is. */
  readonly entropy?: Entropy
  readonly provider?: CryptoProvider
  /** Milliseconds of a clock that never goes back. */
  readonly now: number
  readonly options?: SessionOptions
}

export interface SessionOptions {
  /** Milliseconds of silence after which the initiator sends PING; `false`: never. Default 15 s. */
  readonly keepAlive?: number | false
  /** Milliseconds that a session without a link is kept. Default: the idle timeout. */
  readonly detachedTimeout?: number
  readonly keyUpdate?: Partial<KeyUpdateLimits>
  /** Datagrams that may wait to be sent. Default 256. */
  readonly datagramQueue?: number
}

export const DEFAULT_KEEP_ALIVE = 15_000
export const DEFAULT_DATAGRAM_QUEUE = 256
/** A responder's session in which nothing has verified by then is dropped, in milliseconds. */
export const CONFIRM_TIMEOUT = 10_000
