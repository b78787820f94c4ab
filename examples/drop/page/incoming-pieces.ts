import type { Chamber } from '@stt/chamber'
import { equalBytes } from '@stt/crypto'
import {
  type AnnouncedFile,
  HASH_LENGTH,
  type IncomingFile,
  NOT_WHAT_WAS_SENT,
  Refusal,
  type TransferHash,
} from '@stt/transfer'
import { hashing } from './hashing.ts'
import { type Kept, PIECE, pieceKey, WHOLE } from './kept.ts'

/** A file that is coming, piece by piece; each is in the database before the next one is taken. */
export class IncomingPieces implements IncomingFile {
  readonly isThere = false
  readonly kept = false
  offset = 0
  readonly id: string
  readonly supersede: () => void
  readonly #vault: Chamber
  readonly #file: AnnouncedFile
  readonly #onClose: () => void
  #hash: TransferHash = hashing.create()
  /** Made when something comes: many files may be announced. */
  #piece = new Uint8Array(0)
  /** Bytes of the piece, and whole pieces before it. */
  #length = 0
  #count = 0
  #isTakenAway = false
  /** The write to the database that is under way. */
  #writing: Promise<unknown> = Promise.resolve()

  constructor(vault: Chamber, id: string, file: AnnouncedFile, supersede: () => void, onClose: () => void) {
    this.#vault = vault
    this.id = id
    this.supersede = supersede
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

  /** Ends the session that brings it: a later one does. Resolves once nothing of it is written any more. */
  async takeAway(): Promise<void> {
    this.#isTakenAway = true
    this.supersede()
    await this.#writing
  }

  start(offset: number): void {
    this.#checkTaken()
    this.#piece = new Uint8Array(Math.min(PIECE, this.#file.size))
    if (offset > 0) return
    this.#hash = hashing.create()
    this.#count = 0
    this.#length = 0
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    this.#checkTaken()
    this.#hash.update(bytes)
    return this.#take(bytes)
  }

  async hole(length: number): Promise<void> {
    await this.write(new Uint8Array(length))
  }

  async end(hash: Uint8Array): Promise<'received'> {
    this.#checkTaken()
    if (!equalBytes(this.#hash.value, hash)) {
      await this.#write(this.#removePieces())
      throw new Refusal(NOT_WHAT_WAS_SENT)
    }
    if (this.#length > 0) await this.#keep()
    this.#checkTaken()
    const { path, size, modified } = this.#file
    const metadata = { path, size, modified, received: Date.now(), saved: false } satisfies Kept
    await this.#write(this.#vault.store(WHOLE + this.id, hash.slice(), { metadata }))
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
    this.#checkTaken()
    await this.#write(this.#vault.store(pieceKey(this.id, this.#count), this.#piece.subarray(0, this.#length)))
    this.#count++
    this.#length = 0
  }

  async #removePieces(): Promise<void> {
    for (let index = 0; index < this.#count; index++) await this.#vault.delete(pieceKey(this.id, index))
  }

  /** A session that takes the file over waits until this has ended, in success or failure. */
  async #write(work: Promise<unknown>): Promise<void> {
    this.#writing = work.then(
      () => {},
      () => {},
    )
    await work
  }

  #checkTaken(): void {
    if (this.#isTakenAway) throw new Refusal('a later session of the same sender brings it')
  }
}
