import type { NodeOptions, SessionPath, STTNode } from '../../src/index.ts'

/** What a test tells a peer process to do, and what comes of it: a JSON line each. */
export interface Commands {
  /** Makes the process's node, which listens. */
  readonly listen: {
    readonly take: Listening
    readonly give: { readonly addresses: readonly string[]; readonly id: string }
  }
  /** Is a relay at this TCP port, with the two UDP ports behind it. */
  readonly relay: { readonly take: { readonly port: number }; readonly give: object }
  /** Dials with the process's node, which is made where there is none. */
  readonly connect: { readonly take: Dialing; readonly give: { readonly took: number } }
  /** Sends so many bytes to the peer of the last session, and asks whether they came as they were. */
  readonly send: { readonly take: Sending; readonly give: Sent }
  /** Pings the peer of the last session again and again: milliseconds that 95 of 100 took at most. */
  readonly ping: {
    readonly take: { readonly times: number; readonly pause: number }
    readonly give: { readonly p95: number }
  }
  /** Tells from now on which nodes appear and disappear. */
  readonly watch: { readonly take: object; readonly give: object }
  readonly look: { readonly take: object; readonly give: Look }
  /** Closes the node, after which the process ends. */
  readonly close: { readonly take: object; readonly give: object }
}

export interface NodeSetup
  extends Pick<NodeOptions, 'limits' | 'udp' | 'paths' | 'relays' | 'plainRelays' | 'metadata'> {
  /** By mDNS, on all interfaces that a node uses by itself, or on these. */
  readonly lan?: true | readonly string[]
}

export interface Listening extends NodeSetup {
  readonly addresses: readonly string[]
  /** 64 hex digits: the same node after a new start. */
  readonly identity?: string
}

export interface Dialing extends NodeSetup {
  readonly addresses: readonly string[]
  /** 64 hex digits of a node's id: it is looked for, and the addresses are none. With neither any node of the seed is. */
  readonly peer?: string
  /** Milliseconds for which somebody is looked for; as long as a handshake may take unless given. */
  readonly within?: number
}

export interface Sending {
  readonly transfer: number
  readonly bytes: number
  /** Bytes a second; as fast as it goes unless given. What a pause held up is made up for. */
  readonly rate?: number
}

export interface Sent {
  readonly equal: boolean
  readonly took: number
}

export interface Look {
  /** Sessions that are open now, and all that ever were. */
  readonly sessions: number
  readonly sessionsOpened: number
  /** Defects that the node has met. */
  readonly faults: number
  readonly memoryHeld: number
  readonly lan: STTNode['lan']
  /** Of the last session; none when there is none any more. */
  readonly path?: SessionPath
  readonly statistics?: Statistics
  /** Bytes, after a collection where the process may ask for one. */
  readonly heap: number
  /** What holds the process open, by kind: timers, sockets. */
  readonly resources: Readonly<Record<string, number>>
}

export interface Statistics {
  readonly packetsLost: number
  readonly bytesResent: number
  readonly maxDatagramSize?: number
}

/** What happens in a peer process without being asked for. `at` is in milliseconds, the same for all processes. */
export type PeerEvent = { readonly at: number } & (
  | { readonly event: 'session'; readonly address: string }
  | { readonly event: 'closed'; readonly by: string; readonly code: string }
  | { readonly event: 'path'; readonly from?: SessionPath; readonly to: SessionPath; readonly reason: string }
  | { readonly event: 'arriving'; readonly transfer: number; readonly bytes: number }
  | { readonly event: 'arrived'; readonly transfer: number; readonly bytes: number; readonly stall: number }
  | { readonly event: 'peer'; readonly type: 'appeared' | 'disappeared'; readonly id: string }
  | { readonly event: 'warning'; readonly code?: string; readonly message: string }
  | { readonly event: 'lingering'; readonly resources: Readonly<Record<string, number>> }
  | { readonly event: 'broken'; readonly transfer: number; readonly bytes: number; readonly code: string }
)

/** One clock for all processes of a machine, in milliseconds. */
export const now = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000
