import { equalBytes } from '@stt/crypto'
import { checkInteger, checkType, describe } from '@stt/errors'
import { checkMethods, checkTransfer, invalid } from './check.ts'
import { CHANGED, NotSent, TransferError } from './errors.ts'
import { Outbox, type TransferStream } from './outbox.ts'
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
import { pathProblem } from './protocol/path-rules.ts'
import { SenderRules } from './protocol/sender-rules.ts'
import type { OpenSource, TransferEntry, TransferHash, TransferHashing, TransferSource } from './source.ts'
import { WholeFiles } from './whole-files.ts'

/** What became of a file. */
export type SendOutcome = 'sent' | 'same' | 'refused' | 'failed'

/** What the sending end tells while it works. */
export interface SendEvents<E extends TransferEntry = TransferEntry> {
  /** The last that is said of a file. */
  onFile(entry: E, outcome: SendOutcome, reason?: string): void
  /** Bytes of the total that the receiver has, whether they were sent now or before. */
  onProgress(bytes: number): void
}

export interface SendOptions<E extends TransferEntry = TransferEntry> {
  /** Folders before what is in them. */
  readonly entries: readonly E[]
  readonly source: TransferSource<E>
  readonly hashing: TransferHashing
  /** Is waited for before so many bytes go out. */
  readonly pace?: ((length: number) => Promise<void>) | undefined
  readonly signal: AbortSignal
  readonly events: SendEvents<E>
}

/**
 * Sends files and folders over a stream. Resolves when the receiver has everything on its disk, or has said of each file why
 * not.
 *
 * Rejects with a TransferError where the receiver gives up; with a TransferProtocolError where it says what it may not; with what the stream gives where the session ends. What the receiver has
 * by then it has for the next time.
 */
export async function sendTransfer<E extends TransferEntry>(
  stream: TransferStream,
  options: SendOptions<E>,
): Promise<void> {
  checkTransfer('sendTransfer', stream, options, ['entries', 'source', 'hashing', 'pace'], ['onFile', 'onProgress'])
  if (!Array.isArray(options.entries)) throw invalid(`entries are an array, not ${describe(options.entries)}`)
  for (const entry of options.entries) checkEntry(entry)
  checkMethods(options.source, 'a source', ['readWhole', 'open'])
  checkMethods(options.hashing, 'hashing', ['create', 'of'])
  if (options.pace !== undefined) checkType(options.pace, 'pace', 'function')
  await new SendTransfer(stream, options).run()
}

type Want = Extract<ReceiverMessage, { type: 'want' }>

class SendTransfer<E extends TransferEntry> {
  readonly #stream: TransferStream
  readonly #options: SendOptions<E>
  readonly #outbox: Outbox
  readonly #rules = new SenderRules()
  /** Files without their last answer, by id. */
  readonly #files = new Map<number, E>()
  readonly #wanted: Want[] = []
  /** Of the files that were sent, those of which the receiver had everything. */
  readonly #same = new Set<number>()
  readonly #wholes = new WholeFiles()
  #nextId = 0
  #wake: (() => void) | undefined
  #isFinished = false
  #isReady = false
  #progress = 0

  constructor(stream: TransferStream, options: SendOptions<E>) {
    this.#stream = stream
    this.#options = options
    this.#outbox = new Outbox(stream)
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
  async #tell(entry: E): Promise<void> {
    const { kind, path, size, mode, modified } = entry
    if (kind === 'folder') {
      this.#outbox.send({ type: 'folder', path, mode, modified })
      return
    }
    if (size <= MAX_WHOLE && this.#wholes.areWorthIt) {
      await this.#options.pace?.(size)
      // Only what is read in the background is waited for.
      const sending = this.#sendWhole(entry)
      if (sending) await sending
      return
    }
    const id = this.#nextId++
    this.#files.set(id, entry)
    this.#rules.announced(id, size)
    if (size <= MAX_WHOLE) this.#wholes.asked()
    this.#outbox.send({ type: 'file', path, size, mode, modified })
  }

  #sendWhole(entry: E): Promise<void> | undefined {
    const message = this.#outbox.take(wholeLength(entry.path, entry.size))
    const bytes = message.subarray(startWhole(message, entry))
    const send = (): void => {
      endWhole(message, this.#options.hashing.of(bytes))
      this.#outbox.sendTaken(message)
      const id = this.#nextId++
      this.#files.set(id, entry)
      this.#rules.sentWhole(id)
      this.#wholes.sent(id, bytes.length)
      this.#advance(bytes.length)
    }
    const fail = (error: unknown): void => this.#options.events.onFile(entry, 'failed', reasonNotSent(error))
    try {
      const reading = this.#options.source.readWhole(entry, bytes)
      if (reading) return reading.then(send, fail)
    } catch (error) {
      fail(error)
      return undefined
    }
    send()
    return undefined
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
    throw new TransferError('left', 'the receiver left before everything was there')
  }

