import { CHANGED, NotSent, type OpenSource, type TransferSource } from '@stt/transfer'
import { type Chosen, type ChosenEntry, type Found, withFolders } from './chosen.ts'

/** The files of a file field, those of a chosen folder too. */
export function ofField(files: FileList): Chosen {
  return withFolders([...files].map(file => ({ path: file.webkitRelativePath || file.name, file })))
}

/** The dropped files, and all files of dropped folders. Has to be called in the turn of the drop. */
export async function ofDrop({ items }: DataTransfer): Promise<Chosen> {
  const roots = [...items].flatMap(item => item.webkitGetAsEntry() ?? [])
  const found: Found[] = []
  for (const root of roots) await walk(root, root.name, found)
  return withFolders(found)
}

/** Reads from the disk as it is sent, a window at a time. */
export const chosenFiles: TransferSource<ChosenEntry> = {
  async readWhole({ file }, bytes) {
    bytes.set(await read(file!, 0, bytes.length))
  },
  open: ({ file }) => new OpenFile(file!),
}

class OpenFile implements OpenSource {
  readonly #file: File
  #window = new Uint8Array(0)
  #start = 0

  constructor(file: File) {
    this.#file = file
  }

  read(bytes: Uint8Array, offset: number): number | Promise<number> {
    const there = this.#copy(bytes, offset)
    if (there > 0 || offset >= this.#file.size) return there
    return this.#refill(bytes, offset)
  }

  /** A browser refuses to read on in a file that was changed. */
  async check(): Promise<void> {
    await read(this.#file, 0, Math.min(1, this.#file.size))
  }

  close(): void {
    this.#window = new Uint8Array(0)
  }

  async #refill(bytes: Uint8Array, offset: number): Promise<number> {
    this.#window = await read(this.#file, offset, Math.min(WINDOW, this.#file.size - offset))
    this.#start = offset
    return this.#copy(bytes, offset)
  }

  #copy(bytes: Uint8Array, offset: number): number {
    const at = offset - this.#start
    if (at < 0 || at >= this.#window.length) return 0
    const piece = this.#window.subarray(at, at + bytes.length)
    bytes.set(piece)
    return piece.length
  }
}

async function read(file: File, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await file.slice(offset, offset + length).arrayBuffer())
  } catch (cause) {
    const isChanged = cause instanceof DOMException && ['NotReadableError', 'NotFoundError'].includes(cause.name)
    throw isChanged ? new NotSent(CHANGED, { cause }) : cause
  }
}

async function walk(entry: FileSystemEntry, path: string, found: Found[]): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
    found.push({ path, file })
    return
  }
  found.push({ path, file: undefined })
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  for (;;) {
    // It gives a hundred at a time, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) return
    for (const each of some) await walk(each, `${path}/${each.name}`, found)
  }
}

/** Bytes that are read at once. */
const WINDOW = 4 * 1_048_576
