import { connect, type Socket } from 'node:net'
import { concat, rawFrame } from './bytes.ts'

/** The headers of a request that our listener accepts; the key is the one of RFC 6455 §1.3. */
export const goodHeaders: Readonly<Record<string, string>> = {
  Host: 'localhost',
  Connection: 'keep-alive, Upgrade',
  Upgrade: 'WebSocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Protocol': 'other, stt.v1',
}

export function requestText(
  headers: Readonly<Record<string, string | undefined>> = goodHeaders,
  line = 'GET / HTTP/1.1',
): string {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}\r\n`],
  )
  return `${line}\r\n${lines.join('')}\r\n`
}

/** A TCP socket in a test's hands: it says whatever the test wants and keeps what it hears. */
export class RawPeer {
  readonly socket: Socket
  #heard: Uint8Array = new Uint8Array(0)
  #ended = false
  #wake: () => void = () => {}

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', chunk => {
      this.#heard = concat(this.#heard, chunk)
      this.#wake()
    })
    const end = (): void => {
      this.#ended = true
      this.#wake()
    }
    socket.on('end', end).on('close', end)
    // A reset is one of the answers that a test may see; it shows as the end.
    socket.on('error', end)
  }

  static async connect(address: string): Promise<RawPeer> {
    const { hostname, port } = new URL(address)
    const socket = connect(Number(port), hostname)
    await new Promise(resolve => socket.once('connect', resolve))
    return new RawPeer(socket)
  }

  /** Connects and goes through a correct upgrade. */
  static async upgraded(address: string): Promise<RawPeer> {
    const peer = await RawPeer.connect(address)
    peer.write(requestText())
    const head = await peer.readHead()
    if (!head.startsWith('HTTP/1.1 101 ')) throw new Error(`not upgraded: ${head}`)
    return peer
  }

  /** Whether the other end has ended its direction, or the whole connection. */
  get ended(): boolean {
    return this.#ended
  }

  write(data: string | Uint8Array): void {
    this.socket.write(data)
  }

  /** A frame as a client has to send it. */
  frame(first: number, payload: Uint8Array = new Uint8Array(0)): void {
    this.write(rawFrame(first, payload, Uint8Array.of(9, 8, 7, 6)))
  }

  /** Everything up to the blank line. */
  async readHead(): Promise<string> {
    const text = (): string => Buffer.from(this.#heard).toString('latin1')
    await this.#until(() => text().includes('\r\n\r\n'))
    const size = text().indexOf('\r\n\r\n') + 4
    const head = text().slice(0, size)
    this.#heard = this.#heard.slice(size)
    return head
  }

  async read(count: number): Promise<Uint8Array> {
    await this.#until(() => this.#heard.length >= count)
    const bytes = this.#heard.slice(0, count)
    this.#heard = this.#heard.slice(count)
    return bytes
  }

  /** Waits until what came satisfies `condition`, and gives it. */
  async readUntil(condition: (heard: Uint8Array) => boolean): Promise<Uint8Array> {
    await this.#until(() => condition(this.#heard))
    return this.#heard
  }

  /** The bytes until the other end closed; then closes too. */
  async readToEnd(): Promise<Uint8Array> {
    await this.#until(() => this.#ended)
    this.socket.destroy()
    return this.#heard
  }

  /** The code of the Close frame that is the last thing the other end says. */
  async closeCode(): Promise<number> {
    const heard = await this.readToEnd()
    const [first, length] = heard
    if (first !== 0x88 || length !== heard.length - 2)
      throw new Error(`not a Close frame: ${Buffer.from(heard).toString('hex')}`)
    return (heard[2]! << 8) | heard[3]!
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.#ended) throw new Error(`the other end closed after ${Buffer.from(this.#heard).toString('latin1')}`)
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }
}
