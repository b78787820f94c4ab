import { randomBytes } from 'node:crypto'
import {
  decodeMessage,
  encodeAccept,
  encodeDial,
  encodeListen,
  encodePing,
  RELAY_SUBPROTOCOL,
  type RelayMessage,
} from '@stt/rendezvous'
import { testCertificate } from '@stt/testing'
import { dialWebSocket, type WebSocketLink } from '@stt/transport-ws'

/**
 * Many clients of one relay, each with an address of its own: the limits of one address do not end the crowd. Once a link closes
 * or the relay refuses something, every call rejects with an Error that says which.
 */
export class Crowd {
  readonly #url: string
  readonly #listeners: Listener[] = []
  readonly #links: WebSocketLink[] = []
  /** The dialing end of each circuit. */
  readonly #dialers: WebSocketLink[] = []
  readonly #broken: Promise<never>
  #break!: (error: Error) => void
  #received = 0
  #isClosed = false

  constructor(url: string) {
    this.#url = url
    this.#broken = new Promise((_, reject) => {
      this.#break = reject
    })
    // Each call races with it; a rejection between two calls waits for the next one.
    this.#broken.catch(() => {})
  }

  /** Bytes that have come through circuits. */
  get received(): number {
    return this.#received
  }

  /** Adds listeners; resolves when the relay knows all of them. */
  async listen(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const listener = new Listener(await this.#dial('a listener'))
      this.#listeners.push(listener)
      listener.listen()
    }
    await this.ping()
  }

  /** Each listener says again that it listens. */
  listenAgain(): void {
    for (const listener of this.#listeners) listener.listen()
  }

  /** Each listener sends a PING; resolves when the relay has answered them all, and so what was sent before. */
  async ping(): Promise<void> {
    for (let i = 0; i < this.#listeners.length; i += AT_ONCE) {
      const some = this.#listeners.slice(i, i + AT_ONCE)
      await this.during(Promise.all(some.map(each => each.ping())))
    }
  }

  /** Opens a circuit to a listener. */
  async openCircuit(index: number): Promise<void> {
    const listener = this.#listeners[index]!
    const [dialer, acceptor] = [await this.#dial('a dialer'), await this.#dial('an acceptor')]
    const ticket = new Promise<Uint8Array>(resolve => {
      listener.onIncoming = resolve
    })
    const spliced = new Promise<void>(resolve => {
      acceptor.onMessage = ({ type }) => {
        if (type === 'spliced') resolve()
      }
    })
    dialer.link.send(encodeDial([listener.mailbox], none))
    acceptor.link.send(encodeAccept(await this.during(ticket)))
    await this.during(spliced)
    acceptor.link.onPacket = bytes => {
      this.#received += bytes.length
    }
    this.#dialers.push(dialer.link)
  }

  /** Sends through each circuit as much as it takes from now on. */
  fillCircuits(): void {
    for (const link of this.#dialers) {
      const fill = (): void => {
        while (link.send(BLOCK));
      }
      link.onDrain = fill
      fill()
    }
  }

  /** Settles as `promise` does, and rejects before that if a link closes or the relay refuses something. */
  during<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([promise, this.#broken])
  }

  close(): void {
    this.#isClosed = true
    for (const link of this.#links) link.close()
  }

  async #dial(role: string): Promise<Leg> {
    const number = this.#links.length
    const address = `10.${number >>> 16}.${(number >>> 8) & 255}.${number & 255}`
    const options = { subprotocol: RELAY_SUBPROTOCOL, headers: { 'X-Real-IP': address }, ca: testCertificate }
    const link = await this.during(dialWebSocket(this.#url, options))
    this.#links.push(link)
    const fail = (what: string): void => this.#break(new Error(`${what} ${role}, client ${number + 1} of this run`))
    link.onClose = reason => {
      if (!this.#isClosed) fail(`the link closed (${reason?.message ?? 'without a reason'}) of`)
    }
    const leg: Leg = { link, onMessage: () => {} }
    link.onPacket = bytes => {
      const message = decodeMessage(bytes)
      if (message.type === 'no') fail(`the relay refused (${message.reason})`)
      else leg.onMessage(message)
    }
    return leg
  }
}

/** A link to the relay, with the function that takes its messages. */
interface Leg {
  readonly link: WebSocketLink
  onMessage: (message: RelayMessage) => void
}

class Listener {
  readonly mailbox: Uint8Array = randomBytes(32)
  readonly #token: Uint8Array = randomBytes(16)
  readonly #link: WebSocketLink
  onIncoming: (ticket: Uint8Array) => void = () => {}
  #onPong: () => void = () => {}

  constructor(leg: Leg) {
    this.#link = leg.link
    leg.onMessage = message => {
      if (message.type === 'incoming') this.onIncoming(message.ticket.slice())
      else if (message.type === 'pong') this.#onPong()
    }
  }

  listen(): void {
    this.#link.send(encodeListen([{ mailbox: this.mailbox, token: this.#token }], none))
  }

  ping(): Promise<void> {
    return new Promise(resolve => {
      this.#onPong = resolve
      this.#link.send(encodePing(randomBytes(8)))
    })
  }
}

const none = (): Uint8Array => new Uint8Array(0)

/** The most PINGs that wait for their PONGs. */
const AT_ONCE = 100
const BLOCK = randomBytes(60_000)
