import type { Clock } from '../time/clock.ts'
import type { Guard } from '../time/guard.ts'

/** Something happened to this machine's network: a path that worked may be gone, and a better one may be there. */
export interface NetworkChange {
  /** Whether this machine has other addresses than before; else it slept, or is looked at again. */
  readonly addressesChanged: boolean
}

/** Calls `onChange` whenever something happens, as often as that is. @returns what ends that */
export type WatchNetwork = (onChange: (change: NetworkChange) => void) => () => void

export interface NetworkWatchConfig {
  readonly clock: Pick<Clock, 'now' | 'setTimer' | 'clearTimer'>
  readonly guard: Guard
  /** Undefined where the platform tells nothing. */
  readonly watchPlatform: WatchNetwork | undefined
}

/**
 * Watches the network for all sessions of a node: once, only while one of them wants to know, and telling them at most once
 * in five seconds, for one move from network to network shows as several changes. What comes in between is told at the end
 * of these, so that the last state is never missed.
 */
export class NetworkWatch {
  readonly #config: NetworkWatchConfig
  readonly #watchers = new Set<(change: NetworkChange) => void>()
  #stopPlatform: (() => void) | undefined
  #toldAt = Number.NEGATIVE_INFINITY
  /** The changes that handlers have not heard of yet. */
  #pending: NetworkChange | undefined
  #timer: unknown

  constructor(config: NetworkWatchConfig) {
    this.#config = config
  }

  /** @returns what ends the watching, however often it is called */
  watch(onChange: (change: NetworkChange) => void): () => void {
    const { guard, watchPlatform } = this.#config
    const watcher = guard.wrap(onChange)
    this.#watchers.add(watcher)
    this.#stopPlatform ??= watchPlatform?.(guard.wrap((change: NetworkChange) => this.#onChange(change)))
    return () => {
      if (this.#watchers.delete(watcher) && this.#watchers.size === 0) this.#stop()
    }
  }

  #onChange({ addressesChanged }: NetworkChange): void {
    const { clock } = this.#config
    this.#pending = { addressesChanged: addressesChanged || this.#pending?.addressesChanged === true }
    const wait = this.#toldAt + TOLD_ONCE_IN - clock.now()
    if (wait <= 0) return this.#tell()
    this.#timer ??= clock.setTimer(() => this.#tell(), wait)
  }

  #tell(): void {
    const change = this.#pending
    this.#forgetPending()
    this.#toldAt = this.#config.clock.now()
    if (change) for (const watcher of this.#watchers) watcher(change)
  }

  #stop(): void {
    this.#stopPlatform?.()
    this.#stopPlatform = undefined
    this.#forgetPending()
  }

  #forgetPending(): void {
    this.#config.clock.clearTimer(this.#timer)
    this.#timer = undefined
    this.#pending = undefined
  }
}

/** Milliseconds. */
const TOLD_ONCE_IN = 5_000
