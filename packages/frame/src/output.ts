/**
 * What `poll` of an engine answers. After each input poll until it is a `timeout`.
 *
 * @typeParam Event what the engine tells of
 * @typeParam To where its packets go
 */
export type Output<Event, To> =
  /** Send this packet there. */
  | { readonly type: 'transmit'; readonly packet: Uint8Array; readonly to: To }
  /** Something that the engine's user is to know. */
  | { readonly type: 'event'; readonly event: Event }
  /** Nothing to do before `at` (milliseconds of the engine's clock; `Infinity`: nothing until something arrives). */
  | { readonly type: 'timeout'; readonly at: number }
