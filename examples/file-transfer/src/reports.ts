/** What one end of a session counted. */
export interface SessionReport {
  readonly packetsSent: number
  readonly packetsReceived: number
  readonly keyEpoch: number
  /** What loss recovery knows of the path; a WebSocket needs none. */
  readonly path: PathReport | undefined
}

export interface PathReport {
  readonly packetsLost: number
  readonly framesResent: number
  /** Milliseconds. */
  readonly smoothedRtt: number
  /** Bytes. */
  readonly congestionWindow: number
}

/** What a command tells the process that started it. */
export type Report =
  | { readonly type: 'listening'; readonly address: string }
  | { readonly type: 'received'; readonly size: number; readonly hash: string; readonly session: SessionReport }
  | {
      readonly type: 'sent'
      readonly size: number
      readonly hash: string
      readonly handshakeMs: number
      readonly pingMs: number
      readonly transferMs: number
      readonly session: SessionReport
    }
  /** How a dial with another seed ended; `code` of the error, none when it was let in. */
  | { readonly type: 'intruded'; readonly code: string | undefined; readonly message: string }
  | { readonly type: 'statistics'; readonly badMac: number }
  | { readonly type: 'failed'; readonly code: string | undefined; readonly message: string }

/** What the parent of a receiver that stays may ask of it. */
export type Request = { readonly type: 'statistics' } | { readonly type: 'close' }

/** Tells the parent process, when there is one that listens. Resolves when the message has left. */
export async function report(message: Report): Promise<void> {
  // A parent that has gone cannot be told anything; `runCommand` ends the process then.
  if (!process.send || !process.connected) return
  await new Promise<void>(resolve => process.send?.(message, () => resolve()))
}
