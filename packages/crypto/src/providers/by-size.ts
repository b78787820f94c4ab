import { checkNonce, checkRoom, checkSeal, disposed, hmacKeyOf, keyOf, partOf } from './checks.ts'
import { nodeProvider } from './node.ts'
import { type AeadKey, type CryptoProvider, TAG_LENGTH } from './provider.ts'
import { passesSelfTest } from './select.ts'
import { WasmPrimitives } from './wasm.ts'

/**
 * Node's default: libsodium as WebAssembly for small units, where an object of `node:crypto` for each is what costs, and
 * `node:crypto` for large ones, whose wider instructions win, and for X25519 and ML-KEM.
 *
 * WebAssembly is loaded in the background when the first AEAD key is made, and never before; until it is there, and where
 * a runtime has none, everything is `node:crypto`. The bytes are the same.
 */
export const bySizeProvider: CryptoProvider = {
  ...nodeProvider,
  get name() {
    return wasm === undefined ? nodeProvider.name : 'node+wasm'
  },
  hash: (...parts) => wasm?.hash(parts.map(partOf)) ?? nodeProvider.hash(...parts),
  hmac: (key, ...parts) => wasm?.hmac(hmacKeyOf(key), parts.map(partOf)) ?? nodeProvider.hmac(key, ...parts),
  aead(key) {
    void loadWasm()
    return new BySizeAeadKey(key)
  },
}

/** Ends when WebAssembly is in use, or known not to be had. Called by itself; for tests and benchmarks. */
export function loadWasm(): Promise<void> {
  loading ??= load()
  return loading
}

async function load(): Promise<void> {
  try {
    const { default: createModule } = await import('libsodium')
    const loaded = new WasmPrimitives(await createModule())
    if (passesSelfTest(wasmProvider(loaded))) wasm = loaded
  } catch {
    // A runtime without WebAssembly, or a policy against it: `node:crypto` goes on, and the provider's name says so.
  }
}

/** WebAssembly for all that fits into its memory, so that tests can ask it for known answers. */
export function wasmProvider(primitives: WasmPrimitives): CryptoProvider {
  return {
    ...nodeProvider,
    name: 'wasm',
    hash: (...parts) => primitives.hash(parts) ?? nodeProvider.hash(...parts),
    hmac: (key, ...parts) => primitives.hmac(key, parts) ?? nodeProvider.hmac(key, ...parts),
    aead: key => new BySizeAeadKey(key, primitives, Number.POSITIVE_INFINITY),
  }
}

class BySizeAeadKey implements AeadKey {
  readonly #key: Uint8Array<ArrayBuffer>
  readonly #large: AeadKey
  readonly #own: WasmPrimitives | undefined
  readonly #crossover: number
  #disposed = false

  constructor(key: Uint8Array, own?: WasmPrimitives, crossover: number = CROSSOVER) {
    this.#key = Uint8Array.from(keyOf(key, 'an AEAD key'))
    this.#large = nodeProvider.aead(this.#key)
    this.#own = own
    this.#crossover = crossover
  }

  seal(nonce: Uint8Array, ad: Uint8Array, plaintext: Uint8Array, out: Uint8Array, offset = 0): number {
    const small = this.#primitivesFor(ad, plaintext.length + TAG_LENGTH)
    if (small === undefined) return this.#large.seal(nonce, ad, plaintext, out, offset)
    checkSeal(nonce, plaintext, out, offset)
    return small.seal(this.#key, nonce, ad, plaintext, out, offset)
  }

  open(nonce: Uint8Array, ad: Uint8Array, ciphertext: Uint8Array, out: Uint8Array, offset = 0): number {
    const small = this.#primitivesFor(ad, ciphertext.length)
    if (small === undefined) return this.#large.open(nonce, ad, ciphertext, out, offset)
    const length = ciphertext.length - TAG_LENGTH
    checkNonce(nonce)
    checkRoom(length, out, offset)
    // spec: STT-CRY-2
    if (length < 0) return -1
    return small.open(this.#key, nonce, ad, ciphertext, out, offset) ? length : -1
  }

  openApart(nonce: Uint8Array, ad: Uint8Array, ciphertext: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    const small = this.#primitivesFor(ad, ciphertext.length)
    if (small === undefined) return this.#large.openApart(nonce, ad, ciphertext)
    checkNonce(nonce)
    // spec: STT-CRY-2
    if (ciphertext.length < TAG_LENGTH) return undefined
    return small.openApart(this.#key, nonce, ad, ciphertext)
  }

  dispose(): void {
    this.#large.dispose()
    this.#key.fill(0)
    this.#disposed = true
  }

  /** WebAssembly where it is the faster one; undefined means `node:crypto`. */
  #primitivesFor(ad: Uint8Array, length: number): WasmPrimitives | undefined {
    if (this.#disposed) throw disposed('this AEAD key')
    const primitives = this.#own ?? wasm
    return primitives !== undefined && length <= this.#crossover && primitives.takes(ad, length)
      ? primitives
      : undefined
  }
}

let wasm: WasmPrimitives | undefined
let loading: Promise<void> | undefined

/**
 * Bytes of a sealed unit up to which WebAssembly takes less time, by what an object of `node:crypto` costs: 14 µs on
 * Node 24 (OpenSSL 3.5 looks its algorithm up anew for each), 4 µs before and after. Measured with `npm run bench aead`.
 */
const CROSSOVER = crossoverOf(process.versions.node)

export function crossoverOf(version: string): number {
  const major = Number.parseInt(version, 10)
  return major === 23 || major === 24 ? 7_168 : 2_048
}
