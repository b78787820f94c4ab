import type { Link } from '@stt/frame'
import { WebSocketCloseCode } from './codec/close-code.ts'
import { MAX_MESSAGE_SIZE } from './codec/limits.ts'
import { defaultLimits } from './limits.ts'
import {
  brokenLink,
  closedByPeer,
  closedForViolation,
  doesNotRead,
  MAX_OVERRUN,
  PRIVATE_CODES,
  packetOf,
  receiverThrew,
} from './link-errors.ts'
import type { Timers } from './timers.ts'
import type { WhatwgWebSocket } from './whatwg-websocket.ts'

/** A `Link` over an open WHATWG WebSocket. */
export class WhatwgLink implements Link {
  readonly lossy = false
  readonly ordered = true
  readonly maxPacketSize: number = MAX_MESSAGE_SIZE
  readonly remote: string
  onPacket: (packet: Uint8Array) => void = ignore
  onDrain: () => void = ignore
  onClose: (reason?: Error) => void = ignore

  readonly #socket: WhatwgWebSocket
  readonly #timers: Timers
  readonly #highWaterMark: number
  #state: 'open' | 'closing' | 'closed' = 'open'
  #blocked = false
  #timer: unknown
  #reason: Error | undefined

  constructor(socket: WhatwgWebSocket, remote: string, timers: Timers, highWaterMark: number) {
    this.remote = remote
    this.#socket = socket
    this.#timers = timers
    this.#highWaterMark = highWaterMark
    socket.addEventListener('message', this.#onMessage)
    socket.addEventListener('error', this.#onError)
    socket.addEventListener('close', this.#onSocketClose)
  }

  createRecovery(): undefined {}

  send(given: Uint8Array): boolean {
    const packet = packetOf(given)
    if (this.#state !== 'open') return false
    try {
      // Some implementations keep the given bytes until they are on the wire.
      this.#socket.send(new Uint8Array(packet))
    } catch (cause) {
      this.#fail(WebSocketCloseCode.internalError, 'internal error', brokenLink(this.remote, cause))
      return false
    }
    const { bufferedAmount } = this.#socket
    if (bufferedAmount < this.#highWaterMark) return true
    // spec: STT-WS-23
    if (bufferedAmount > this.#highWaterMark + MAX_OVERRUN) {
      this.#fail(WebSocketCloseCode.policyViolation, 'nothing is read', doesNotRead(this.remote, bufferedAmount))
      return false
    }
    if (!this.#blocked) {
      this.#blocked = true
      this.#timer = this.#timers.set(this.#lookForRoom, DRAIN_POLL)
    }
    return false
  }

  /** Same as `refuse` of a `WebSocketLink`. */
  refuse(code: 1008 | 1013, reason: string): void {
    this.#fail(code, reason)
  }

  close(): void {
    if (this.#state === 'open') this.#startClosing(WebSocketCloseCode.normal, '')
  }

  /** Polls `bufferedAmount`, because no event reports that it fell. */
  readonly #lookForRoom = (): void => {
    if (this.#socket.bufferedAmount > this.#highWaterMark / 2) {
      this.#timer = this.#timers.set(this.#lookForRoom, DRAIN_POLL)
      return
    }
    this.#blocked = false
    this.onDrain()
  }

  readonly #onMessage = (event: { data: ArrayBuffer | string }): void => {
    if (this.#state !== 'open') return
    const { data } = event
    // spec: STT-WS-7
    if (typeof data === 'string') this.#fail(WebSocketCloseCode.unsupportedData, 'STT takes binary messages, not text')
    else if (data.byteLength > MAX_MESSAGE_SIZE)
      this.#fail(WebSocketCloseCode.messageTooBig, `a message was longer than ${MAX_MESSAGE_SIZE} bytes`)
    else this.#deliver(new Uint8Array(data))
  }

  #deliver(packet: Uint8Array): void {
    try {
      this.onPacket(packet)
    } catch (cause) {
      this.#fail(WebSocketCloseCode.internalError, 'internal error', receiverThrew(cause))
    }
  }

  readonly #onError = (event: { error?: unknown }): void => {
    if (this.#state === 'open') this.#reason ??= brokenLink(this.remote, event.error)
  }

  readonly #onSocketClose = (event: { code: number; reason?: unknown }): void => {
    if (this.#state === 'open') this.#reason ??= closedByPeer(this.remote, event.code, String(event.reason ?? ''))
    this.#finish()
  }

  #fail(code: number, message: string, reason: Error = closedForViolation(this.remote, code, message)): void {
    if (this.#state !== 'open') return
    this.#reason ??= reason
    // spec: STT-WS-25: a page may send only 1000 and codes from 3000 on
    this.#startClosing(code + PRIVATE_CODES, message)
  }

  #startClosing(code: number, reason: string): void {
    this.#state = 'closing'
    this.#timers.clear(this.#timer)
    this.#timer = this.#timers.set(() => this.#finish(), defaultLimits.closeTimeout)
    try {
      this.#socket.close(code, reason)
    } catch (cause) {
      // A socket that cannot be closed is given up by the timer, like one that does not end.
      this.#reason ??= brokenLink(this.remote, cause)
    }
  }

  #finish(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#timers.clear(this.#timer)
    this.#socket.removeEventListener('message', this.#onMessage)
    this.#socket.removeEventListener('close', this.#onSocketClose)
    this.onClose(this.#reason)
  }
}

/** Milliseconds between two looks at `bufferedAmount` while it is above the mark. */
const DRAIN_POLL = 5
const ignore = (): void => {}
