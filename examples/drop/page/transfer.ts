import type { Session } from '@stt/node'
import { Refused } from './refused.ts'

export type Way = 'direct' | 'relayed'

/** One transfer, as it goes on. */
export interface Transfer {
  readonly direction: 'in' | 'out'
  state: 'connecting' | 'waiting' | 'running' | 'done' | 'failed' | 'stopped'
  /** The sent files, in a few words. */
  what: string
  files: number
  bytes: number
  total: number
  way: Way | undefined
  /** Files that were not taken, and why. */
  readonly refused: Refused
  error: unknown
  stop: () => void
}

export function newTransfer(
  direction: 'in' | 'out',
  what: string,
  files: number,
  total: number,
  stop: () => void,
): Transfer {
  return { direction, state: 'connecting', what, files, bytes: 0, total, way: undefined, refused: new Refused(), error: undefined, stop } // biome-ignore format: one line
}

/** Shows which way a session goes, now and from then on. */
export function follow(session: Session, transfer: Transfer, onChange: () => void): void {
  const show = (relayed: boolean): void => {
    transfer.way = relayed ? 'relayed' : 'direct'
    onChange()
  }
  if (session.path) show(session.path.relayed)
  session.onPath(({ to }) => show(to.relayed))
}
