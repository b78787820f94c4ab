import type { NodeLimits } from '@stt/node'

/** The transports that the demo goes through, one after another. Port 0: the system picks a free one. */
export const TRANSPORTS: readonly { readonly name: string; readonly listen: string }[] = [
  { name: 'WebSocket', listen: 'ws://127.0.0.1:0' },
]

/** Neither end dials again: a session whose connection broke has nothing to wait for. */
export const LIMITS: Partial<NodeLimits> = { detachedTimeout: 1_000 }
