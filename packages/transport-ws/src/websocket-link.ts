import type { Duplex } from 'node:stream'
import type { Link } from '@stt/frame'
import { WebSocketCloseCode } from './codec/close-code.ts'
import { FrameDecoder, type FrameEvent } from './codec/decoder.ts'
import { encodeClose } from './codec/encode.ts'
import { MAX_MESSAGE_SIZE } from './codec/limits.ts'
import { Opcode } from './codec/opcode.ts'
import { FrameWriter } from './frame-writer.ts'
import { freeChunk } from './free-chunk.ts'
import type { WebSocketLimits } from './limits.ts'
import {
  brokenLink,
  closedByPeer,
  closedForViolation,
  cut,
  doesNotRead,
  endedBelow,
  MAX_OVERRUN,
  outOfTime,
  packetOf,
  receiverThrew,
} from './link-errors.ts'
import { Liveness } from './liveness.ts'
import type { Timers } from './timers.ts'

/** Options of a link over a socket. */
export interface DuplexLinkOptions {
  /** The role of this end in the upgrade. */
  readonly role: 'server' | 'client'
  /** The other end as text for people. */
  readonly remote: string
  readonly limits: WebSocketLimits
  readonly timers: Timers
  /** Called by `confirm`. @returns the limit that leaves the link no place; undefined if it has one */
  readonly prove?: () => string | undefined
}

/** Counters of a link since it opened. */
export interface WebSocketLinkStatistics {
  /** Packets taken by `send`. */
  readonly packetsSent: number
  /** Packets given to `onPacket`. */
  readonly packetsReceived: number
  /** Bytes of sent packets, without frame headers. */
  readonly bytesSent: number
  /** Bytes of received packets, without frame headers. */
  readonly bytesReceived: number
  /** Bytes, with frame headers, that the network has not taken now. */
  readonly queuedBytes: number
}

/**
 * A `Link` over a TCP or TLS connection. The first packet, and all that follows it, waits until `onPacket` is set. A Ping, a Close
 * or the end of the connection before the first packet is handled at once.
 */
export interface WebSocketLink extends Link {
  /**
   * Confirms that the other end proved itself. A listener closes a link without confirmation after `limits.proofTimeout`. A dialed
   * link needs none.
   */
  confirm(): void
  /**
   * Closes the link with a code for the other end: 1008 (`policyViolation`) if it broke a rule, 1013 (`tryAgainLater`) if a limit
   * leaves it no place now.
   *
   * @param reason at most 123 bytes; for 1013 the name of the limit
   */
  refuse(code: 1008 | 1013, reason: string): void
  /** Stops reading from the network, so that the other end has to wait. At most two chunks that were already read are kept. */
  pause(): void
  /** Reads on after `pause`. */
  resume(): void
  /** Counters up to now. */
  getStatistics(): WebSocketLinkStatistics
}

/** A link over a `Duplex` whose upgrade is done. */
export class DuplexLink implements WebSocketLink {
  readonly lossy = false
  readonly ordered = true
  readonly maxPacketSize: number = MAX_MESSAGE_SIZE
  readonly remote: string
  onDrain: () => void = ignore
  onClose: (reason?: Error) => void = ignore

  readonly #socket: Duplex
  readonly #isServer: boolean
  readonly #limits: WebSocketLimits
  readonly #decoder: FrameDecoder
  readonly #writer: FrameWriter
  readonly #liveness: Liveness
  #onPacket: (packet: Uint8Array) => void = ignore
  /** The chunk that the decoder works on. */
  #chunk: Uint8Array = NOTHING
  /** A packet that arrived before `onPacket` was set. */
  #first: Uint8Array | undefined
  #state: 'open' | 'closing' | 'closed' = 'open'
  #reason: Error | undefined
  readonly #timers: Timers
  readonly #prove: () => string | undefined
  #isConfirmed = false
  #paused = true
  #readsLater = false
  #blocked = false
  /** The latest Ping that waits for its answer because the other end does not read. */
  #unanswered: Uint8Array | undefined
  #packetsSent = 0
  #packetsReceived = 0
  #bytesSent = 0
  #bytesReceived = 0

