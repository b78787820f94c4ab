import type { NodeLimits } from '@stt/node'

/** The transports that the demo goes through, one after another. Port 0: the system picks a free one. */
export const TRANSPORTS: readonly { readonly name: string; readonly listen: string }[] = [
  { name: 'UDP', listen: 'udp://127.0.0.1:0' },
  { name: 'WebSocket', listen: 'ws://127.0.0.1:0' },
]

/** A transfer either goes on or has failed: neither end dials again, and ten seconds without a word over UDP are enough. */
export const LIMITS: Partial<NodeLimits> = { idleTimeout: 10_000 }
