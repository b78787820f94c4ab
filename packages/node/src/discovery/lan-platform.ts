import type { Entropy } from '@stt/crypto'

/** What a node asks of the package that speaks mDNS, as `startLan` of `@stt/lan` takes it. */
export interface LanOptions {
  readonly id: Uint8Array
  readonly keys: () => readonly Uint8Array[]
  readonly ports: (address: string) => { readonly udp: number; readonly ws: number }
  readonly isUsed: (name: string, isInternal: boolean) => boolean
  readonly entropy: Entropy
  readonly onSeen: (peer: {
    readonly id: Uint8Array
    readonly addresses: readonly string[]
    readonly ttl: number
  }) => void
  readonly onGone: (id: Uint8Array) => void
  readonly onProblem: (error: Error) => void
}

/** An address of an interface on which a node speaks mDNS. */
export interface LanState {
  readonly name: string
  readonly address: string
  /** Whether others hear of this node there: not where another program has the port of mDNS for itself. */
  readonly answers: boolean
  /**
   * Whose packets of mDNS were heard there: those of others, of this address alone (nobody else is there, or a network or a
   * firewall lets no multicast through), or none (a firewall of this machine).
   */
  readonly heard: 'others' | 'itself' | 'nothing'
}

/** A node on the local network. */
export interface Lan {
  readonly interfaces: readonly LanState[]
  /** Why it may be that nobody is found, in words that say what to do; undefined where others are heard. */
  explainSilence(): string | undefined
  watch(): void
  unwatch(): void
  changed(): void
  keysReplaced(): void
  close(): Promise<void>
}

/** Rejects with `STT_UNSUPPORTED` where the package is not installed, or the platform has no mDNS. */
export type LoadLan = () => Promise<(options: LanOptions) => Lan>
