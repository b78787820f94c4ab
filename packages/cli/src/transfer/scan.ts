import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { basename, resolve, sep } from 'node:path'
import { MAX_DEPTH, MAX_PATH, nameProblem, pathProblem, type TransferEntry } from '@stt/transfer'
import { CliError, reasonOf } from '../cli-error.ts'
import { ExitCode } from '../exit-codes.ts'

/** A file or folder to send. */
export interface Entry extends TransferEntry {
  /** Path on this machine. */
  readonly source: string
}

export interface Scan {
  /** Files and folders, each folder before its contents. */
  readonly entries: readonly Entry[]
  readonly files: number
  readonly bytes: number
  /** Paths that are not sent, with the reasons. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[]
}

/**
 * Lists the files and folders to send. It follows symbolic links that were named, and leaves out those within folders.
 *
 * @throws CliError for a path that does not exist, or two of the same name
 */
export async function scan(paths: readonly string[], signal: AbortSignal): Promise<Scan> {
  const found: Found = { entries: [], skipped: [], signal }
  const names = new Map<string, string>()
  for (const path of paths) {
    const name = basename(looked(path, each => realpathSync(each)))
    // The name that was typed, except for `.` and `..`, which get the name of their folder.
    const typed = basename(resolve(path)) || name
    const other = names.get(typed)
    if (typed === '') throw new CliError(ExitCode.usage, `${path} has no name to be sent under: send what is in it`)
    if (other !== undefined) {
      throw new CliError(ExitCode.usage, `${other} and ${path} would both be ${typed} on the other side: send one after the other`) // biome-ignore format: one line
    }
    names.set(typed, path)
    await add(
      resolve(path),
      typed,
      looked(path, each => statSync(each)),
      found,
    )
  }
  const files = found.entries.filter(({ kind }) => kind === 'file')
  return { ...found, files: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) }
}

interface Found {
  readonly entries: Entry[]
  readonly skipped: { path: string; reason: string }[]
  readonly signal: AbortSignal
}

async function add(source: string, path: string, stats: Stats, found: Found): Promise<void> {
  const problem = pathProblem(path, false)
  if (problem !== undefined) found.skipped.push({ path, reason: problem })
  else if (take(source, path, stats, found)) await addFolder(source, path, found)
}

/** Adds a file or folder. @returns whether it is a folder, whose contents have to be added too */
function take(source: string, path: string, stats: Stats, found: Found): boolean {
  const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : undefined
  if (!kind) {
    found.skipped.push({ path, reason: stats.isSymbolicLink() ? 'a symbolic link' : 'neither file nor folder' })
    return false
  }
  const modified = Math.max(0, Math.floor(stats.mtimeMs))
  const size = kind === 'file' ? stats.size : 0
  found.entries.push({ kind, source, path, size, mode: stats.mode & 0o777, modified })
  return kind === 'folder'
}

/** Synchronous calls are several times as fast as promises; signals have their turn in between. */
async function addFolder(source: string, path: string, found: Found): Promise<void> {
  await new Promise(setImmediate)
  found.signal.throwIfAborted()
  // Elsewhere the name alone can be wrong.
  const isFar = path.split('/').length >= MAX_DEPTH || path.length > MAX_PATH / 6
  let names: Buffer[]
  try {
    names = readdirSync(source, { encoding: 'buffer' })
  } catch (cause) {
    found.skipped.push({ path, reason: reasonOf(cause) })
    return
  }
  for (const bytes of names.sort(Buffer.compare)) {
    const name = decodeName(bytes)
    if (name === undefined) {
      found.skipped.push({ path: `${path}/${bytes.toString('latin1')}`, reason: 'its name is not UTF-8' })
      continue
    }
    const [below, its] = [`${source}${sep}${name}`, `${path}/${name}`]
    const problem = isFar ? pathProblem(its, false) : nameProblem(name, false)
    const stats = problem === undefined ? statsOf(below) : undefined
    if (stats instanceof Error || problem !== undefined) {
      found.skipped.push({ path: its, reason: problem ?? reasonOf(stats) })
    } else if (take(below, its, stats!, found)) await addFolder(below, its, found)
  }
}

function statsOf(path: string): Stats | Error {
  try {
    return lstatSync(path)
  } catch (cause) {
    if (isOfSystem(cause)) return cause
    throw cause
  }
}

function decodeName(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

/** @throws CliError */
function looked<T>(path: string, look: (path: string) => T): T {
  try {
    return look(resolve(path))
  } catch (cause) {
    throw new CliError(ExitCode.usage, `cannot read ${path}: ${reasonOf(cause)}`, { cause })
  }
}

const isOfSystem = (cause: unknown): cause is Error => cause instanceof Error && 'syscall' in cause

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
