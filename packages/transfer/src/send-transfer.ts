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

/** The outcome for a file: sent, already there, refused by the receiver, or not readable. */
export type SendOutcome = 'sent' | 'same' | 'refused' | 'failed'

/** Called while the sending end works. */
export interface SendEvents<E extends TransferEntry = TransferEntry> {
  /** A file has its final outcome; `reason` says why it was refused or failed. */
  onFile(entry: E, outcome: SendOutcome, reason?: string): void
  /** Bytes of the total that the receiver has, including those of earlier attempts. */
  onProgress(bytes: number): void
}

/** Options of `sendTransfer`. */
export interface SendOptions<E extends TransferEntry = TransferEntry> {
  /** Files and folders to send, each folder before its contents. */
  readonly entries: readonly E[]
  /** Reads the files. */
  readonly source: TransferSource<E>
  /** Hashes them. */
  readonly hashing: TransferHashing
  /** Awaited before so many bytes are sent, to limit the rate. Default: no limit. */
  readonly pace?: ((length: number) => Promise<void>) | undefined
  /** Ends the transfer. */
  readonly signal: AbortSignal
  /** Called while it works. */
  readonly events: SendEvents<E>
}

/**
 * Sends files and folders over a stream. Resolves when the receiver has each file on its disk, or has said why not.
 *
 * Rejects with a TransferError if the receiver ends the transfer, a TransferProtocolError if it breaks the protocol, and the
 * stream's error if the session ends. The next attempt goes on from what the receiver has by then.
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
  /** Files that were announced, and of which the receiver had all bytes. */
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
    // The first one to fail gives the reason.
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
      // Files are announced well before they are sent, so that the answer is there when their turn comes.
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

  /** Announces a file or folder, or sends a small file whole. */
  async #tell(entry: E): Promise<void> {
    const { kind, path, size, mode, modified } = entry
    if (kind === 'folder') {
      this.#outbox.send({ type: 'folder', path, mode, modified })
      return
    }
    if (size <= MAX_WHOLE && this.#wholes.areWorthIt) {
      await this.#options.pace?.(size)
      // Without a promise the file was read at once.
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

  /** @returns undefined if the file has fewer bytes */
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

  /** Resolves once the condition holds; it is checked after each answer. */
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

/** The reason not to send a file. Rethrows any other error. */
function reasonNotSent(error: unknown): string {
  if (error instanceof NotSent) return error.message
  throw error
}

const isZero = (bytes: Uint8Array): boolean => bytes.length >= LEAST_HOLE && !bytes.some(byte => byte !== 0)

const TAKEN = 'a file of that name is there already, with other content (stt receive --overwrite replaces it)'
const PIECE = 262_144
const PREFIX_BLOCK = 1_048_576
/** The most files and folders to announce before answers are handled. */
const MOST_AT_ONCE = 64
/** Shorter runs of zeros are sent as data. */
const LEAST_HOLE = 4_096
