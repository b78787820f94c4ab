import { isSttError } from '@stt/errors'
import { CliError } from '../cli-error.ts'
import { ExitCode } from '../exit-codes.ts'
import type { LocalNetwork } from './local-network.ts'

export interface Tried {
  readonly name: string
  /** The command that has to run on the other side. */
  readonly counterpart: string
  readonly addresses: readonly string[]
  readonly relays: readonly string[]
  readonly lan: LocalNetwork
  /** Milliseconds. */
  readonly patience: number
}

/** The error that the other side was not reached: where it was searched, and the last error. */
export function unreachable({ name, counterpart, addresses, relays, lan, patience }: Tried, cause: unknown): CliError {
  const problems = lan.problems.join('; ')
  const tried = [...(lan.wish ? [`the local network${problems && ` (${problems})`}`] : []), ...addresses, ...relays]
  const untried = lan.wish ? '' : `, and not the local network (${problems})`
  // The whole message already says that the machine was not found, and in what time.
  const isSaid = isSttError(cause, 'STT_NOT_FOUND') || isSttError(cause, 'STT_TIMEOUT')
  const why = cause instanceof Error && !isSaid ? `: ${cause.message}` : ''
  return new CliError(
    ExitCode.unreachable,
    `${name} was not reached within ${patience / 1_000} s (run there ${counterpart}, then the same here again). Tried ${tried.join(', ')}${untried}${why}`,
    { cause },
  )
}
