import { constants } from 'node:fs'
import { corrupt } from '../../failures.ts'
import { type Files, isFileError, type OpenFile } from './files.ts'

/**
 * Opens a file for reading; undefined when there is none. Anything but a file is refused at once: the reader of a FIFO would
 * wait for a writer in a thread of the process's pool, for ever. Hard links are allowed, since existing files are never
 * written to and their content is proved.
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
    // A symbolic link (for which systems give either code), or a socket.
    if (isFileError(error, 'ELOOP', 'EMLINK', 'ENXIO', 'EOPNOTSUPP', 'ENOTSUP')) throw notRegular(path, error)
    throw error
  }
}

function notRegular(path: string, cause?: unknown): Error {
  return corrupt(`${path} is not a file, as a chamber writes it`, cause)
}

/** Windows has neither of the two flags. */
const READ: number = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
