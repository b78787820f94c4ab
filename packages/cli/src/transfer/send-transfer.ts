import { closeSync, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { CliError, hasCode, reasonOf } from '../cli-error.ts'
import { ExitCode } from '../exit-codes.ts'
import { FileHash, hashOf, hashPrefix } from './hash.ts'
import { Outbox, type TransferStream } from './outbox.ts'
import { Pacer } from './pacer.ts'
import { endWhole, startData, startWhole, wholeLength } from './protocol/encode.ts'
import { MessageReader } from './protocol/message-reader.ts'
import {
  HEADER_LENGTH,
  MAX_UNANSWERED,
  MAX_WHOLE,
  type Message,
  type ReceiverMessage,
  VERSION,
} from './protocol/messages.ts'
import { SenderRules } from './protocol/sender-rules.ts'
import type { Entry } from './scan.ts'
import { WholeFiles } from './whole-files.ts'

export type Outcome = 'sent' | 'same' | 'refused' | 'failed'

/** What the sending end tells while it works. */
export interface SendEvents {
  /** The last that is said of a file. */
  onFile(entry: Entry, outcome: Outcome, reason?: string): void
  /** Bytes of the total that the receiver has, whether they were sent now or before. */
  onProgress(bytes: number): void
}

export interface SendOptions {
  readonly entries: readonly Entry[]
  /** Bytes a second. */
  readonly limit?: number | undefined
  readonly signal: AbortSignal
  readonly events: SendEvents
}

/**
 * Sends files and folders over a stream. Resolves when the receiver has everything on its disk, or has said of each file why
 * not.
 *
 * Rejects with a CliError where the receiver gives up; with what the stream gives where the session ends. What the receiver has
 * by then it has for the next time.
 */
export async function sendTransfer(stream: TransferStream, options: SendOptions): Promise<void> {
  await new SendTransfer(stream, options).run()
}

type Want = Extract<ReceiverMessage, { type: 'want' }>

class SendTransfer {
  readonly #stream: TransferStream
  readonly #options: SendOptions
  readonly #outbox: Outbox
  readonly #rules = new SenderRules()
  readonly #pacer: Pacer | undefined
  /** Files without their last answer, by id. */
  readonly #files = new Map<number, Entry>()
  readonly #wanted: Want[] = []
  /** Of the files that were sent, those of which the receiver had everything. */
  readonly #same = new Set<number>()
  readonly #wholes = new WholeFiles()
  #nextId = 0
  #wake: (() => void) | undefined
  #isFinished = false
  #isReady = false
  #progress = 0

  constructor(stream: TransferStream, options: SendOptions) {
    this.#stream = stream
    this.#options = options
    this.#outbox = new Outbox(stream)
    this.#pacer = options.limit === undefined ? undefined : new Pacer(options.limit)
  }

  async run(): Promise<void> {
    const { entries } = this.#options
    const files = entries.filter(({ kind }) => kind === 'file')
    const bytes = files.reduce((sum, { size }) => sum + size, 0)
    this.#outbox.send({ type: 'begin', version: VERSION, files: files.length, bytes })
    const answers = this.#readAnswers()
    // Whichever fails first says why.
    await Promise.all([answers, this.#announceAndSend()])
  }

  async #announceAndSend(): Promise<void> {
    await this.#until(() => this.#isReady)
    let next = 0
    const { entries, signal } = this.#options
    const mayTell = (): boolean =>
      next < entries.length && this.#rules.unanswered < MAX_UNANSWERED && this.#wholes.hasRoom
    while (next < entries.length || this.#rules.unanswered > 0) {
      signal.throwIfAborted()
      // Files are told of well ahead of what is sent, so that answers are there when their turn comes.
      for (let told = 0; mayTell() && told < MOST_AT_ONCE; told++) await this.#tell(entries[next++]!)
      const want = this.#wanted.shift()
      if (want) await this.#answer(want)
      else await this.#until(() => this.#wanted.length > 0 || mayTell() || this.#rules.unanswered === 0)
      await this.#outbox.room()
    }
    this.#rules.saidAll()
    this.#outbox.send({ type: 'all' })
    await this.#outbox.flushed()
  }

  /** Says that there is a file or folder, or gives a small file whole. */
  async #tell(entry: Entry): Promise<void> {
    const { kind, path, size, mode, modified } = entry
    if (kind === 'folder') {
      this.#outbox.send({ type: 'folder', path, mode, modified })
      return
    }
    if (size <= MAX_WHOLE && this.#wholes.areWorthIt) {
      await this.#pace(size)
      this.#sendWhole(entry)
      return
    }
    const id = this.#nextId++
    this.#files.set(id, entry)
    this.#rules.announced(id, size)
    if (size <= MAX_WHOLE) this.#wholes.asked()
    this.#outbox.send({ type: 'file', path, size, mode, modified })
  }

  /** In one go: thousands of small files take most of their time between calls that wait. */
  #sendWhole(entry: Entry): void {
    const message = this.#outbox.take(wholeLength(entry.path, entry.size))
    const bytes = message.subarray(startWhole(message, entry))
    try {
      readWhole(entry, bytes)
    } catch (error) {
      this.#options.events.onFile(entry, 'failed', reasonNotSent(error))
      return
    }
    endWhole(message, hashOf(bytes))
    this.#outbox.sendTaken(message)
    const id = this.#nextId++
    this.#files.set(id, entry)
    this.#rules.sentWhole(id)
    this.#wholes.sent(id, bytes.length)
    this.#advance(bytes.length)
  }

  async #readAnswers(): Promise<void> {
    const reader = new MessageReader()
    for await (const chunk of this.#stream) {
      for (const message of reader.read(chunk)) {
        this.#rules.check(message)
        this.#handle(message)
      }
      this.#wake?.()
      if (this.#isFinished) return
    }
    throw new CliError(ExitCode.failed, 'the receiver left before everything was there')
  }

  #handle(message: Message): void {
    switch (message.type) {
      case 'ready':
        if (message.version !== VERSION) {
          throw new CliError(ExitCode.failed, `the receiver speaks version ${message.version} of the transfer, this side ${VERSION}: install the later stt on both`) // biome-ignore format: one line
        }
        this.#isReady = true
        return
      case 'want':
        this.#wanted.push(message)
        if (this.#files.get(message.id)!.size <= MAX_WHOLE) this.#wholes.wanted(message.offset > 0 || message.kept)
        return
      case 'done':
        for (let id = message.id; id < message.id + message.count; id++) {
          this.#wholes.done(id)
          this.#settle(id, this.#same.delete(id) ? 'same' : 'sent')
        }
        return
      case 'had':
        for (let id = message.id; id < message.id + message.count; id++) {
          this.#wholes.had(id)
          this.#settle(id, 'same')
        }
        return
      case 'refused':
        this.#wholes.refused(message.id)
        this.#settle(message.id, 'refused', message.reason)
        return
      case 'abort':
        throw new CliError(ExitCode.failed, `the receiver gave up: ${message.reason}`)
      case 'finished':
        this.#isFinished = true
    }
  }

  #settle(id: number, outcome: Outcome, reason?: string): void {
    const entry = this.#files.get(id)!
    this.#files.delete(id)
    this.#options.events.onFile(entry, outcome, reason)
  }

  async #answer(want: Want): Promise<void> {
    const { id } = want
    const entry = this.#files.get(id)!
    try {
      const file = await open(entry.source, 'r')
      try {
        await this.#sendFile(want, entry, file)
      } finally {
        await file.close()
      }
    } catch (error) {
      const reason = reasonNotSent(error)
      this.#rules.gaveUp(id)
      this.#outbox.send({ type: 'give-up', id, reason })
      this.#settle(id, 'failed', reason)
    }
  }

  async #sendFile({ id, offset, hash: theirs, kept }: Want, entry: Entry, file: FileHandle): Promise<void> {
    const { size } = entry
    const { signal } = this.#options
    if (isChanged(await file.stat(), entry)) throw new GivenUp(CHANGED)
    let hash = new FileHash()
    let from = 0
    if (offset > 0) {
      const prefix = await hashPrefix(file, offset, signal)
      if (prefix && Buffer.from(prefix.value).equals(theirs)) {
        hash = prefix
        from = offset
      } else if (kept) throw new GivenUp(TAKEN)
    }
    this.#advance(from)
    if (from === size) {
      if (kept) this.#same.add(id)
    } else {
      this.#outbox.send({ type: 'from', id, offset: from })
      await this.#sendData(file, from, size, hash)
    }
    if (isChanged(await file.stat(), entry)) throw new GivenUp(CHANGED)
    this.#rules.ended(id)
    this.#outbox.send({ type: 'end', id, hash: hash.value })
  }

  async #sendData(file: FileHandle, from: number, size: number, hash: FileHash): Promise<void> {
    const { signal } = this.#options
    for (let offset = from; offset < size; ) {
      signal.throwIfAborted()
      const length = Math.min(PIECE, size - offset)
      await this.#pace(length)
      // Read at once: a disk is much faster than what waits for it in a thread, and flow control lets others have their turn.
      const message = this.#outbox.take(HEADER_LENGTH + length)
      const read = readSync(file.fd, message, HEADER_LENGTH, length, offset)
      if (read === 0) throw new GivenUp(CHANGED)
      const bytes = message.subarray(HEADER_LENGTH, HEADER_LENGTH + read)
      hash.update(bytes)
      offset += read
      if (isZero(bytes)) this.#outbox.send({ type: 'hole', length: read })
      else {
        startData(message, read)
        this.#outbox.sendTaken(message.subarray(0, HEADER_LENGTH + read))
      }
      this.#advance(read)
      await this.#outbox.room()
    }
  }

  async #pace(length: number): Promise<void> {
    const wait = this.#pacer?.take(length, performance.now()) ?? 0
    if (wait > 0) await delay(wait, undefined, { signal: this.#options.signal })
  }

  #advance(bytes: number): void {
    this.#progress += bytes
    this.#options.events.onProgress(this.#progress)
  }

  /** Resolves once it holds: looked at after each answer. */
  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }
}

