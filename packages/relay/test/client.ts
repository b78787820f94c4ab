import { randomBytes } from 'node:crypto'
import { Identity, Seed } from '@stt/crypto'
import {
  CircuitRequest,
  type CircuitWish,
  decodeMessage,
  encodeListen,
  hoursAt,
  type MailboxClaim,
  mailboxName,
  RELAY_SUBPROTOCOL,
  RelayListener,
  type RelayListenerEvent,
  type RelayMessage,
} from '@stt/rendezvous'
import { type DialWebSocketOptions, dialWebSocket, type WebSocketLink } from '@stt/transport-ws'

export interface Deferred<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
}

export function deferred<T = void>(): Deferred<T> {
  let resolve!: (value: T) => void
  const promise = new Promise<T>(settle => {
    resolve = settle
  })
  return { promise, resolve }
}

/** A node, as far as a relay knows one: its names and its key. */
export class Party {
  readonly seed: Seed
  readonly identity: Identity = Identity.generate()

  constructor(seed: Seed = Seed.generate()) {
    this.seed = seed
  }

  get access(): Uint8Array {
    return this.seed.deriveRendezvousKeys().access
  }

  /** Its names now. */
  get mailboxes(): Uint8Array[] {
    return this.claims(hoursAt(seconds())).map(({ mailbox }) => mailbox)
  }

  claims(hours: readonly number[]): MailboxClaim[] {
    const { rendezvous } = this.seed.deriveRendezvousKeys()
    return hours.map(hour => {
      const mailbox = mailboxName(rendezvous, this.identity.id, hour)
      return { mailbox, token: this.identity.mailboxToken(mailbox) }
    })
  }
}

/** A connection to a relay whose messages a test says and hears. */
export class Raw {
  readonly link: WebSocketLink
  readonly ended: Promise<Error | undefined>
  readonly #heard: RelayMessage[] = []
  #wake: () => void = () => {}
  #isEnded = false

  private constructor(link: WebSocketLink) {
    this.link = link
    const ended = deferred<Error | undefined>()
    this.ended = ended.promise
    link.onPacket = bytes => {
      this.#heard.push(decodeMessage(bytes.slice()))
      this.#wake()
    }
    link.onClose = reason => {
      this.#isEnded = true
      ended.resolve(reason)
      this.#wake()
    }
  }

  static async dial(url: string, options: DialWebSocketOptions = {}): Promise<Raw> {
    return new Raw(await dialWebSocket(url, { ...options, subprotocol: RELAY_SUBPROTOCOL }))
  }

  say(bytes: Uint8Array): void {
    this.link.send(bytes)
  }

  /** LISTEN without a proof. */
  listen(claims: readonly MailboxClaim[]): void {
    this.say(encodeListen(claims, () => new Uint8Array(0)))
  }

  /** The next message of this type; those before it are passed over. */
  async hear<T extends RelayMessage['type']>(type: T): Promise<RelayMessage & { type: T }> {
    for (;;) {
      const message = this.#heard.shift()
      if (message?.type === type) return message as RelayMessage & { type: T }
      if (message) continue
      if (this.#isEnded) throw new Error(`the relay ended the connection before ${type}: ${await this.ended}`)
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }
}

/** One end of a circuit, spliced; at another instance, where the relay says so. */
export async function circuitTo(
  url: string,
  access: Uint8Array,
  wish: CircuitWish,
  options: DialWebSocketOptions = {},
  followed = '',
): Promise<WebSocketLink> {
  const link = await dialWebSocket(url, { ...options, subprotocol: RELAY_SUBPROTOCOL })
  const request = new CircuitRequest({ url, access, wish }, performance.now())
  return new Promise((resolve, reject) => {
    const drain = (): void => {
      for (;;) {
        const output = request.poll(performance.now())
        if (output.type === 'timeout') return
        if (output.type === 'transmit') link.send(output.packet)
        else if (output.event.type === 'spliced') {
          // The next messages come from the other end: they wait until a test takes them.
          link.pause()
          resolve(link)
        } else if (output.event.type !== 'greeted') {
          link.close()
          const { event } = output
          // spec: STT-RLY-23
          if (event.type === 'refused' && event.no.reason === 'elsewhere' && followed === '') {
            return resolve(circuitTo(event.no.url, access, wish, options, event.no.url))
          }
          reject(new Error(event.type === 'refused' ? event.no.reason : event.reason))
        }
      }
    }
    link.onPacket = bytes => {
      request.receive(bytes, performance.now())
      drain()
    }
    link.onClose = () => {
      request.closed()
      drain()
    }
  })
}

/** A node that listens at a relay, over a real connection. */
export class ListeningNode {
  readonly #engine: RelayListener
  readonly #url: string
  readonly #party: Party
  readonly #options: DialWebSocketOptions
  readonly events: RelayListenerEvent[] = []
  /** Called with each circuit that somebody dialed. */
  onCircuit: (link: WebSocketLink) => void = link => link.close()
  #link: WebSocketLink | undefined
  #timer: NodeJS.Timeout | undefined
  #wake: () => void = () => {}

  constructor(url: string, party: Party, options: DialWebSocketOptions = {}) {
    this.#url = url
    this.#party = party
    this.#options = options
    const { access } = party
    const claims = (hours: readonly number[]): MailboxClaim[] => party.claims(hours)
    this.#engine = new RelayListener({ url, access, claims, entropy: randomBytes }, performance.now())
    this.#drain()
  }

  /** Waits for an event of this type, among those that came too. */
  async until(type: RelayListenerEvent['type'], count = 1): Promise<void> {
    while (this.events.filter(each => each.type === type).length < count) {
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }

  stop(): void {
    this.#engine.stop()
    this.#drain()
    clearTimeout(this.#timer)
  }

  #drain(): void {
    for (;;) {
      const output = this.#engine.poll(performance.now(), seconds())
      if (output.type === 'timeout') {
        clearTimeout(this.#timer)
        if (output.at < Number.POSITIVE_INFINITY)
          this.#timer = setTimeout(() => this.#drain(), output.at - performance.now()).unref()
        return
      }
      if (output.type === 'transmit') this.#link?.send(output.packet)
      else this.#handle(output.event)
    }
  }

  #handle(event: RelayListenerEvent): void {
    this.events.push(event)
    this.#wake()
    if (event.type === 'open') this.#open()
    else if (event.type === 'close') {
      this.#link?.close()
      this.#link = undefined
    } else if (event.type === 'incoming') {
      circuitTo(event.url || this.#url, this.#party.access, { accept: event.ticket }, this.#options)
        .then(link => this.onCircuit(link))
        .catch(() => {})
        .finally(() => this.#engine.accepted())
    }
  }

  #open(): void {
    dialWebSocket(this.#url, { ...this.#options, subprotocol: RELAY_SUBPROTOCOL }).then(
      link => {
        this.#link = link
        link.onPacket = bytes => {
          this.#engine.receive(bytes, performance.now())
          this.#drain()
        }
        link.onClose = () => {
          if (this.#link !== link) return
          this.#link = undefined
          this.#engine.closed(performance.now())
          this.#drain()
        }
        this.#engine.opened(performance.now())
        this.#drain()
      },
      () => {
        this.#engine.closed(performance.now())
        this.#drain()
      },
    )
  }
}

const seconds = (): number => Math.floor(Date.now() / 1_000)
