import { isSttError } from '@stt/errors'
import { CliError } from '../cli-error.ts'
import { ExitCode } from '../exit-codes.ts'
import type { LocalNetwork } from './local-network.ts'

export interface Tried {
  readonly name: string
  /** What has to run on the other side. */
  readonly counterpart: string
  readonly addresses: readonly string[]
  readonly relays: readonly string[]
  readonly lan: LocalNetwork
}

/** The other side was not there: where it was looked for, and what came of the last try. */
export function unreachable({ name, counterpart, addresses, relays, lan }: Tried, cause: unknown): CliError {
  const problems = lan.problems.join('; ')
  const tried = [...(lan.wish ? [`the local network${problems && ` (${problems})`}`] : []), ...addresses, ...relays]
  const untried = lan.wish ? '' : `, and not the local network (${problems})`
  // That nobody was found is what all of this says.
  const why = cause instanceof Error && !isSttError(cause, 'STT_NOT_FOUND') ? `: ${cause.message}` : ''
  return new CliError(
    ExitCode.unreachable,
    `${name} was not reached (run there ${counterpart}, then the same here again). Tried ${tried.join(', ')}${untried}${why}`,
    { cause },
  )
}
