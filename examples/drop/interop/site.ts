import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, createWriteStream, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { type ListenRelayOptions, listenRelay, type Relay } from '@stt/relay'
import { builtPage } from './built-page.ts'

/** A relay that gives the page, and can be killed and come back where it was. */
export class Site {
  readonly #page: ReadonlyMap<string, Uint8Array>
  readonly #limits: NonNullable<ListenRelayOptions['limits']>
  #relay: Relay
  readonly port: number

  private constructor(
    page: ReadonlyMap<string, Uint8Array>,
    limits: NonNullable<ListenRelayOptions['limits']>,
    relay: Relay,
  ) {
    this.#page = page
    this.#limits = limits
    this.#relay = relay
    this.port = Number(new URL(relay.url).port)
  }

  /** @param slower of what it passes: bytes a second, and at once */
  static async open(slower?: { readonly rate: number; readonly burst: number }): Promise<Site> {
    const page = await builtPage()
    const limits = { ...FAST, ...slower }
    return new Site(page, limits, await listenRelay({ page, udpPorts: false, limits }))
  }

  /** Another relay with the same page. */
  async beside(slower: { readonly rate: number; readonly burst: number }): Promise<Site> {
    const limits = { ...FAST, ...slower }
    return new Site(this.#page, limits, await listenRelay({ page: this.#page, udpPorts: false, limits }))
  }

  get relay(): string {
    return `ws://127.0.0.1:${this.port}`
  }

  get page(): string {
    return `http://127.0.0.1:${this.port}/`
  }

  kill(): Promise<void> {
    return this.#relay.close({ drain: 0 })
  }

  async restart(): Promise<void> {
    this.#relay = await listenRelay({ page: this.#page, port: this.port, udpPorts: false, limits: this.#limits })
  }
}

/** A file of random bytes, which nothing makes smaller. @returns its BLAKE2b hash */
export async function randomFile(path: string, size: number): Promise<string> {
  mkdirSync(dirname(path), { recursive: true })
  const out = createWriteStream(path)
  const hash = createHash('blake2b512')
  for (let left = size; left > 0; left -= PIECE) {
    const piece = randomBytes(Math.min(PIECE, left))
    hash.update(piece)
    if (!out.write(piece)) await once(out, 'drain')
  }
  out.end()
  await once(out, 'close')
  return hash.digest('hex')
}

export async function hashOf(path: string): Promise<string> {
  const hash = createHash('blake2b512')
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer)
  return hash.digest('hex')
}

/** A relay of one's own: what is tested is the page. Bytes a second, and at once. */
const FAST = { rate: 1_073_741_824, burst: 1_073_741_824, freeMebibytes: 65_536 }
const PIECE = 4 * 1_048_576
