import type { CloseReason, Session, Stream } from '@stt/node'
import { CliError } from '../cli-error.ts'
import { ExitCode } from '../exit-codes.ts'

/**
 * Waits until both sides have all bytes, after this side has read to the end and ended its own direction.
 *
 * The dialing side closes the session once it has all bytes and knows that the other side has. So a close with 0 says that all bytes
 * arrived, even if it overtakes the acknowledgement of the last ones on another path.
 *
 * Rejects with a CliError that says how the other side ended.
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

/** The error with which this side ends, from the way in which the other side ended. */
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
