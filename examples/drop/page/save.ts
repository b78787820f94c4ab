import { printable } from '@stt/errors'
import type { Inbox, ReceivedFile } from './inbox.ts'
import { Refused } from './refused.ts'
import { Said, sentenceOf } from './sentences.ts'

interface Pickers {
  readonly showSaveFilePicker?: (options: { readonly suggestedName: string }) => Promise<FileSystemFileHandle>
  readonly showDirectoryPicker?: (options: { readonly mode: 'readwrite' }) => Promise<FileSystemDirectoryHandle>
}

/** Saves a file: where the browser lets people choose a place it is written there and leaves the page, elsewhere it is a download. */
export async function save(inbox: Inbox, file: ReceivedFile): Promise<string | undefined> {
  const { showSaveFilePicker } = globalThis as Pickers
  if (!showSaveFilePicker) return download(inbox, file)
  const handle = await chosen(() => showSaveFilePicker({ suggestedName: nameOf(file) }))
  if (!handle) return undefined
  await write(inbox, file, handle)
  return `${printable(file.path)} is saved.`
}

/** Saves all of them with their folders, or each as a download. @throws Said with those that could not be saved, once all others are */
export async function saveAll(inbox: Inbox, files: readonly ReceivedFile[]): Promise<string | undefined> {
  const { showDirectoryPicker } = globalThis as Pickers
  if (!showDirectoryPicker) {
    await each(files, file => download(inbox, file))
    return `${files.length} files are handed to your downloads.`
  }
  const root = await chosen(() => showDirectoryPicker({ mode: 'readwrite' }))
  if (!root) return undefined
  await each(files, async file => write(inbox, file, await placeOf(file, root)))
  return `${files.length} files are saved.`
}

/** One that a system does not take is no reason to leave the others. */
async function each(files: readonly ReceivedFile[], saveOne: (file: ReceivedFile) => Promise<unknown>): Promise<void> {
  const refused = new Refused()
  for (const file of files) {
    try {
      await saveOne(file)
    } catch (error) {
      // The disk has no more for any of them.
      if (error instanceof DOMException && error.name === 'QuotaExceededError')
        throw new Said(FULL_DISK, { cause: error })
      refused.add(file.path, isName(error) ? NO_NAME : sentenceOf(error))
    }
  }
  if (refused.count === 0) return
  const [first] = refused.first
  const others = refused.count > 1 ? ` So it is with ${refused.count - 1} more.` : ''
  throw new Said(`${files.length - refused.count} of ${files.length} files are saved. Not ${first!.path}: ${first!.reason}${others}`) // biome-ignore format: one line
}

async function placeOf({ path }: ReceivedFile, root: FileSystemDirectoryHandle): Promise<FileSystemFileHandle> {
  let folder = root
  const names = path.split('/')
  for (const name of names.slice(0, -1)) folder = await folder.getDirectoryHandle(name, { create: true })
  return folder.getFileHandle(await freeName(folder, names.at(-1)!), { create: true })
}

async function write(inbox: Inbox, file: ReceivedFile, handle: FileSystemFileHandle): Promise<void> {
  const writable = await handle.createWritable()
  try {
    for await (const piece of inbox.read(file)) await writable.write(piece)
  } catch (error) {
    await writable.abort()
    throw error
  }
  // Only from now on the file is there.
  await writable.close()
  await inbox.remove(file)
}

/** A browser keeps large blobs on its disk: no more than a piece is in memory. */
async function download(inbox: Inbox, file: ReceivedFile): Promise<string> {
  const parts: Blob[] = []
  for await (const piece of inbox.read(file)) parts.push(new Blob([piece]))
  const url = URL.createObjectURL(new Blob(parts, { type: 'application/octet-stream' }))
  const link = document.createElement('a')
  link.href = url
  link.download = nameOf(file)
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), KEPT_FOR)
  await inbox.markSaved(file)
  return `${printable(file.path)} is handed to your downloads.`
}

/** Never over a file that is there. */
async function freeName(folder: FileSystemDirectoryHandle, name: string): Promise<string> {
  const dot = name.lastIndexOf('.') > 0 ? name.lastIndexOf('.') : name.length
  for (let copy = 1; ; copy++) {
    const free = copy === 1 ? name : `${name.slice(0, dot)} (${copy})${name.slice(dot)}`
    try {
      await folder.getFileHandle(free)
    } catch (error) {
      if (error instanceof DOMException && error.name === 'NotFoundError') return free
      if (!(error instanceof DOMException && error.name === 'TypeMismatchError')) throw error
    }
  }
}

/** Undefined where somebody decided otherwise. */
async function chosen<T>(pick: () => Promise<T>): Promise<T | undefined> {
  try {
    return await pick()
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return undefined
    throw error
  }
}

/** As browsers say that their system, or they, take no such name. */
const isName = (error: unknown): boolean => error instanceof TypeError

const nameOf = ({ path }: ReceivedFile): string => path.slice(path.lastIndexOf('/') + 1)

const NO_NAME = 'this system takes no such name. Save it by itself, under another one.'
const FULL_DISK = 'There is no more space where you save. Free some, and save the rest again.'
/** Milliseconds that a browser has to begin a download. */
const KEPT_FOR = 60_000
