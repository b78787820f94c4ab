import { bytesOf, describe, SttError } from '@stt/errors'
import { isCloseCode, WebSocketCloseCode } from './close-code.ts'
import { checkFirstBytes, checkLength, extendedLengthSize, readLength, readUint32, type Violation } from './header.ts'
import { MAX_CONTROL_PAYLOAD, MAX_FRAGMENTS, MAX_MESSAGE_SIZE } from './limits.ts'
import { applyMask } from './mask.ts'
import { Opcode } from './opcode.ts'

/**
 * An event of the received stream. `data` is valid until the next call of `next` or `push`. `close` and `violation` are the
 * last events: the decoder discards the bytes after them.
 */
export type FrameEvent =
  | { readonly type: 'message' | 'ping' | 'pong'; readonly data: Uint8Array }
  /** `code` is undefined if the frame carried none. */
  | { readonly type: 'close'; readonly code: number | undefined; readonly reason: string }
  /** The other end broke RFC 6455 or a limit; `code` is the close code to answer with. */
  | { readonly type: 'violation'; readonly code: number; readonly message: string }

/**
 * The receiving half of RFC 6455 without a socket. `push` a chunk, then call `next` until it answers `undefined`; then push the
 * next chunk. The sizes of the chunks never change the events.
 *
 * A message that lies whole in one chunk is unmasked in place and returned as a view of it. A message that spans chunks or
 * frames is copied once, into storage that grows with the bytes that arrived.
 */
export class FrameDecoder {
  readonly #masked: boolean
  readonly #header = new Uint8Array(MAX_HEADER_SIZE)
  /** Made for the first control frame: few connections have one before their first Ping. */
  #control: Uint8Array = NOTHING
  #chunk: Uint8Array = NOTHING
  #position = 0
  #ended = false

  #headerSize = 0
  #headerNeeded = FIRST_BYTES
  /** Payload bytes of the frame whose header is complete, and how many of them arrived. */
  #length = 0
  #arrived = 0
  #maskKey = 0

  /** Frames of the unfinished message, and the part of it that was copied to `#message`. */
  #fragments = 0
  #message: Uint8Array = NOTHING
  #messageSize = 0
  #storageUsed = false

  /**
   * @param role which end this is: a server takes only masked frames, a client only unmasked ones
   * @throws SttError `STT_INVALID_ARGUMENT` for any other role
   */
  constructor(role: 'server' | 'client') {
    if (role !== 'server' && role !== 'client') {
      throw new SttError('STT_INVALID_ARGUMENT', `role is 'server' or 'client', not ${describe(role)}`)
    }
    this.#masked = role === 'server'
  }

