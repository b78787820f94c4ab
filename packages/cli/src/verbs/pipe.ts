import { once } from 'node:events'
import { isSttError, type Session, type Stream } from '@stt/node'
import { CliError, hasCode } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import { Meeting } from '../meet/meeting.ts'
import { TerminalText } from '../terminal-text.ts'
import { bothHaveAll, ended } from './pipe-end.ts'

export interface PipeOptions {
  readonly address: readonly string[]
  readonly relay: readonly string[]
  readonly listen?: readonly string[]
  /** Milliseconds. */
  readonly timeout: number
  /** Milliseconds that the listening machine waits. Default: no end. */
  readonly patience?: number | undefined
  /** Writes to a terminal even what is not text. */
  readonly binary?: boolean
}

/**
 * Joins stdin and stdout of both machines; each direction ends by itself.
 *
 * @returns the exit code: that of the other side if this one ended first
 */
export async function pipe(name: string, options: PipeOptions, context: Context): Promise<number> {
  const { made } = await context.home.state(name)
  // By default the machine that made the pairing waits, and the one that joined it dials.
  const dials = options.address.length > 0 || (options.listen === undefined && !made)
  const listen = dials ? undefined : (options.listen ?? ANYWHERE)
  const meeting = await Meeting.open(name, 'pipe', { listen, relays: options.relay }, context)
  try {
    const session = dials ? await dial(meeting, options) : await accept(meeting, options, context)
    return await join(session, dials, options, context)
  } finally {
    await meeting.close()
  }
}

function dial(meeting: Meeting, { address, timeout }: PipeOptions): Promise<Session> {
  return meeting.dial({
    addresses: address,
    patience: timeout,
    counterpart: `stt pipe ${meeting.nameThere} --listen ws://0.0.0.0:0`,
  })
}

async function accept(
  meeting: Meeting,
  { patience = Number.POSITIVE_INFINITY }: PipeOptions,
  { signal }: Context,
): Promise<Session> {
  meeting.announce(`stt pipe ${meeting.nameThere}`)
  const stop = (): void => void meeting.close()
  signal.addEventListener('abort', stop)
  // A timeout of infinity would end at once.
  const timer = Number.isFinite(patience) ? setTimeout(stop, patience) : undefined
  try {
    for await (const session of meeting.sessions()) return session
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
  signal.throwIfAborted()
  throw new CliError(ExitCode.unreachable, `${meeting.name} did not come within ${patience / 1_000} s (run there stt pipe ${meeting.nameThere}, as long as this side waits)`) // biome-ignore format: one line
}

async function join(session: Session, dialed: boolean, options: PipeOptions, context: Context): Promise<number> {
  const { signal, output } = context
  const counts = { sent: 0, received: 0 }
  const stop = (): void => void session.close({ code: exitOf(signal), reason: 'interrupted', deadline: 0 })
  signal.addEventListener('abort', stop)
  try {
    const stream = dialed ? await session.openStream() : await firstStream(session)
    // The other side sees the stream only once data has come over it.
    if (dialed) await stream.write(PREAMBLE)
    else await stream.readExactly(PREAMBLE.length)
    await Promise.all([pump(stream, counts), drain(stream, counts, options)])
    await bothHaveAll(stream, session, dialed)
    output.line({ type: 'ended', ...counts })
    return ExitCode.ok
  } catch (error) {
    signal.throwIfAborted()
    return await failed(error, session)
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** Sends stdin to the other side. Input from a terminal is sent only if this side shows what comes. */
async function pump(stream: Stream, counts: { sent: number }): Promise<void> {
  const isTyped = process.stdin.isTTY === true && process.stdout.isTTY !== true
  if (!isTyped) {
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
      await stream.write(chunk)
      counts.sent += chunk.length
    }
  }
  await stream.end()
}

async function drain(stream: Stream, counts: { received: number }, { binary }: PipeOptions): Promise<void> {
  const text = process.stdout.isTTY === true && !binary ? new TerminalText() : undefined
  for await (const chunk of stream) {
    counts.received += chunk.length
    if (text?.isUnsafe(chunk)) {
      throw new CliError(ExitCode.failed, 'what comes is not text, and a terminal is no place for it: stt pipe … > FILE, or --binary') // biome-ignore format: one line
    }
    if (!process.stdout.write(chunk)) await once(process.stdout, 'drain')
  }
}

async function firstStream(session: Session): Promise<Stream> {
  for await (const stream of session.streams()) return stream
  throw ended(await session.closed)
}

/** Passes the exit code to the other side, or takes that of the other side. */
async function failed(error: unknown, session: Session): Promise<number> {
  const isOver = session.state !== 'active'
  if (isOver && isSttError(error)) throw ended(await session.closed, error)
  if (isSttError(error, 'STT_STREAM_STOPPED')) {
    const reason = await session.closed
    throw ended(reason, error)
  }
  const code =
    error instanceof CliError ? error.exitCode : hasCode(error, 'EPIPE') ? ExitCode.brokenPipe : ExitCode.failed
  await session.close({ code, reason: 'the other side could not go on', deadline: 500 })
  throw error
}

const exitOf = (signal: AbortSignal): number =>
  signal.reason instanceof CliError ? signal.reason.exitCode : ExitCode.interrupted

/** The first byte of the stream: version 1. */
const PREAMBLE = Uint8Array.of(1)
const ANYWHERE = ['udp://0.0.0.0:0', 'ws://0.0.0.0:0']