/** Why a file is not sent, where that is no fault of the transfer. */
class GivenUp extends Error {}

/** Why a file is not sent. What is no fault of that file's is thrown on. */
function reasonNotSent(error: unknown): string {
  if (error instanceof GivenUp) return error.message
  if (error instanceof Error && 'syscall' in error && hasCode(error, ...OWN))
    return `cannot read it: ${reasonOf(error)}`
  throw error
}

/** @param bytes as many as it had, to be filled */
function readWhole(entry: Entry, bytes: Uint8Array): void {
  const file = openSync(entry.source, 'r')
  try {
    let length = 0
    for (let read = -1; length < bytes.length && read !== 0; length += read) {
      read = readSync(file, bytes, length, bytes.length - length, length)
    }
    // Looked at afterwards: what was changed before or meanwhile has another time by now.
    if (length < bytes.length || isChanged(fstatSync(file), entry)) throw new GivenUp(CHANGED)
  } finally {
    closeSync(file)
  }
}

const isChanged = ({ size, mtimeMs }: Stats, entry: Entry): boolean =>
  size !== entry.size || Math.max(0, Math.floor(mtimeMs)) !== entry.modified
const isZero = (bytes: Uint8Array): boolean =>
  bytes.length >= LEAST_HOLE && zeros.compare(bytes, 0, bytes.length, 0, bytes.length) === 0

const CHANGED = 'it changed while it was sent: send it again'
const TAKEN = 'a file of that name is there already, with other content (stt receive --overwrite replaces it)'
const PIECE = 262_144
/** Files and folders that are told before answers are looked at. */
const MOST_AT_ONCE = 64
/** Shorter runs of zeros are data. */
const LEAST_HOLE = 4_096
const zeros = Buffer.alloc(PIECE)
/** What the system says of a file that cannot be read. */
const OWN = ['ENOENT', 'EACCES', 'EPERM', 'EISDIR', 'EIO', 'ELOOP', 'ENXIO', 'EBUSY', 'ESTALE', 'ENOTDIR']
