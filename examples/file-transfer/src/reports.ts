import type { PathChange, SessionPath } from '@stt/node'

/** The counts of one end of a session. */
export interface SessionReport {
  readonly packetsSent: number
  readonly packetsReceived: number
  readonly keyEpoch: number
  /** The state of loss recovery on the path; a WebSocket has none. */
  readonly path: RecoveryReport | undefined
}

export interface RecoveryReport {
  readonly packetsLost: number
  readonly framesResent: number
  /** Milliseconds. */
  readonly smoothedRtt: number
  /** Bytes. */
  readonly congestionWindow: number
}

/** A session went over another path than before. */
export type PathReport = {
  readonly type: 'path'
  readonly from: SessionPath['kind'] | undefined
  readonly to: SessionPath['kind']
  readonly reason: PathChange['reason']
}

/** A message from a command to the process that started it. */
export type Report =
  | { readonly type: 'listening'; readonly address: string }
  | {
      readonly type: 'received'
      readonly size: number
      readonly hash: string
      /** Of the time in which the file came: the longest part without a byte of it. */
      readonly longestSilenceMs: number
      readonly session: SessionReport
    }
  /** The slow part of a staged transfer begins. */
  | { readonly type: 'slowed'; readonly sent: number; readonly size: number }
  | PathReport
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
  | { readonly type: 'statistics'; readonly badMac: number; readonly sessionsOpened: number }
  /** One waits to be found by those who hold its seed. */
  | { readonly type: 'present'; readonly id: string }
  /** Somebody found it, and said something. */
  | { readonly type: 'greeted'; readonly by: string; readonly text: string }
  /** Another was found, after so many milliseconds. */
  | {
      readonly type: 'found'
      readonly id: string
      readonly by: string
      readonly took: number
      readonly relayed: boolean
    }
  | { readonly type: 'failed'; readonly code: string | undefined; readonly message: string }

/** A message from the parent process to a receiver that stays, or (`hurry`) to a sender in stages. */
export type Request = { readonly type: 'statistics' } | { readonly type: 'close' } | { readonly type: 'hurry' }

/** Tells the parent process, when there is one that listens. Resolves when the message has left. */
export async function report(message: Report): Promise<void> {
  // A parent that has gone cannot be told anything; `runCommand` ends the process then.
  if (!process.send || !process.connected) return
  await new Promise<void>(resolve => process.send?.(message, () => resolve()))
}
