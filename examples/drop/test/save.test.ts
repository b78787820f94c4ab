import { Chamber, MemoryStore } from '@stt/chamber'
import { afterEach, expect, test, vi } from 'vitest'
import { hashing } from '../page/hashing.ts'
import { Inbox, type ReceivedFile } from '../page/inbox.ts'

/** The page's, whose types are a browser's: tests are checked with those of Node. */
interface Saving {
  save(inbox: Inbox, file: ReceivedFile): Promise<string | undefined>
  saveAll(inbox: Inbox, files: readonly ReceivedFile[]): Promise<string | undefined>
}
const { save, saveAll } = (await import(['..', 'page', 'save.ts'].join('/'))) as Saving

afterEach(() => vi.unstubAllGlobals())

/** A disk that people choose places on. */
class Disk {
  /** Whole files, by path. */
  readonly files = new Map<string, string>()
  /** The name of the error with which a file is refused once all of it is written. */
  problem: string | undefined
  /** How often a file was begun. */
  begun = 0

  folder(path = ''): unknown {
    return {
      getDirectoryHandle: async (name: string) => this.folder(`${path}${name}/`),
      getFileHandle: async (name: string, { create = false } = {}) => {
        if (name.includes('\\')) throw new TypeError('Name is not allowed.')
        if (!create && !this.files.has(path + name)) throw new DOMException('', 'NotFoundError')
        return this.file(path + name)
      },
    }
  }

  file(path: string): unknown {
    return {
      createWritable: async () => {
        let text = ''
        this.begun++
        return {
          write: async (piece: Uint8Array) => void (text += Buffer.from(piece).toString()),
          abort: async () => {},
          close: async () => {
            if (this.problem) throw new DOMException('', this.problem)
            this.files.set(path, text)
          },
        }
      },
    }
  }
}

async function setUp(...paths: string[]) {
  const vault = await Chamber.open({ store: new MemoryStore(), id: 'drop', key: new Uint8Array(32).fill(1) })
  const inbox = new Inbox(vault)
  const sender = inbox.target(new Uint8Array(32).fill(1), () => {})
  const receive = async (path: string): Promise<void> => {
    const bytes = new TextEncoder().encode(path)
    await sender.takeWhole({ path, mode: 0, modified: 0, bytes, hash: hashing.of(bytes) })
  }
  for (const path of paths) await receive(path)
  const disk = new Disk()
  vi.stubGlobal('showDirectoryPicker', async () => disk.folder())
  vi.stubGlobal('showSaveFilePicker', async ({ suggestedName }: { suggestedName: string }) => disk.file(suggestedName))
  const left = async (): Promise<string[]> => (await inbox.list()).map(({ path }) => path)
  return { inbox, disk, receive, left }
}

test('a name that the disk refuses is told, and all other files are saved and leave the page', async () => {
  const { inbox, disk, left } = await setUp('a/one', 'b\\two', 'c')
  await expect(saveAll(inbox, await inbox.list())).rejects.toThrow(
    /^2 of 3 files are saved\. Not b\\two: this system takes no such name/,
  )
  expect(Object.fromEntries(disk.files)).toEqual({ 'a/one': 'a/one', c: 'c' })
  expect(await left()).toEqual(['b\\two'])
})

test('a full disk is told once, for the first file that it has no space for, and all of them stay', async () => {
  const { inbox, disk, left } = await setUp('a', 'b')
  disk.problem = 'QuotaExceededError'
  await expect(saveAll(inbox, await inbox.list())).rejects.toThrow('There is no more space where you save')
  expect([disk.begun, disk.files.size]).toEqual([1, 0])
  expect(await left()).toEqual(['a', 'b'])
})

test('a file that is there is not written over', async () => {
  const { inbox, disk, receive } = await setUp('a.txt')
  await saveAll(inbox, await inbox.list())
  await receive('a.txt')
  expect(await saveAll(inbox, await inbox.list())).toBe('1 files are saved.')
  expect([...disk.files.keys()]).toEqual(['a.txt', 'a (2).txt'])
})

test('one file stays in the page until it is whole where somebody chose, and where nobody chose', async () => {
  const { inbox, disk, left } = await setUp('folder/a.txt')
  const [file] = await inbox.list()
  disk.problem = 'InvalidStateError'
  await expect(save(inbox, file!)).rejects.toThrow(expect.objectContaining({ name: 'InvalidStateError' }))
  expect(await left()).toEqual(['folder/a.txt'])
  vi.stubGlobal('showSaveFilePicker', () => Promise.reject(new DOMException('', 'AbortError')))
  expect(await save(inbox, file!)).toBeUndefined()
  expect(await left()).toEqual(['folder/a.txt'])
  vi.stubGlobal('showSaveFilePicker', async () => new Disk().file('elsewhere'))
  expect(await save(inbox, file!)).toBe('folder/a.txt is saved.')
  expect(await left()).toEqual([])
})
