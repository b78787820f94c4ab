import { abortable, SttError } from '@stt/errors'
import { dialWebSocket, type WebSocketLink } from '@stt/transport-ws'

export interface ConversationOptions {
  readonly subprotocol: string
  /** Ends the conversation at any point. */
  readonly signal: AbortSignal
  /** Ends only the dialing. */
  readonly dialing?: AbortSignal
  /** The address to connect to, if the name was looked up already. */
  readonly ipAddress?: string
}

/** A connection to a relay for one question at a time. */
export class Conversation {
  readonly #link: WebSocketLink
  readonly #signal: AbortSignal
  readonly #heard: Uint8Array[] = []
  #isOver = false
  #wake: (() => void) | undefined

  private constructor(link: WebSocketLink, signal: AbortSignal) {
    this.#link = link
    this.#signal = signal
    link.onPacket = packet => {
      // The number of messages from a relay is bounded.
      if (this.#heard.length >= MOST_WAITING) return link.close()
      this.#heard.push(packet.slice())
      this.#wake?.()
    }
    link.onClose = () => {
      this.#isOver = true
      this.#wake?.()
    }
  }

  /** Rejects as `dialWebSocket` does. */
  static async with(url: string, options: ConversationOptions): Promise<Conversation> {
    const { signal, dialing = signal, subprotocol, ipAddress } = options
    const link = await dialWebSocket(url, {
      signal: dialing,
      subprotocol,
      ...(ipAddress !== undefined && { ipAddress }),
    })
    return new Conversation(link, signal)
  }

  say(message: Uint8Array): void {
    this.#link.send(message)
  }

  /** The next message. Rejects with `STT_CONNECT_FAILED` if the connection has ended, or with the signal's reason. */
  async hear(): Promise<Uint8Array> {
    for (;;) {
      const next = this.#heard.shift()
      if (next) return next
      if (this.#isOver)
        throw new SttError('STT_CONNECT_FAILED', `${this.#link.remote} ended the connection without an answer`)
      const woken = new Promise<void>(resolve => {
        this.#wake = resolve
      })
      await abortable(woken, this.#signal, '').catch((cause: unknown) => {
        throw new SttError('STT_CONNECT_FAILED', 'it takes the connection and says nothing: see that a relay runs there', { cause }) // biome-ignore format: one line
      })
    }
  }

  close(): void {
    this.#link.close()
  }
}

const MOST_WAITING = 64
