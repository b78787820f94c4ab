import type { Entropy } from '@stt/crypto'
import type { Link } from '@stt/frame'
import type { PathController } from '@stt/session'
import type { Address } from './address.ts'
import type { Clock } from './clock.ts'
import type { Door } from './door.ts'
import type { Listening } from './listening.ts'
import type { NodeContext } from './node-context.ts'

/** What a node needs of the platform it runs on. */
export interface Environment {
  readonly clock: Clock
  readonly entropy: Entropy
  /** Undefined where nobody can dial in. */
  readonly listening: Listening | undefined
  /** @throws SttError `STT_BAD_ADDRESS` for a scheme that this platform cannot listen on */
  openDoor(text: string, address: Address, context: NodeContext): Promise<Door>
  /** @throws SttError `STT_BAD_ADDRESS` for a scheme that this platform cannot dial */
  openLink(text: string, address: Address, signal: AbortSignal | undefined): Promise<OpenedLink>
  /** Tells the operator of a defect in the application that nothing else reports. */
  warn(error: Error): void
}

export interface OpenedLink {
  readonly link: Link
  /** On a datagram link: what finds its losses and paces it. */
  readonly controller?: PathController | undefined
  /** Behind a listener: what the session goes on over when its peer has proved to be where `link` leads. */
  readonly follow?: ((link: Link) => OpenedLink) | undefined
}
