import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** All that passes by a card, both ways, from when it was begun. */
export class Capture {
  readonly #child: ChildProcess
  #bytes = Buffer.alloc(0)
  readonly #frames: Uint8Array[] = []

  private constructor(child: ChildProcess) {
    this.#child = child
    child.stdout!.on('data', chunk => this.#take(chunk))
  }

  /** @param prefix of a command, so that it runs where the card is */
  static async begin([ip, ...words]: readonly string[], card: string): Promise<Capture> {
    const child = spawn(ip!, [...words, 'python3', PROGRAM, card], { stdio: ['ignore', 'pipe', 'inherit'] })
    const capture = new Capture(child)
    const [code] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
    if (typeof code === 'number') throw new Error(`nothing can be heard on ${card}`)
    return capture
  }

  /** Frames of Ethernet, so far. */
  get frames(): readonly Uint8Array[] {
    return this.#frames
  }

  /** Payloads of the datagrams from or to this UDP port, so far. */
  datagrams(port: number): Uint8Array[] {
    return this.#frames.flatMap(frame => payloadOf(Buffer.from(frame), port) ?? [])
  }

  stop(): void {
    this.#child.kill('SIGKILL')
  }

  #take(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    for (let size = 0; this.#bytes.length >= 4; this.#bytes = this.#bytes.subarray(4 + size)) {
      size = this.#bytes.readUInt32BE()
      if (this.#bytes.length < 4 + size) return
      if (size > 0) this.#frames.push(this.#bytes.subarray(4, 4 + size))
    }
  }
}

function payloadOf(frame: Buffer, port: number): Uint8Array | undefined {
  const type = frame.readUInt16BE(12)
  const ip = frame.subarray(14)
  const isUdp = type === IPV4 ? ip[9] === UDP : type === IPV6 && ip[6] === UDP
  if (!isUdp) return undefined
  const udp = ip.subarray(type === IPV4 ? 4 * (ip[0]! & 15) : 40)
  return [udp.readUInt16BE(0), udp.readUInt16BE(2)].includes(port) ? udp.subarray(8) : undefined
}

const PROGRAM = fileURLToPath(new URL('./capture.py', import.meta.url))
const IPV4 = 0x0800
const IPV6 = 0x86dd
const UDP = 17
