/** One relay of a node, as it is now. */
export interface RelayState {
  /** Address of the relay, as the option `relays` has it. */
  readonly url: string
  /**
   * - `listening`: this node can be dialed there
   * - `connecting`: not yet, or no longer; the node keeps trying
   * - `spare`: not needed, since two relays before it work
   */
  readonly state: 'listening' | 'connecting' | 'spare'
  /** Why the connection was lost or refused since it last worked. */
  readonly problem: string | undefined
}
