import { constants } from 'node:fs'
import { corrupt } from '../../failures.ts'
import { type Files, isFileError, type OpenFile } from './files.ts'

/**
 * Opens a file for reading; undefined when there is none. Anything else under its name is refused at once: the reader of a
 * FIFO would wait for a writer in a thread of the process's pool, for ever. A hard link is a file like any other: nothing is
 * written to a file that was there, and what it holds has to be proved.
 *
 * @throws STT_CHAMBER_CORRUPT
 */
// spec: STT-CHA-26
export async function openRegularFile(files: Files, path: string): Promise<OpenFile | undefined> {
  const file = await open(files, path)
  if (!file) return undefined
  try {
    if ((await file.stat()).isFile()) return file
  } catch (error) {
    await file.close()
    throw error
  }
  await file.close()
  throw notRegular(path)
}

async function open(files: Files, path: string): Promise<OpenFile | undefined> {
  try {
    return await files.open(path, READ)
  } catch (error) {
    if (isFileError(error, 'ENOENT', 'ENOTDIR')) return undefined
    // A symbolic link (of which systems say the one or the other), or a socket.
    if (isFileError(error, 'ELOOP', 'EMLINK', 'ENXIO', 'EOPNOTSUPP', 'ENOTSUP')) throw notRegular(path, error)
    throw error
  }
}

function notRegular(path: string, cause?: unknown): Error {
  return corrupt(`${path} is not a file, as a chamber writes it`, cause)
}

/** Windows has neither of the two flags. */
const READ: number = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
