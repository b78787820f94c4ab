import type { Chamber } from '@stt/chamber'
import { equalBytes, phe, toHex } from '@stt/crypto'
import { SttError } from '@stt/errors'
import { type AnnouncedFile, type IncomingFile, pathProblem, Refusal, type TransferTarget } from '@stt/transfer'
import { isFull, NO_SPACE } from './full.ts'
import { IncomingPieces } from './incoming-pieces.ts'
import { type Kept, PIECE, PIECES, pieceKey, WHOLE } from './kept.ts'

/** A file that is whole, and waits to be saved. */
export interface ReceivedFile extends Kept {
  readonly id: string
}

/** The received files of a page: pieces of those that are coming, and whole ones until they are saved. */
export class Inbox {
  readonly #vault: Chamber
  /** The files that are being received, by path, from any session. */
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

  /**
   * Where a transfer of this sender goes.
   *
   * @param supersede ends the session that it is of, where a later one of the same sender brings a file that it has begun: that
   * one is dead then, or about to be
   */
  target(sender: Uint8Array, supersede: () => void): TransferTarget {
    return new InboxTarget(this.#vault, sender, this.#coming, supersede)
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

class InboxTarget implements TransferTarget {
  readonly #vault: Chamber
  readonly #sender: Uint8Array
  readonly #coming: Set<IncomingPieces>
  readonly #supersede: () => void

  constructor(vault: Chamber, sender: Uint8Array, coming: Set<IncomingPieces>, supersede: () => void) {
    this.#vault = vault
    this.#sender = sender
    this.#coming = coming
    this.#supersede = supersede
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
    const before = [...this.#coming].filter(each => each.id === id)
    if (before.some(({ supersede }) => supersede === this.#supersede)) throw new Refusal('it is being sent already')
    const incoming = new IncomingPieces(this.#vault, id, file, this.#supersede, () => this.#coming.delete(incoming))
    // From here on another session that brings the same path finds this one.
    this.#coming.add(incoming)
    try {
      // Of two that write pieces of one name neither would have the file.
      for (const each of before) await each.takeAway()
      const there = await this.#there(id, file.size)
      if (!there) await incoming.resume()
      else incoming.close()
      return there ?? incoming
    } catch (error) {
      incoming.close()
      throw error
    }
  }

  async #there(id: string, size: number): Promise<IncomingFile | undefined> {
    const found = await this.#vault.getMetadata(WHOLE + id)
    if (!found) return undefined
    if ((found.metadata as unknown as Kept).size !== size) throw new Refusal(OTHER)
    return thereAlready(size, (await this.#vault.retrieve(WHOLE + id))!)
  }

  finish(): void {}

  problemOf(): undefined {
    return undefined
  }

  faultOf(error: unknown): { reason: string; error: Error } | undefined {
    return isFull(error) ? { reason: NO_SPACE, error: error as Error } : undefined
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

const fileOf = (pieceKey: string): string => pieceKey.split('/')[1]!

const utf8 = new TextEncoder()
const OTHER = 'a file of that name waits in the page already, with other content: save it there first, and remove it'
