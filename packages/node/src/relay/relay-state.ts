/** One relay of a node, as it is now. */
export interface RelayState {
  readonly url: string
  /**
   * - `listening`: who dials this node there reaches it
   * - `connecting`: not yet, or no more; it is tried again and again
   * - `spare`: not needed, as two before it work
   */
  readonly state: 'listening' | 'connecting' | 'spare'
  /** Why it was lost, or what it refused, since it last worked. */
  readonly problem: string | undefined
}
