/** The parts that only a listener needs; other entries do not load them. */

import { PathFollower } from './path/path-follower.ts'
import type { Follower } from './path/path-policy.ts'

export { StatelessResets, type StatelessResetsConfig } from './stateless-reset.ts'

const follower: Follower = { createPolicy: (...parts) => new PathFollower(...parts) }

/** The `follow` of a responder's configuration: it goes where its peer proves to be. */
export const followPeer: object = follower
