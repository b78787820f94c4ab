import type { Chamber } from '@stt/chamber'
import { equalBytes, phe, toHex } from '@stt/crypto'
import { SttError } from '@stt/errors'
import {
  type AnnouncedFile,
  HASH_LENGTH,
  type IncomingFile,
  NOT_WHAT_WAS_SENT,
  pathProblem,
  Refusal,
  type TransferHash,
  type TransferTarget,
} from '@stt/transfer'
import { isFull, NO_SPACE } from './full.ts'
import { hashing } from './hashing.ts'

/** A file that is whole, and waits to be saved. */
export interface ReceivedFile {
  readonly id: string
  readonly path: string
  readonly size: number
  readonly modified: number
  /** When it came. */
  readonly received: number
  /** Whether it was handed to the browser's downloads, of which the page learns no more. */
  readonly saved: boolean
}

/** What a page has received: pieces of files that are coming, and whole files until they are saved. */
export class Inbox {
  readonly #vault: Chamber
  /** What is being received, whatever session brings it. */
  readonly #coming = new Set<IncomingPieces>()

  constructor(vault: Chamber) {
    this.#vault = vault
  }

  async list(): Promise<ReceivedFile[]> {
    const files: ReceivedFile[] = []
    for (const key of await this.#vault.list({ prefix: WHOLE })) {
      const found = await this.#vault.getMetadata(key)
      if (found) files.push({ ...(found.metadata as unknown as Kept), id: key.slice(WHOLE.length) })
    }
    return files.sort((a, b) => a.received - b.received || (a.path < b.path ? -1 : 1))
  }

