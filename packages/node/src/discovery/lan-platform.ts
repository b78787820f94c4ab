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

/** A node on the local network. */
export interface Lan {
  watch(): void
  unwatch(): void
  changed(): void
  keysReplaced(): void
  close(): Promise<void>
}

/** Rejects with `STT_UNSUPPORTED` where the package is not installed, or the platform has no mDNS. */
export type LoadLan = () => Promise<(options: LanOptions) => Lan>
