import { mkdir, mkdtemp, realpath, rmdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { CliError, reasonOf } from '../cli-error.ts'
import { ExitCode } from '../exit-codes.ts'

/** The folder, made where it is not there, once something could be made in it. @returns its path without links */
export async function prepareFolder(path: string): Promise<string> {
  const folder = resolve(path)
  try {
    await mkdir(folder, { recursive: true })
    const root = await realpath(folder)
    // A name that nobody knows before: one that a sender can guess is one that it can send a file of.
    await rmdir(await mkdtemp(join(root, '.stt-probe-')))
    return root
  } catch (cause) {
    throw new CliError(ExitCode.failed, `cannot receive into ${folder}: ${reasonOf(cause)}`, { cause })
  }
}
