import { createReadStream } from 'node:fs'
import type { Chamber } from '@stt/chamber'
import { isSttError, printable } from '@stt/errors'
import { withChamber } from '../chamber/open.ts'
import { CliError, reasonOf } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import { counted, isOrAre } from '../plural.ts'
import { describeSize, Progress } from '../progress.ts'
import { type Scan, scan } from '../transfer/scan.ts'

export interface ChamberPutOptions {
  /** Key to use in place of the file's name. */
  readonly as?: string
}

interface Item {
  readonly key: string
  readonly open: () => AsyncIterable<Uint8Array>
  readonly metadata: { readonly mode: number; readonly modified: number } | undefined
}

/** Stores files and folders; the key of each file is its path. @returns the exit code */
export async function chamberPut(
  folder: string,
  paths: readonly string[],
  { as }: ChamberPutOptions,
  context: Context,
): Promise<number> {
  const { output, signal } = context
  if (as !== undefined && paths.length > 1) throw new CliError(ExitCode.usage, '--as gives one PATH another name')
  const isInput = paths.includes('-')
  if (isInput && as === undefined) throw new CliError(ExitCode.usage, 'what stdin holds needs a key: --as KEY')
  const found = isInput ? NOTHING : await scan(paths, signal)
  const items = isInput ? [inputAs(as!)] : filesOf(found, as)
  for (const { path, reason } of found.skipped) {
    output.line({ type: 'object', key: path, size: 0, outcome: 'skipped', reason })
    output.problem(`not stored: ${printable(path)}: ${reason}`)
  }
  const progress = new Progress(output)
  const counts = { objects: 0, bytes: 0, failed: found.skipped.length }
  await withChamber(folder, 'make', context, async chamber => {
    progress.start(found.bytes)
    const onRead = (bytes: number): void => {
      counts.bytes += bytes
      progress.update(counts.bytes)
    }
    let hasFailed = false
    const waiting = items.values()
    const work = async (): Promise<void> => {
      for (const item of waiting) {
        if (hasFailed) return
        if (await put(chamber, item, onRead, context)) counts.objects++
        else counts.failed++
      }
    }
    try {
      // Several objects at once share the disk's synchronization, which takes longest.
      const workers = Array.from({ length: AT_ONCE }, () =>
        work().catch(error => {
          hasFailed = true
          throw error
        }),
      )
      await Promise.all(workers)
    } finally {
      progress.stop()
    }
  })
  output.line({ type: 'stored', ...counts })
  output.result(`stored ${counted(counts.objects, 'object')}, ${describeSize(counts.bytes)} in all${counts.failed > 0 ? `; ${counts.failed} ${isOrAre(counts.failed)} named above` : ''}`) // biome-ignore format: one line
  return counts.failed > 0 ? ExitCode.partial : ExitCode.ok
}

/** @returns false if the file could not be read, which it prints */
async function put(
  chamber: Chamber,
  { key, open, metadata }: Item,
  onRead: (bytes: number) => void,
  { output, signal }: Context,
): Promise<boolean> {
  let size = 0
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of open()) {
      size += chunk.length
      onRead(chunk.length)
      yield chunk
    }
  }
  try {
    await chamber.store(key, counted(), { signal, ...(metadata && { metadata }) })
  } catch (error) {
    if (signal.aborted || isSttError(error) || !(error instanceof Error && 'syscall' in error)) throw error
    const reason = reasonOf(error)
    onRead(-size)
    output.line({ type: 'object', key, size: 0, outcome: 'failed', reason })
    output.problem(`not stored: ${printable(key)}: ${reason}`)
    return false
  }
  output.line({ type: 'object', key, size, outcome: 'stored' })
  return true
}

function filesOf({ entries }: Scan, as: string | undefined): Item[] {
  return entries
    .filter(({ kind }) => kind === 'file')
    .map(({ source, path, mode, modified }) => ({
      key: as === undefined ? path : as + path.slice(firstName(path).length),
      open: () => createReadStream(source, { highWaterMark: PIECE }),
      metadata: { mode, modified },
    }))
}

const firstName = (path: string): string => path.split('/', 1)[0]!

const inputAs = (key: string): Item => ({ key, open: () => process.stdin, metadata: undefined })

const NOTHING: Scan = { entries: [], files: 0, bytes: 0, skipped: [] }
const AT_ONCE = 8
/** Bytes. */
const PIECE = 262_144
