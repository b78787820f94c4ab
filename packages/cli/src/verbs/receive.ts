import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { FilesystemStore } from '@stt/chamber'
import { phe, toHex } from '@stt/crypto'
import { isSttError, printable } from '@stt/errors'
import type { Session } from '@stt/node'
import { receiveTransfer, TransferError, TransferProtocolError } from '@stt/transfer'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import { Meeting } from '../meet/meeting.ts'
import { counted, isOrAre } from '../plural.ts'
import { describeSize, Progress } from '../progress.ts'
import { FolderTarget } from '../transfer/folder-target.ts'
import { prepareFolder } from '../transfer/prepare-folder.ts'
import { TargetFolder } from '../transfer/target-folder.ts'

export interface ReceiveOptions {
  readonly into: string
  readonly listen?: readonly string[]
  readonly relay: readonly string[]
  /** Waits for another transfer after each one. */
  readonly keep?: boolean
  /** Ends after the first session, even if it broke off. */
  readonly once?: boolean
  readonly overwrite?: boolean
}

/** Receives the other machine's files into one folder. @returns the exit code */
export async function receive(name: string, options: ReceiveOptions, context: Context): Promise<number> {
  if (options.keep && options.once) throw new CliError(ExitCode.usage, 'take one of --keep and --once')
  const { signal, home } = context
  // This comes before the folder is made.
  await home.state(name)
  const root = await prepareFolder(options.into)
  const unlock = await lock(root, name, context)
  const meeting = await Meeting.open(name, 'receive', { listen: options.listen ?? ANYWHERE, relays: options.relay }, context) // biome-ignore format: one line
  const stop = (): void => void meeting.close()
  signal.addEventListener('abort', stop)
  try {
    meeting.announce(`stt send PATH… --to ${meeting.nameThere}`)
    return await new Receiver(root, options, context).serve(meeting)
  } finally {
    signal.removeEventListener('abort', stop)
    await meeting.close()
    await unlock()
  }
}

class Receiver {
  readonly #root: string
  readonly #options: ReceiveOptions
  readonly #context: Context
  readonly #writers = new Map<string, () => void>()
  /** The outcome of the transfer that ends the command. */
  #end: ((result: number | Error) => void) | undefined

  constructor(root: string, options: ReceiveOptions, context: Context) {
    this.#root = root
    this.#options = options
    this.#context = context
  }

  async serve(meeting: Meeting): Promise<number> {
    const result = await new Promise<number | Error>((resolve, reject) => {
      this.#end = resolve
      const listen = async (): Promise<void> => {
        // A sender that was killed may come again before its old session has timed out: both are served.
        for await (const session of meeting.sessions()) void this.#receive(session)
        this.#context.signal.throwIfAborted()
      }
      listen().catch(reject)
    })
    if (result instanceof Error) throw result
    return result
  }

  async #receive(session: Session): Promise<void> {
    const { output, signal } = this.#context
    const { overwrite, keep, once } = this.#options
    const folder = new TargetFolder(this.#root, overwrite === true)
    const progress = new Progress(output)
    const counts = { files: 0, same: 0, refused: 0, bytes: 0, received: 0 }
    const supersede = (): void =>
      void session.close({ code: ExitCode.failed, reason: 'the same files came in another session', deadline: 0 })
    try {
      for await (const stream of session.streams()) {
        await receiveTransfer(stream, {
          target: new FolderTarget({ folder, sender: session.peer.id, writers: this.#writers, supersede }),
          signal,
          events: {
            onBegin: (_files, bytes) => progress.start(bytes),
            onProgress: bytes => progress.update(bytes),
            onReceived: bytes => {
              counts.received += bytes
            },
            onFile: (path, size, outcome, reason) => {
              counts[outcome === 'received' ? 'files' : outcome]++
              if (outcome !== 'refused') counts.bytes += size
              output.line({ type: 'file', path, size, outcome, ...(reason !== undefined && { reason }) })
              if (reason !== undefined) output.problem(`not received: ${printable(path)}: ${printable(reason)}`)
            },
          },
        })
        progress.stop()
        // The sender closes once it knows that all is here.
        await Promise.race([session.closed, delay(PATIENCE, undefined, { ref: false })])
        this.#tell(counts)
        if (!keep) this.#end!(counts.refused > 0 ? ExitCode.partial : ExitCode.ok)
        return
      }
      throw new CliError(ExitCode.failed, 'the sender left before it sent anything')
    } catch (error) {
      progress.stop()
      await this.#failed(error, session, counts, once === true)
    }
  }

  #tell({ files, same, refused, bytes, received }: Counts): void {
    const { output } = this.#context
    output.line({ type: 'received', files, same, refused, bytes, receivedBytes: received })
    const parts = [`received ${counted(files, 'file')} in ${this.#options.into}, ${describeSize(bytes)} in all`]
    if (same > 0) parts.push(`${same} ${same === 1 ? 'was' : 'were'} there already`)
    if (refused > 0) parts.push(`${refused} ${isOrAre(refused)} named above`)
    output.result(parts.join('; '))
  }

  /** Ends the command for an error of this machine. After a session that broke off it waits for the next one. */
  async #failed(error: unknown, session: Session, counts: Counts, once: boolean): Promise<void> {
    const { output, signal } = this.#context
    if (signal.aborted) return this.#end!(signal.reason)
    const isOurs =
      error instanceof CliError && error.exitCode !== ExitCode.ok && error.message.startsWith('cannot write')
    const isFault =
      ![CliError, TransferError, TransferProtocolError].some(each => error instanceof each) && !isSttError(error)
    const message = error instanceof Error ? error.message : String(error)
    output.line({ type: 'broken', receivedBytes: counts.received, message })
    // The transfer has sent this as a message already; the close is for a sender that reads no more.
    await session.close({ code: ExitCode.failed, reason: 'the receiver could not go on', deadline: 500 })
    if (isOurs || isFault || once) return this.#end!(error as Error)
    output.problem(`the transfer broke off (${printable(message)}); waiting for the same stt send again`)
  }
}

interface Counts {
  readonly files: number
  readonly same: number
  readonly refused: number
  readonly bytes: number
  readonly received: number
}

/** Refuses a second command with the same folder: both would write the same parts. */
async function lock(root: string, name: string, { home }: Context): Promise<() => Promise<void>> {
  const scope = toHex(phe.digest('cli lock', new TextEncoder().encode(`${name}\0${root}`)).subarray(0, 10))
  try {
    return await new FilesystemStore(join(home.path, 'locks')).lock(scope)
  } catch (cause) {
    if (!isSttError(cause, 'STT_CHAMBER_LOCKED')) throw cause
    throw new CliError(ExitCode.refused, `another stt receive ${name} is receiving into ${root}: take another folder with --into, or end that one`, { cause }) // biome-ignore format: one line
  }
}

const ANYWHERE = ['udp://0.0.0.0:0', 'ws://0.0.0.0:0']
/** Milliseconds in which the sender has to close after the last answer. */
const PATIENCE = 3_000