  /** @param head bytes that arrived after the upgrade */
  constructor(
    socket: Duplex,
    head: Uint8Array,
    { role, remote, limits, timers, prove = () => undefined }: DuplexLinkOptions,
  ) {
    this.remote = remote
    this.#socket = socket
    this.#isServer = role === 'server'
    this.#limits = limits
    this.#timers = timers
    this.#prove = prove
    this.#decoder = new FrameDecoder(role)
    this.#writer = new FrameWriter(socket, !this.#isServer, () => this.#written())
    this.#liveness = new Liveness(limits, timers, {
      ping: () => this.#writer.write(Opcode.ping, NOTHING),
      expire: (code, why) => this.#fail(code, why, outOfTime(remote, why)),
      abandon: reason => this.#abandon(reason),
      trim: () => this.#decoder.trim(),
    })
    if (this.#isServer) this.#liveness.awaitProof()
    else this.#liveness.watch()

    if (head.length > 0) socket.unshift(head)
    socket.pause()
    socket.on('data', (chunk: Uint8Array) => this.#received(chunk))
    socket.on('end', () => this.#ended())
    socket.on('error', (error: Error) => {
      if (this.#state === 'open') this.#reason ??= brokenLink(remote, error)
    })
    socket.on('close', () => this.#closed())
    // Reading begins later, so that the caller can set handlers first.
    this.resume()
  }

  get onPacket(): (packet: Uint8Array) => void {
    return this.#onPacket
  }

  set onPacket(handler: (packet: Uint8Array) => void) {
    const first = this.#onPacket === ignore
    this.#onPacket = handler
    if (first) this.resume()
  }

  createRecovery(): undefined {}

  send(given: Uint8Array): boolean {
    const packet = packetOf(given)
    if (this.#state !== 'open') return false
    this.#writer.write(Opcode.binary, packet)
    this.#packetsSent++
    this.#bytesSent += packet.length
    this.#liveness.carried()
    const { queuedBytes } = this.#writer
    if (queuedBytes < this.#limits.highWaterMark) return true
    this.#blocked = true
    // spec: STT-WS-23
    if (queuedBytes > this.#limits.highWaterMark + MAX_OVERRUN) this.#abandon(doesNotRead(this.remote, queuedBytes))
    return false
  }

  confirm(): void {
    if (this.#state !== 'open' || this.#isConfirmed) return
    this.#isConfirmed = true
    const limit = this.#prove()
    if (limit !== undefined) this.refuse(WebSocketCloseCode.tryAgainLater, limit)
    else this.#liveness.watch()
  }

  refuse(code: 1008 | 1013, reason: string): void {
    this.#fail(code, reason)
  }

  pause(): void {
    if (this.#state !== 'open') return
    this.#paused = true
    this.#liveness.deaf = true
    this.#socket.pause()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#liveness.deaf = false
    process.nextTick(() => this.#read())
  }

  close(): void {
    if (this.#state !== 'open') return
    this.#startClosing(WebSocketCloseCode.normal)
  }

  getStatistics(): WebSocketLinkStatistics {
    return {
      packetsSent: this.#packetsSent,
      packetsReceived: this.#packetsReceived,
      bytesSent: this.#bytesSent,
      bytesReceived: this.#bytesReceived,
      queuedBytes: this.#writer.queuedBytes,
    }
  }

  #received(chunk: Uint8Array): void {
    this.#liveness.heard()
    // Receivers get a plain Uint8Array, because the slice() of a Node Buffer does not copy.
    this.#chunk = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    this.#decoder.push(this.#chunk)
    this.#read()
  }

  /**
   * spec: STT-WS-23: one message is decoded and delivered at a time, and none while paused. A chunk may hold hundreds of messages,
   * and the other end chooses what each costs the receiver, so other links get their turn in between.
   */
  #read(): void {
    const until = this.#timers.now() + LONGEST_TURN
    while (!this.#paused) {
      if (this.#timers.now() > until) return this.#readLater()
      const first = this.#first
      if (first) {
        this.#first = undefined
        if (this.#state === 'open') this.#deliver(first)
        continue
      }
      const event = this.#decoder.next()
      if (!event) {
        freeChunk(this.#socket, this.#chunk)
        this.#chunk = NOTHING
        this.#socket.resume()
        return
      }
      this.#handle(event)
    }
  }

  #readLater(): void {
    this.#socket.pause()
    if (this.#readsLater) return
    this.#readsLater = true
    setImmediate(() => {
      this.#readsLater = false
      this.#read()
    })
  }

  #handle(event: FrameEvent): void {
    if (event.type === 'close') {
      this.#peerSaidClose(event.code, event.reason)
    } else if (this.#state !== 'open') {
      // Messages that were on their way when the close began are dropped; reading them lets the other end's Close through.
    } else if (event.type === 'message' && this.#onPacket === ignore) {
      // The decoder keeps these bytes until its next event, which is read once `onPacket` is set or the link closes.
      this.#first = event.data
      this.pause()
    } else if (event.type === 'message') {
      this.#deliver(event.data)
    } else if (event.type === 'violation') {
      this.#fail(event.code, event.message)
    } else if (!this.#liveness.takeControlFrame()) {
      this.#fail(WebSocketCloseCode.policyViolation, 'too many Ping and Pong frames')
    } else if (event.type === 'ping') {
      this.#pong(event.data)
    }
  }

  #deliver(packet: Uint8Array): void {
    this.#packetsReceived++
    this.#bytesReceived += packet.length
    this.#liveness.carried()
    try {
      this.#onPacket(packet)
    } catch (cause) {
      this.#fail(WebSocketCloseCode.internalError, 'internal error', receiverThrew(cause))
    }
  }

  /** spec: STT-WS-14: only the latest Ping waits for an answer */
  #pong(data: Uint8Array): void {
    if (this.#blocked || this.#writer.queuedBytes >= this.#limits.highWaterMark) this.#unanswered = data.slice()
    else this.#writer.write(Opcode.pong, data)
  }

  #written(): void {
    if (this.#state !== 'open' || this.#writer.queuedBytes > this.#limits.highWaterMark / 2) return
    if (this.#unanswered) {
      this.#writer.write(Opcode.pong, this.#unanswered)
      this.#unanswered = undefined
    }
    if (!this.#blocked) return
    this.#blocked = false
    this.onDrain()
  }

  #peerSaidClose(code: number | undefined, reason: string): void {
    if (this.#state === 'open') {
      this.#reason ??= closedByPeer(this.remote, code ?? NO_CODE, reason)
      this.#startClosing(code)
    }
    // spec: STT-WS-16: the server ends the connection; the client waits for that
    if (this.#isServer) this.#writer.end()
  }

  /** Closes with a code and a message; the link neither sends nor takes packets any more. */
  #fail(code: number, message: string, reason: Error = closedForViolation(this.remote, code, message)): void {
    if (this.#state !== 'open') return
    this.#reason ??= reason
    this.#startClosing(code, message)
    this.#writer.end()
  }

  /** spec: STT-WS-17: the Close frame goes after everything that was sent before */
  #startClosing(code: number | undefined, reason = ''): void {
    this.#state = 'closing'
    this.#unanswered = undefined
    this.#writer.write(Opcode.close, encodeClose(code, reason))
    this.#liveness.limitClosing(() => this.#socket.destroy())
    this.resume()
  }

  #ended(): void {
    if (this.#state === 'open') this.#abandon(endedBelow(this.remote))
    else this.#writer.end()
  }

  #abandon(reason: Error): void {
    this.#reason ??= reason
    this.#socket.destroy()
  }

  #closed(): void {
    if (this.#state === 'open') this.#reason ??= cut(this.remote)
    this.#state = 'closed'
    this.#liveness.stop()
    this.onClose(this.#reason)
  }
}

/** Milliseconds for which one link reads messages before other sockets and timers get their turn. */
const LONGEST_TURN = 8
const NOTHING = new Uint8Array(0)
/** The code that an API reports for a Close frame without one (RFC 6455 §7.1.5). */
const NO_CODE = 1005
const ignore = (): void => {}
