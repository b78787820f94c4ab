/**
 * The answer of an engine's `poll(now)`. All engines work alike: packets and calls go in, with the time as the last
 * argument, and nothing comes out of these calls. After each of them the driver polls until it gets a `timeout`, and calls
 * `poll` again at that time at the latest. Parts of an engine name their next time `deadline`, and are told of it by
 * `onTime(now)`.
 *
 * @typeParam Event the events of the engine
 * @typeParam To the destination of a packet
 */
export type Output<Event, To> =
  /** Send this packet to this destination. */
  | { readonly type: 'transmit'; readonly packet: Uint8Array; readonly to: To }
  /** Tell the engine's user. */
  | { readonly type: 'event'; readonly event: Event }
  /** Poll again at `at`, in milliseconds of the engine's clock; `Infinity`: after the next input. */
  | { readonly type: 'timeout'; readonly at: number }