  /** The bytes of a file, a piece at a time. */
  async *read({ id, size }: ReceivedFile): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for (let index = 0; index * PIECE < size; index++) {
      const piece = await this.#vault.retrieve(pieceKey(id, index))
      if (!piece)
        throw new SttError('STT_CHAMBER_CORRUPT', `piece ${index} of the file is not there: have it sent again`)
      yield piece as Uint8Array<ArrayBuffer>
    }
  }

  async markSaved(file: ReceivedFile): Promise<void> {
    const { metadata } = (await this.#vault.getMetadata(WHOLE + file.id))!
    const hash = (await this.#vault.retrieve(WHOLE + file.id))!
    await this.#vault.store(WHOLE + file.id, hash, { metadata: { ...(metadata as object), saved: true } })
  }

  /** The name first: what is left of a page that is closed meanwhile is cleared away by `clear`. */
  async remove({ id }: Pick<ReceivedFile, 'id'>): Promise<void> {
    await this.#vault.delete(WHOLE + id)
    await this.#removePieces(id)
  }

  /** Removes the pieces of all files that are not whole, and are not coming now. */
  async clear(): Promise<void> {
    for (const key of await this.#left()) if (!this.#isComing(key)) await this.#vault.delete(key)
  }

  /** Bytes of files that are not whole, and are not coming now. */
  async unfinished(): Promise<number> {
    return (await this.#left()).length * PIECE
  }

  /** Where a transfer of this sender goes. */
  target(sender: Uint8Array): TransferTarget {
    return new InboxTarget(this.#vault, sender, this.#coming)
  }

  /** The keys of pieces of which nothing is made now. */
  async #left(): Promise<readonly string[]> {
    const pieces = await this.#vault.list({ prefix: PIECES })
    // Read after them: what has become whole meanwhile is.
    const whole = new Set((await this.#vault.list({ prefix: WHOLE })).map(key => key.slice(WHOLE.length)))
    return pieces.filter(key => !whole.has(fileOf(key)) && !this.#isComing(key))
  }

  #isComing(key: string): boolean {
    return [...this.#coming].some(({ id }) => id === fileOf(key))
  }

  async #removePieces(id: string): Promise<void> {
    for (const key of await this.#vault.list({ prefix: `${PIECES}${id}/` })) await this.#vault.delete(key)
  }
}

type Kept = Omit<ReceivedFile, 'id'>

class InboxTarget implements TransferTarget {
  readonly #vault: Chamber
  readonly #sender: Uint8Array
  readonly #coming: Set<IncomingPieces>
  /** Paths that are being received. */
  readonly #open = new Set<string>()

  constructor(vault: Chamber, sender: Uint8Array, coming: Set<IncomingPieces>) {
    this.#vault = vault
    this.#sender = sender
    this.#coming = coming
  }

  /** Folders are in the paths of their files. */
  addFolder({ path }: Omit<AnnouncedFile, 'size'>): void {
    check(path)
  }

  async takeWhole(
    file: AnnouncedFile & { readonly bytes: Uint8Array; readonly hash: Uint8Array },
  ): Promise<'done' | 'had'> {
    const { path, modified, bytes, hash } = file
    const size = bytes.length
    const incoming = await this.announce({ path, size, mode: 0, modified })
    if (incoming.isThere) {
      if (!equalBytes(incoming.hash, hash)) throw new Refusal(OTHER)
      return 'had'
    }
    try {
      await incoming.start(0)
      await incoming.write(bytes)
      await incoming.end(hash)
    } finally {
      await incoming.close()
    }
    return 'done'
  }

  async announce(file: AnnouncedFile): Promise<IncomingFile> {
    check(file.path)
    const id = toHex(phe.digest('drop file', this.#sender, utf8.encode(file.path)).subarray(0, 16))
    const there = await this.#vault.getMetadata(WHOLE + id)
    if (there) {
      if ((there.metadata as unknown as Kept).size !== file.size) throw new Refusal(OTHER)
      return thereAlready(file.size, (await this.#vault.retrieve(WHOLE + id))!)
    }
    if (this.#open.has(id)) throw new Refusal('it is being sent already')
    this.#open.add(id)
    const incoming = new IncomingPieces(this.#vault, id, file, () => {
      this.#open.delete(id)
      this.#coming.delete(incoming)
    })
    this.#coming.add(incoming)
    try {
      await incoming.resume()
    } catch (error) {
      incoming.close()
      throw error
    }
    return incoming
  }

  finish(): void {}

  problemOf(): undefined {
    return undefined
  }

  faultOf(error: unknown): { reason: string; error: Error } | undefined {
    return isFull(error) ? { reason: NO_SPACE, error: error as Error } : undefined
  }
}

/** A file that is coming, piece by piece; each is in the database before the next one is taken. */
class IncomingPieces implements IncomingFile {
  readonly isThere = false
  readonly kept = false
  offset = 0
  readonly id: string
  readonly #vault: Chamber
  readonly #file: AnnouncedFile
  readonly #onClose: () => void
  #hash: TransferHash = hashing.create()
  /** Made when something comes: many files may be announced. */
  #piece = new Uint8Array(0)
  /** Bytes of the piece, and whole pieces before it. */
  #length = 0
  #count = 0

  constructor(vault: Chamber, id: string, file: AnnouncedFile, onClose: () => void) {
    this.#vault = vault
    this.id = id
    this.#file = file
    this.#onClose = onClose
  }

  get hash(): Uint8Array {
    return this.offset === 0 ? new Uint8Array(HASH_LENGTH) : this.#hash.value
  }

  /** Takes up what came before this page was closed or the session ended: whole pieces, read back. */
  async resume(): Promise<void> {
    const most = Math.floor(this.#file.size / PIECE)
    while (this.#count < most) {
      const piece = await this.#vault.retrieve(pieceKey(this.id, this.#count))
      if (piece?.length !== PIECE) break
      this.#hash.update(piece)
      this.#count++
    }
    this.offset = this.#count * PIECE
  }

  start(offset: number): void {
    this.#piece = new Uint8Array(Math.min(PIECE, this.#file.size))
    if (offset > 0) return
    this.#hash = hashing.create()
    this.#count = 0
    this.#length = 0
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    this.#hash.update(bytes)
    return this.#take(bytes)
  }

  async hole(length: number): Promise<void> {
    await this.write(new Uint8Array(length))
  }

  async end(hash: Uint8Array): Promise<'received'> {
    if (!equalBytes(this.#hash.value, hash)) {
      for (let index = 0; index < this.#count; index++) await this.#vault.delete(pieceKey(this.id, index))
      throw new Refusal(NOT_WHAT_WAS_SENT)
    }
    if (this.#length > 0) await this.#keep()
    const { path, size, modified } = this.#file
    const metadata = { path, size, modified, received: Date.now(), saved: false }
    await this.#vault.store(WHOLE + this.id, hash.slice(), { metadata })
    return 'received'
  }

  close(): void {
    this.#piece = new Uint8Array(0)
    this.#onClose()
  }

  /** Waits only where a piece is full. */
  #take(bytes: Uint8Array): Promise<void> | undefined {
    const taken = bytes.subarray(0, this.#piece.length - this.#length)
    this.#piece.set(taken, this.#length)
    this.#length += taken.length
    if (this.#length < PIECE) return undefined
    return this.#keep().then(() => this.#take(bytes.subarray(taken.length)))
  }

  async #keep(): Promise<void> {
    await this.#vault.store(pieceKey(this.id, this.#count), this.#piece.subarray(0, this.#length))
    this.#count++
    this.#length = 0
  }
}

/** One that waits here under the same name: nothing replaces it. */
const thereAlready = (size: number, hash: Uint8Array): IncomingFile => ({
  ...{ offset: size, hash, isThere: true, kept: true },
  start() {
    throw new Refusal(OTHER)
  },
  write() {},
  hole() {},
  end(sent) {
    if (!equalBytes(hash, sent)) throw new Refusal(OTHER)
    return 'same'
  },
  close() {},
})

function check(path: string): void {
  const problem = pathProblem(path, false)
  if (problem !== undefined) throw new Refusal(problem)
}

const pieceKey = (id: string, index: number): string => `${PIECES}${id}/${String(index).padStart(8, '0')}`

const fileOf = (pieceKey: string): string => pieceKey.split('/')[1]!

const utf8 = new TextEncoder()
const OTHER = 'a file of that name waits in the page already, with other content: save it there first, and remove it'
const WHOLE = 'whole/'
const PIECES = 'piece/'
const PIECE = 1_048_576
