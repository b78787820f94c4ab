/** The part of `node:fs/promises` that the filesystem store uses, so that tests can bring one that fails. */
export interface Files {
  open(path: string, flags: number | 'r' | 'wx', mode?: number): Promise<OpenFile>
  /** The entry at a path, or where a symbolic link there leads. */
  stat(path: string): Promise<FileStatus>
  /** The entry at a path, even if it is a symbolic link. */
  lstat(path: string): Promise<FileStatus>
  /** Makes one folder; rejects with EEXIST when it exists, ENOENT when its parent does not. */
  mkdir(path: string, options: { readonly mode: number }): Promise<unknown>
  link(existing: string, name: string): Promise<void>
  unlink(path: string): Promise<void>
  readdir(path: string, options: { readonly withFileTypes: true }): Promise<DirectoryEntry[]>
}

export interface OpenFile {
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>
  write(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>
  /** fsync: the content of a file, or the names in a folder, survive a loss of power from then on. */
  sync(): Promise<void>
  stat(): Promise<FileStatus>
  close(): Promise<void>
}

export interface FileStatus {
  readonly uid: number
  readonly gid: number
  readonly mode: number
  readonly size: number
  isFile(): boolean
  isDirectory(): boolean
}

export interface DirectoryEntry {
  readonly name: string
  isFile(): boolean
  isDirectory(): boolean
}

/** Whether an error is one of the file system's, by its name. */
export function isFileError(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}

/** Deletes a file; a missing one is not an error. */
export async function removeFile(files: Pick<Files, 'unlink'>, path: string): Promise<void> {
  try {
    await files.unlink(path)
  } catch (error) {
    if (!isFileError(error, 'ENOENT', 'ENOTDIR')) throw error
  }
}
