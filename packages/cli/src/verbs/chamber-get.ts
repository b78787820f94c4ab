import { once } from 'node:events'
import { chmodSync, closeSync, mkdirSync, realpathSync, unlinkSync, utimesSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Chamber } from '@stt/chamber'
import { isSttError, printable } from '@stt/errors'
import { Refusal } from '@stt/transfer'
import { withChamber } from '../chamber/open.ts'
import { select } from '../chamber/selected.ts'
import { CliError, reasonOf } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import { counted, isOrAre } from '../plural.ts'
import { describeSize, Progress } from '../progress.ts'
import { TerminalText } from '../terminal-text.ts'
import { TargetFolder } from '../transfer/target-folder.ts'

export interface ChamberGetOptions {
  readonly into: string
  readonly stdout?: boolean
  readonly range?: { readonly start: number; readonly end: number }
  readonly overwrite?: boolean
  /** Writes to a terminal even what is not text. */
  readonly binary?: boolean
}

/** Writes objects of a chamber into files named by their keys, or to stdout. @returns the exit code */
export async function chamberGet(
  folder: string,
  names: readonly string[],
  options: ChamberGetOptions,
  context: Context,
): Promise<number> {
  if (options.stdout && names.length !== 1) throw new CliError(ExitCode.usage, '--stdout takes one KEY')
  if (options.range && !options.stdout) throw new CliError(ExitCode.usage, '--range takes --stdout, and one KEY')
  return withChamber(folder, 'read', context, async chamber => {
    if (options.stdout) return show(chamber, names[0]!, options, context)
    return new Getter(chamber, options, context).run(names)
  })
}

async function show(chamber: Chamber, key: string, options: ChamberGetOptions, { output }: Context): Promise<number> {
  const stream = await chamber.retrieveStream(key, options.range ?? {})
  if (!stream) throw new CliError(ExitCode.failed, `the chamber has no key ${printable(key)}`)
  const text = process.stdout.isTTY === true && !options.binary ? new TerminalText() : undefined
  let size = 0
  for await (const piece of stream) {
    size += piece.length
    if (text?.isUnsafe(piece)) {
      throw new CliError(ExitCode.failed, `${printable(key)} is not text, and a terminal is no place for it: --into DIR, stt chamber get … > FILE, or --binary`) // biome-ignore format: one line
    }
    if (!process.stdout.write(piece)) await once(process.stdout, 'drain')
  }
  output.line({ type: 'object', key, size, outcome: 'fetched' })
  return ExitCode.ok
}

class Getter {
  readonly #chamber: Chamber
  readonly #target: TargetFolder
  readonly #context: Context
  readonly #progress: Progress
  readonly #counts = { objects: 0, bytes: 0, failed: 0 }
  #done = 0

  constructor(chamber: Chamber, { into, overwrite }: ChamberGetOptions, context: Context) {
    this.#chamber = chamber
    this.#target = new TargetFolder(folderAt(into), overwrite === true)
    this.#context = context
    this.#progress = new Progress(context.output)
  }

  async run(names: readonly string[]): Promise<number> {
    const { output } = this.#context
    const { keys, missing } = await select(this.#chamber, names, true)
    for (const name of missing) this.#fail(name, 'the chamber has no such key')
    let total = 0
    for (const key of keys) total += (await this.#chamber.getMetadata(key))?.size ?? 0
    this.#progress.start(total)
    try {
      for (const key of keys) await this.#get(key)
    } finally {
      this.#progress.stop()
    }
    const { objects, bytes, failed } = this.#counts
    output.line({ type: 'fetched', ...this.#counts })
    output.result(`got ${counted(objects, 'object')}, ${describeSize(bytes)} in all${failed > 0 ? `; ${failed} ${isOrAre(failed)} named above` : ''}`) // biome-ignore format: one line
    return failed > 0 ? ExitCode.partial : ExitCode.ok
  }

  async #get(key: string): Promise<void> {
    const { output } = this.#context
    try {
      const size = await this.#write(key)
      this.#counts.objects++
      this.#counts.bytes += size
      output.line({ type: 'object', key, size, outcome: 'fetched' })
    } catch (error) {
      this.#context.signal.throwIfAborted()
      if (error instanceof Refusal) return this.#fail(key, error.message)
      if (isSttError(error, 'STT_CHAMBER_CORRUPT')) return this.#fail(key, `it is damaged: ${error.message}`, 'damaged')
      if (error instanceof Error && 'syscall' in error) {
        throw new CliError(ExitCode.failed, `cannot write ${printable(key)} into ${this.#target.root}: ${reasonOf(error)}`, { cause: error }) // biome-ignore format: one line
      }
      throw error
    }
  }

  /** Writes a file under another name, and renames it after its last byte was verified. @returns its size */
  async #write(key: string): Promise<number> {
    const target = this.#target.place(key)
    const [stream, about] = [await this.#chamber.retrieveStream(key), await this.#chamber.getMetadata(key)]
    if (!stream) throw new Refusal('it was deleted meanwhile')
    const part = this.#target.partOf(key, NOBODY)
    const fd = this.#target.createPart(part)
    let size = 0
    let isWhole = false
    try {
      for await (const piece of stream) {
        this.#context.signal.throwIfAborted()
        for (let done = 0; done < piece.length; ) done += writeSync(fd, piece, done)
        size += piece.length
        this.#done += piece.length
        this.#progress.update(this.#done)
      }
      isWhole = true
    } finally {
      closeSync(fd)
      if (!isWhole) unlinkSync(part)
    }
    const { mode, modified } = attributesOf(about?.metadata)
    chmodSync(part, mode)
    if (modified !== undefined) utimesSync(part, modified / 1_000, modified / 1_000)
    try {
      this.#target.finish(part, target)
    } catch (error) {
      unlinkSync(part)
      throw error
    }
    return size
  }

  #fail(key: string, reason: string, outcome: 'failed' | 'damaged' = 'failed'): void {
    const { output } = this.#context
    this.#counts.failed++
    output.line({ type: 'object', key, size: 0, outcome, reason })
    output.problem(`not written: ${printable(key)}: ${printable(reason)}`)
  }
}

function folderAt(path: string): string {
  try {
    mkdirSync(path, { recursive: true })
    return realpathSync(resolve(path))
  } catch (cause) {
    throw new CliError(ExitCode.failed, `cannot write into ${path}: ${reasonOf(cause)}`, { cause })
  }
}

/** Reads the metadata that `put` stores. An object of another program may have any metadata. */
function attributesOf(metadata: unknown): { readonly mode: number; readonly modified: number | undefined } {
  const { mode, modified } = (typeof metadata === 'object' && metadata ? metadata : {}) as Record<string, unknown>
  return {
    mode: typeof mode === 'number' && Number.isInteger(mode) ? mode & 0o777 : 0o600,
    modified: typeof modified === 'number' && modified >= 0 && modified < MAX_TIME ? modified : undefined,
  }
}

/** Parts are named after their sender, which is this command. */
const NOBODY = new Uint8Array(32)
/** The latest time of a file in milliseconds: the year 10000. */
const MAX_TIME = 253_402_300_800_000
