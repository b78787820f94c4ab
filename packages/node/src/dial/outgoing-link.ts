import type { Link } from '@stt/frame'

/** A link that this node opened. */
export interface OutgoingLink {
  readonly link: Link
  /** Where a UDP link sends from, as the other side sees it where nothing stands between. */
  readonly localAddress?: string | undefined
}