  /**
   * Takes the next bytes of the stream. The decoder owns them from now on: it writes to them.
   *
   * @throws SttError `STT_INVALID_STATE` until `next` has used up the previous chunk
   */
  push(given: Uint8Array): void {
    const chunk = bytesOf(given, 'the chunk')
    if (this.#ended) return
    if (this.#position < this.#chunk.length) {
      throw new SttError('STT_INVALID_STATE', 'call next() until it gives undefined before the next push()')
    }
    this.#chunk = chunk
    this.#position = 0
  }

  /** The next event; `undefined` if it needs more bytes. */
  next(): FrameEvent | undefined {
    while (!this.#ended) {
      if (this.#headerSize < this.#headerNeeded) {
        const violation = this.#readHeader()
        if (violation) return this.#end({ type: 'violation', ...violation })
        if (this.#headerSize < this.#headerNeeded) break
      }
      const event = this.#isControl ? this.#readControl() : this.#readData()
      if (event) return event
      if (this.#headerSize > 0) break
    }
    // The chunk is used up. Holding it would keep its memory while the link is silent.
    this.#chunk = NOTHING
    this.#position = 0
    return undefined
  }

  /** Frees the storage if no message has needed it since the last call. Call this now and then. */
  trim(): void {
    if (!this.#storageUsed && this.#messageSize === 0) this.#message = NOTHING
    this.#storageUsed = false
  }

  /** Bytes of storage kept for messages that span chunks or frames. */
  get storedBytes(): number {
    return this.#message.length
  }

  get #opcode(): number {
    return this.#header[0]! & 0x0f
  }

  get #isControl(): boolean {
    return this.#opcode >= Opcode.close
  }

  get #isFinal(): boolean {
    return (this.#header[0]! & 0x80) !== 0
  }

  /** Reads header bytes until the header is complete or the chunk is used up. */
  #readHeader(): Violation | undefined {
    while (this.#headerSize < this.#headerNeeded && this.#position < this.#chunk.length) {
      this.#header[this.#headerSize++] = this.#chunk[this.#position++]!
      if (this.#headerSize !== FIRST_BYTES) continue
      const violation = this.#startFrame()
      if (violation) return violation
    }
    return this.#headerSize === this.#headerNeeded ? this.#finishHeader() : undefined
  }

  #startFrame(): Violation | undefined {
    const violation = checkFirstBytes(this.#header[0]!, this.#header[1]!, this.#masked, this.#fragments > 0)
    if (violation) return violation
    // spec: STT-WS-8: counted before the payload, so that empty frames count
    if (!this.#isControl && ++this.#fragments > MAX_FRAGMENTS) {
      return {
        code: WebSocketCloseCode.policyViolation,
        message: `a message came in more than ${MAX_FRAGMENTS} frames`,
      }
    }
    this.#headerNeeded = FIRST_BYTES + extendedLengthSize(this.#header[1]!) + (this.#masked ? 4 : 0)
    return undefined
  }

  #finishHeader(): Violation | undefined {
    this.#arrived = 0
    this.#length = readLength(this.#header)
    if (this.#masked) this.#maskKey = readUint32(this.#header, this.#headerNeeded - 4)
    return checkLength(this.#header, this.#length, this.#messageSize)
  }

  #readControl(): FrameEvent | undefined {
    if (this.#control === NOTHING) this.#control = new Uint8Array(MAX_CONTROL_PAYLOAD)
    this.#copyPayload(this.#control, this.#arrived)
    if (this.#arrived < this.#length) return undefined
    this.#finishFrame()
    const data = this.#control.subarray(0, this.#length)
    if (this.#opcode === Opcode.ping) return { type: 'ping', data }
    if (this.#opcode === Opcode.pong) return { type: 'pong', data }
    return this.#end(readClose(data))
  }

  #readData(): FrameEvent | undefined {
    const available = this.#chunk.length - this.#position
    if (this.#isFinal && this.#messageSize === 0 && this.#arrived === 0 && available >= this.#length) {
      const data = this.#chunk.subarray(this.#position, this.#position + this.#length)
      if (this.#masked) applyMask(data, 0, data.length, this.#maskKey)
      this.#position += this.#length
      this.#finishFrame()
      this.#fragments = 0
      return { type: 'message', data }
    }

    this.#reserve(this.#messageSize + Math.min(available, this.#length - this.#arrived))
    this.#messageSize += this.#copyPayload(this.#message, this.#messageSize)
    if (this.#arrived < this.#length) return undefined
    this.#finishFrame()
    if (!this.#isFinal) return undefined
    const data = this.#message.subarray(0, this.#messageSize)
    this.#messageSize = 0
    this.#fragments = 0
    return { type: 'message', data }
  }

  /** Copies the chunk's part of the payload to `target` and unmasks it there. */
  #copyPayload(target: Uint8Array, offset: number): number {
    const count = Math.min(this.#chunk.length - this.#position, this.#length - this.#arrived)
    target.set(this.#chunk.subarray(this.#position, this.#position + count), offset)
    if (this.#masked) applyMask(target, offset, offset + count, this.#maskKey, this.#arrived)
    this.#position += count
    this.#arrived += count
    return count
  }

  /** spec: STT-WS-23: room for four times the bytes that arrived, whatever length the header claims */
  #reserve(size: number): void {
    this.#storageUsed = true
    if (size <= this.#message.length) return
    const grown = new Uint8Array(Math.min(MAX_MESSAGE_SIZE, Math.max(size * GROWTH, SMALLEST_STORAGE)))
    grown.set(this.#message.subarray(0, this.#messageSize))
    this.#message = grown
  }

  #finishFrame(): void {
    this.#headerSize = 0
    this.#headerNeeded = FIRST_BYTES
  }

  #end(event: FrameEvent): FrameEvent {
    this.#ended = true
    this.#message = NOTHING
    this.#chunk = NOTHING
    this.#position = 0
    return event
  }
}

/** spec: STT-WS-15 */
function readClose(payload: Uint8Array): FrameEvent {
  if (payload.length === 0) return { type: 'close', code: undefined, reason: '' }
  const code = payload.length === 1 ? 0 : (payload[0]! << 8) | payload[1]!
  if (!isCloseCode(code)) {
    return { type: 'violation', code: WebSocketCloseCode.protocolError, message: 'a Close frame carried no valid code' }
  }
  try {
    return { type: 'close', code, reason: new TextDecoder('utf-8', { fatal: true }).decode(payload.subarray(2)) }
  } catch {
    return { type: 'violation', code: WebSocketCloseCode.invalidPayload, message: 'a close reason was not UTF-8' }
  }
}

const NOTHING = new Uint8Array(0)
const FIRST_BYTES = 2
const MAX_HEADER_SIZE = 14
const GROWTH = 4
const SMALLEST_STORAGE = 1_024
