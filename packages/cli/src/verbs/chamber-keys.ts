import type { Chamber } from '@stt/chamber'
import { isSttError, printable } from '@stt/errors'
import { withChamber } from '../chamber/open.ts'
import { select } from '../chamber/selected.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import { counted, isOrAre } from '../plural.ts'
import { describeSize, Progress } from '../progress.ts'

/** Lists the keys of a chamber, or those that begin with a text. */
export async function chamberList(folder: string, prefix: string | undefined, context: Context): Promise<void> {
  const { output } = context
  await withChamber(folder, 'read', context, async chamber => {
    let bytes = 0
    const keys = await chamber.list(prefix === undefined ? {} : { prefix })
    for (const key of keys) {
      const about = await chamber.getMetadata(key)
      if (!about) continue
      const modified = new Date(about.modifiedAt).toISOString()
      bytes += about.size
      output.line({ type: 'object', key, size: about.size, modified, outcome: 'listed' })
      if (output.quiet) output.result(printable(key))
      else output.result(`${describeSize(about.size).padStart(10)}  ${modified.slice(0, 16).replace('T', ' ')}  ${printable(key)}`) // biome-ignore format: one line
    }
    output.note(`${counted(keys.length, 'object')}, ${describeSize(bytes)} in all`)
  })
}

/** Deletes keys, and with `recursive` all keys below them. @returns the exit code: not 0 if one did not exist */
export async function chamberDelete(
  folder: string,
  names: readonly string[],
  { recursive }: { readonly recursive?: boolean },
  context: Context,
): Promise<number> {
  const { output } = context
  return withChamber(folder, 'write', context, async chamber => {
    const { keys, missing } = await select(chamber, names, recursive === true)
    for (const key of keys) {
      context.signal.throwIfAborted()
      const size = (await chamber.getMetadata(key))?.size ?? 0
      if (await chamber.delete(key)) output.line({ type: 'object', key, size, outcome: 'deleted' })
    }
    for (const key of missing) {
      output.line({ type: 'object', key, size: 0, outcome: 'failed', reason: 'there is no such key' })
      const below = recursive ? [] : await chamber.list({ prefix: `${key}/` })
      output.problem(`there is no key ${printable(key)}${below.length > 0 ? `, but ${below.length} below it: --recursive` : ''}`) // biome-ignore format: one line
    }
    output.result(`deleted ${counted(keys.length, 'object')}`)
    return missing.length > 0 ? ExitCode.partial : ExitCode.ok
  })
}

/** Reads and verifies every object, and names each damaged one. @returns the exit code: not 0 if one is damaged */
export async function chamberCheck(folder: string, context: Context): Promise<number> {
  const { output } = context
  return withChamber(folder, 'read', context, async chamber => {
    const { totalBytes } = await chamber.getMetadata()
    const progress = new Progress(output)
    const counts = { objects: 0, bytes: 0, damaged: 0 }
    progress.start(totalBytes)
    try {
      for (const key of await chamber.list()) {
        counts.objects++
        const reason = await damageOf(chamber, key, context.signal, bytes => {
          counts.bytes += bytes
          progress.update(counts.bytes)
        })
        if (reason === undefined) continue
        counts.damaged++
        output.line({ type: 'object', key, size: (await chamber.getMetadata(key))?.size ?? 0, outcome: 'damaged', reason }) // biome-ignore format: one line
        output.result(`damaged: ${printable(key)}`)
      }
    } finally {
      progress.stop()
    }
    output.line({ type: 'checked', ...counts })
    const { objects, bytes, damaged } = counts
    output.result(`checked ${counted(objects, 'object')}, ${describeSize(bytes)}: ${damaged === 0 ? 'everything is what was stored' : `${damaged} ${isOrAre(damaged)} damaged; store ${damaged === 1 ? 'it' : 'them'} anew with stt chamber put, or take the folder from a backup`}`) // biome-ignore format: one line
    return damaged > 0 ? ExitCode.failed : ExitCode.ok
  })
}

/** Why an object is damaged; undefined if it is intact, or was deleted meanwhile. */
async function damageOf(
  chamber: Chamber,
  key: string,
  signal: AbortSignal,
  onRead: (bytes: number) => void,
): Promise<string | undefined> {
  for (;;) {
    try {
      const stream = await chamber.retrieveStream(key)
      if (!stream) return undefined
      for await (const piece of stream) {
        signal.throwIfAborted()
        onRead(piece.length)
      }
      return undefined
    } catch (error) {
      if (isSttError(error, 'STT_CHAMBER_CORRUPT')) return error.message
      // Another process has replaced it meanwhile.
      if (!isSttError(error, 'STT_TRUNCATED')) throw error
    }
  }
}
