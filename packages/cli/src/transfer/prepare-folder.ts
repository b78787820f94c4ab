import { mkdir, mkdtemp, realpath, rmdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { CliError, reasonOf } from '../cli-error.ts'
import { ExitCode } from '../exit-codes.ts'

/** Makes a folder if it is missing, and checks that files can be made in it. @returns its path without links */
export async function prepareFolder(path: string): Promise<string> {
  const folder = resolve(path)
  try {
    await mkdir(folder, { recursive: true })
    const root = await realpath(folder)
    // A random name: a sender could send a file with a name that it can guess.
    await rmdir(await mkdtemp(join(root, '.stt-probe-')))
    return root
  } catch (cause) {
    throw new CliError(ExitCode.failed, `cannot receive into ${folder}: ${reasonOf(cause)}`, { cause })
  }
}
