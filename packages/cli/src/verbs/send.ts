import { setTimeout as delay } from 'node:timers/promises'
import { printable } from '@stt/errors'
import { isSttError, type Session } from '@stt/node'
import { BACK_SOON, type SendEvents, type SendOutcome, sendTransfer } from '@stt/transfer'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import { Meeting } from '../meet/meeting.ts'
import { counted, isOrAre } from '../plural.ts'
import { describeSize, Progress } from '../progress.ts'
import { fileSource } from '../transfer/file-source.ts'
import { hashing } from '../transfer/hash.ts'
import { Pacer } from '../transfer/pacer.ts'
import { type Entry, type Scan, scan } from '../transfer/scan.ts'

export interface SendOptions {
  readonly to: string
  readonly address: readonly string[]
  readonly relay: readonly string[]
  /** Milliseconds. */
  readonly timeout: number
  /** Bytes a second. */
  readonly limit?: number
}

/** Sends files and folders. If the session ends early, it dials again and goes on. @returns the exit code */
export async function send(paths: readonly string[], options: SendOptions, context: Context): Promise<number> {
  const { output, signal } = context
  const found = await scan(paths, signal)
  const left = new Set(found.entries)
  const counts = { sent: 0, same: 0, refused: 0, failed: 0 }
  tellSkipped(found, context)
  const meeting = await Meeting.open(options.to, 'send', { relays: options.relay }, context)
  const progress = new Progress(output)
  try {
    for (;;) {
      const counterpart = `stt receive ${meeting.nameThere}`
      const session = await meeting.dial({ addresses: options.address, patience: options.timeout, counterpart })
      const onFile = (entry: Entry, outcome: SendOutcome, reason?: string): void => {
        left.delete(entry)
        counts[outcome]++
        tellFile(entry, outcome, reason, context)
      }
      const done = found.bytes - sizeOf(left)
      progress.start(found.bytes)
      if (await sendOver(session, [...left], { onFile, onProgress: bytes => progress.update(done + bytes) }, options, context)) break // biome-ignore format: one line
      progress.stop()
      output.note(`the session with ${options.to} ended, dialing again`)
    }
  } finally {
    progress.stop()
    await meeting.close()
  }
  return summary(found, counts, context)
}

/** @returns false if the session ended early, and the rest has to go over another one */
async function sendOver(
  session: Session,
  entries: readonly Entry[],
  events: SendEvents<Entry>,
  { limit }: SendOptions,
  { signal }: Context,
): Promise<boolean> {
  const stop = (): void => void session.close({ code: ExitCode.interrupted, reason: 'interrupted', deadline: 500 })
  signal.addEventListener('abort', stop)
  try {
    const stream = await session.openStream({ signal })
    await sendTransfer(stream, { entries, source: fileSource, hashing, pace: pacing(limit, signal), signal, events })
    await session.close({ code: ExitCode.ok, reason: 'done' })
    return true
  } catch (error) {
    signal.throwIfAborted()
    if (!isSttError(error)) {
      await session.close({ code: ExitCode.failed, reason: 'the sender failed', deadline: 500 })
      throw error
    }
    const { by, app, code, reason } = await session.closed
    if (by === 'peer' && app && code !== BACK_SOON) {
      throw new CliError(code > 0 && code < 256 ? code : ExitCode.failed, `the receiver ended: ${reason || 'without a reason'}`, { cause: error }) // biome-ignore format: one line
    }
    if (by === 'local' || by === 'violation' || by === 'fault') throw error
    return false
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** @param limit bytes a second */
function pacing(limit: number | undefined, signal: AbortSignal): ((length: number) => Promise<void>) | undefined {
  if (limit === undefined) return undefined
  const pacer = new Pacer(limit)
  return async length => {
    const wait = pacer.take(length, performance.now())
    if (wait > 0) await delay(wait, undefined, { signal })
  }
}

function tellSkipped({ skipped }: Scan, { output }: Context): void {
  for (const { path, reason } of skipped) {
    output.line({ type: 'file', path, size: 0, outcome: 'skipped', reason })
    output.problem(`not sent: ${printable(path)}: ${reason}`)
  }
}

function tellFile({ path, size }: Entry, outcome: SendOutcome, reason: string | undefined, { output }: Context): void {
  output.line({ type: 'file', path, size, outcome, ...(reason !== undefined && { reason }) })
  if (reason !== undefined) output.problem(`${outcome === 'refused' ? 'refused' : 'not sent'}: ${printable(path)}: ${printable(reason)}`) // biome-ignore format: one line
}

function summary({ bytes, skipped }: Scan, counts: Record<SendOutcome, number>, { output }: Context): number {
  const { sent, same, refused, failed } = counts
  const skippedCount = skipped.length
  output.line({ type: 'sent', files: sent, same, refused: refused + failed, skipped: skippedCount, bytes })
  const parts = [`sent ${sent} of ${counted(sent + same + refused + failed, 'file')}, ${describeSize(bytes)} in all`]
  if (same > 0) parts.push(`${same} ${same === 1 ? 'was' : 'were'} there already`)
  const left = refused + failed + skippedCount
  if (left > 0) parts.push(`${left} ${isOrAre(left)} named above`)
  output.result(parts.join('; '))
  return left > 0 ? ExitCode.partial : ExitCode.ok
}

const sizeOf = (entries: Iterable<Entry>): number => [...entries].reduce((sum, { size }) => sum + size, 0)