  #handle(message: Message): void {
    switch (message.type) {
      case 'ready':
        if (message.version !== VERSION) {
          throw new TransferError('version', `the receiver speaks version ${message.version} of the transfer, this side ${VERSION}: install the later stt on both`) // biome-ignore format: one line
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
        throw new TransferError('gave-up', `the receiver gave up: ${message.reason}`)
      case 'finished':
        this.#isFinished = true
    }
  }

  #settle(id: number, outcome: SendOutcome, reason?: string): void {
    const entry = this.#files.get(id)!
    this.#files.delete(id)
    this.#options.events.onFile(entry, outcome, reason)
  }

  async #answer(want: Want): Promise<void> {
    const { id } = want
    const entry = this.#files.get(id)!
    try {
      const file = await this.#options.source.open(entry)
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

  async #sendFile({ id, offset, hash: theirs, kept }: Want, { size }: E, file: OpenSource): Promise<void> {
    await file.check()
    let hash: TransferHash | undefined
    let from = 0
    if (offset > 0) {
      const prefix = await this.#hashPrefix(file, offset)
      if (prefix && equalBytes(prefix.value, theirs)) {
        hash = prefix
        from = offset
      } else if (kept) throw new NotSent(TAKEN)
    }
    hash ??= this.#options.hashing.create()
    this.#advance(from)
    if (from === size) {
      if (kept) this.#same.add(id)
    } else {
      this.#outbox.send({ type: 'from', id, offset: from })
      await this.#sendData(file, from, size, hash)
    }
    await file.check()
    this.#rules.ended(id)
    this.#outbox.send({ type: 'end', id, hash: hash.value })
  }

  /** @returns undefined where there are fewer bytes */
  async #hashPrefix(file: OpenSource, length: number): Promise<TransferHash | undefined> {
    const { hashing, signal } = this.#options
    const hash = hashing.create()
    const block = new Uint8Array(Math.min(PREFIX_BLOCK, length))
    for (let offset = 0; offset < length; ) {
      signal.throwIfAborted()
      const read = await file.read(block.subarray(0, length - offset), offset)
      if (read === 0) return undefined
      hash.update(block.subarray(0, read))
      offset += read
    }
    return hash
  }

  async #sendData(file: OpenSource, from: number, size: number, hash: TransferHash): Promise<void> {
    const { signal, pace } = this.#options
    for (let offset = from; offset < size; ) {
      signal.throwIfAborted()
      const length = Math.min(PIECE, size - offset)
      await pace?.(length)
      const message = this.#outbox.take(HEADER_LENGTH + length)
      const reading = file.read(message.subarray(HEADER_LENGTH), offset)
      const read = typeof reading === 'number' ? reading : await reading
      if (read === 0) throw new NotSent(CHANGED)
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

function checkEntry(entry: TransferEntry): void {
  const { kind, path, size, mode, modified } = (entry ?? {}) as Partial<TransferEntry>
  if (kind !== 'file' && kind !== 'folder') throw invalid(`an entry is a file or a folder, not ${describe(kind)}`)
  const problem = pathProblem(path!, false)
  if (problem !== undefined) throw invalid(`a path cannot be sent: ${problem}`)
  checkInteger(size, 'the size of an entry', 0, Number.MAX_SAFE_INTEGER)
  checkInteger(mode, 'the mode of an entry', 0, 0o7777)
  checkInteger(modified, 'the time of an entry', 0, Number.MAX_SAFE_INTEGER)
}

/** Why a file is not sent. What is no fault of that file's is thrown on. */
function reasonNotSent(error: unknown): string {
  if (error instanceof NotSent) return error.message
  throw error
}

const isZero = (bytes: Uint8Array): boolean => bytes.length >= LEAST_HOLE && !bytes.some(byte => byte !== 0)

const TAKEN = 'a file of that name is there already, with other content (stt receive --overwrite replaces it)'
const PIECE = 262_144
const PREFIX_BLOCK = 1_048_576
/** Files and folders that are told before answers are looked at. */
const MOST_AT_ONCE = 64
/** Shorter runs of zeros are data. */
const LEAST_HOLE = 4_096
