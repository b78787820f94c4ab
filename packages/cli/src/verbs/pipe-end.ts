import type { CloseReason, Session, Stream } from '@stt/node'
import { CliError } from '../cli-error.ts'
import { ExitCode } from '../exit-codes.ts'

/**
 * Waits until both sides have everything, after this one has read all and ended its own direction.
 *
 * The side that dialed closes the session once it has all and knows that the other one has. So a close with 0 says that all
 * arrived, also where it comes before the acknowledgement of the last bytes, as over another path.
 *
 * @throws CliError with how the other side ended
 */
export async function bothHaveAll(
  stream: Pick<Stream, 'delivered'>,
  session: Pick<Session, 'close' | 'closed'>,
  dialed: boolean,
): Promise<void> {
  if (dialed) {
    await stream.delivered
    await session.close({ code: ExitCode.ok })
    return
  }
  const delivered = stream.delivered.then(
    () => true,
    () => false,
  )
  const reason = await session.closed
  const isDone = saysDone(reason) || (!saysFailed(reason) && (await delivered))
  if (!isDone) throw ended(reason)
}

/** How the other side ended, as this side's own end. */
export function ended(how: CloseReason, cause?: unknown): CliError {
  const { code, reason } = how
  if (saysFailed(how))
    return new CliError(code, `the other side ended with exit code ${code}: ${reason || 'no reason given'}`, { cause })
  return new CliError(ExitCode.failed, `the session ended before everything was there${reason ? `: ${reason}` : ''}`, {
    cause,
  })
}

const saysDone = ({ by, app, code }: CloseReason): boolean => by === 'peer' && app && code === ExitCode.ok

const saysFailed = ({ by, app, code }: CloseReason): boolean => by === 'peer' && app && code > 0 && code < 256
