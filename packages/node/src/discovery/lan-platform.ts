import type { Entropy } from '@stt/crypto'

/** Options of `startLan` of `@stt/lan`, which the node fills in. */
export interface LanOptions {
  /** Node id, 32 bytes. */
  readonly id: Uint8Array
  /** Keys of the node's seeds that seal what is announced. */
  readonly keys: () => readonly Uint8Array[]
  /** The ports at which the node listens on a local address; 0 for none. */
  readonly ports: (address: string) => { readonly udp: number; readonly ws: number }
  /** Whether to use the interface of this name. */
  readonly isUsed: (name: string, isInternal: boolean) => boolean
  /** Source of random bytes. */
  readonly entropy: Entropy
  /** Called when a node of the seed is seen; `ttl` is in milliseconds. */
  readonly onSeen: (peer: {
    readonly id: Uint8Array
    readonly addresses: readonly string[]
    readonly ttl: number
  }) => void
  /** Called when a node says that it leaves. */
  readonly onGone: (id: Uint8Array) => void
  /** Called with an error that the operator should see. */
  readonly onProblem: (error: Error) => void
}

/** An address of an interface on which a node speaks mDNS. */
export interface LanState {
  /** Name of the interface. */
  readonly name: string
  /** IP address of the interface. */
  readonly address: string
  /** Whether others can see this node there; `false` when another program keeps the mDNS port to itself. */
  readonly answers: boolean
  /**
   * Whose mDNS packets arrived there: those of others; only its own, when no other node is present or the network blocks
   * multicast; or none, which suggests a firewall on this machine.
   */
  readonly heard: 'others' | 'itself' | 'nothing'
}

/** A running mDNS service, as `startLan` returns it. */
export interface Lan {
  /** The interfaces in use. */
  readonly interfaces: readonly LanState[]
  /** A possible reason why no node is found, and what to do; undefined once others are heard. */
  explainSilence(): string | undefined
  /** Looks for other nodes until `unwatch`. */
  watch(): void
  /** Stops looking. */
  unwatch(): void
  /** Tells the service that ports or interfaces of this machine changed. */
  changed(): void
  /** Tells the service that `keys` returns others now. */
  keysReplaced(): void
  /** Says goodbye to the network and closes the sockets. */
  close(): Promise<void>
}

/** Rejects with `STT_UNSUPPORTED` where the package is not installed, or the platform has no mDNS. */
export type LoadLan = () => Promise<(options: LanOptions) => Lan>
