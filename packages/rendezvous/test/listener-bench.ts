import { relayGreeting } from '@stt/testing'
import { RelayListener, type RelayListenerEvent, type RelayListenerOptions } from '../src/client/relay-listener.ts'
import { decodeMessage } from '../src/messages/decode.ts'
import { encodeGreeting, encodePong } from '../src/messages/encode.ts'
import type { Greeting, MailboxClaim, RelayMessage } from '../src/messages/message.ts'
import { counting, seeded } from './bytes.ts'

export const ACCESS: Uint8Array = counting(3, 32)

/** The names of two hours, as far as a test looks at them: they begin with the hour. */
export const claimsOf = (hours: readonly [number, number]): MailboxClaim[] =>
  hours.map(hour => {
    const mailbox = counting(0, 32)
    new DataView(mailbox.buffer).setUint32(0, hour)
    return { mailbox, token: counting(hour, 16) }
  })

/** A listener's control leg in virtual time, and the relay in the test's hands. */
export class ListenerBench {
  readonly listener: RelayListener
  readonly events: RelayListenerEvent[] = []
  readonly sent: { readonly at: number; readonly message: RelayMessage }[] = []
  now = 0
  /** Seconds: begins at a full hour, 1,800 s before the names change. */
  unixStart: number = 495_000 * 3_600
  /** Whether the relay answers PINGs by itself. */
  answers = true

  constructor(options: Partial<RelayListenerOptions> = {}) {
    const defaults = { url: 'wss://relay.example', access: ACCESS, claims: claimsOf, entropy: seeded() }
    this.listener = new RelayListener({ ...defaults, ...options }, this.now)
    this.drain()
  }

  /** The names of the events so far. */
  get heard(): string[] {
    return this.events.map(({ type }) => type)
  }

  sentOf<T extends RelayMessage['type']>(type: T): (RelayMessage & { type: T })[] {
    return this.sent.flatMap(({ message }) => (message.type === type ? [message as RelayMessage & { type: T }] : []))
  }

  /** A connection stands and the relay greets. */
  connect(greeting: Partial<Greeting> = {}): void {
    this.listener.opened(this.now)
    this.drain()
    this.say(encodeGreeting({ ...relayGreeting, ...greeting }))
  }

  say(bytes: Uint8Array): void {
    this.listener.receive(bytes, this.now)
    this.drain()
  }

  do(action: (listener: RelayListener, now: number) => void): void {
    action(this.listener, this.now)
    this.drain()
  }

  advance(milliseconds: number): void {
    const end = this.now + milliseconds
    for (let at = this.drain(); at <= end; at = this.drain()) this.now = Math.max(this.now, at)
    this.now = end
    this.drain()
  }

  drain(): number {
    for (;;) {
      const output = this.listener.poll(this.now, Math.floor(this.unixStart + this.now / 1_000))
      if (output.type === 'timeout') return output.at
      if (output.type === 'event') this.events.push(output.event)
      else {
        const message = decodeMessage(output.packet)
        this.sent.push({ at: this.now, message })
        if (message.type === 'ping' && this.answers) this.listener.receive(encodePong(message.data), this.now)
      }
    }
  }
}
