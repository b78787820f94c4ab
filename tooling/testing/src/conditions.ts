/**
 * Loss in bursts: `rate` of all packets on average, lost in runs of `burst` packets on average (1: each by itself), none of
 * them longer than `longest`. Runs are counted in packets and not in time: without a longest one, a sender that is down
 * to a probe now and then can meet a burst that lasts for minutes.
 */
export interface Loss {
  readonly rate: number
  readonly burst: number
  readonly longest?: number
}

/** The behaviour of one direction of a virtual network. Times are milliseconds, probabilities 0 to 1. */
export interface Conditions {
  /** Each packet takes this long, plus up to `jitter` more (uniform; jitter alone never reorders). */
  readonly delay: number
  readonly jitter: number
  readonly loss: Loss
  /** Probability that a packet is held back `reorderDelay` more, so that later ones overtake it. */
  readonly reorder: number
  readonly reorderDelay: number
  readonly duplicate: number
  /** Probability that one random bit is flipped, or the packet cut short (one in four of these). */
  readonly corrupt: number
  /** Bottleneck in bytes a second, and the bytes its queue holds before it drops from the tail. */
  readonly rate: number
  readonly queue: number
  /** Larger packets vanish. */
  readonly mtu: number
  /** Virtual-time windows [from, to) in which everything vanishes (on a message link: waits). */
  readonly blackholes: readonly (readonly [from: number, to: number])[]
  /** Which packets vanish, counted from 1 in the order they were sent in. */
  readonly drop: readonly number[]
}

/** A network that does nothing but take a millisecond. */
export const quiet: Conditions = {
  delay: 1,
  jitter: 0,
  loss: { rate: 0, burst: 1 },
  reorder: 0,
  reorderDelay: 10,
  duplicate: 0,
  corrupt: 0,
  rate: Number.POSITIVE_INFINITY,
  queue: Number.POSITIVE_INFINITY,
  mtu: Number.POSITIVE_INFINITY,
  blackholes: [],
  drop: [],
}

/** Counts of packets in one direction. A lossy test asserts on these that the network was in fact bad. */
export interface PathCounters {
  sent: number
  delivered: number
  bytesDelivered: number
  lost: number
  reordered: number
  duplicated: number
  corrupted: number
  /** Dropped because the bottleneck's queue was full. */
  overflowed: number
  tooLarge: number
  blackholed: number
}

export const noCounters = (): PathCounters => ({
  sent: 0,
  delivered: 0,
  bytesDelivered: 0,
  lost: 0,
  reordered: 0,
  duplicated: 0,
  corrupted: 0,
  overflowed: 0,
  tooLarge: 0,
  blackholed: 0,
})
