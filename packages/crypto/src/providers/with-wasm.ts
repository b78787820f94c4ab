import { checkNonce, checkRoom, checkSeal, disposed, hmacKeyOf, keyOf, partOf } from './checks.ts'
import { type AeadKey, type CryptoProvider, TAG_LENGTH } from './provider.ts'
import type { WasmPrimitives } from './wasm.ts'

export interface WasmUse {
  /** Does everything until WebAssembly is there, and afterwards large units, X25519 and ML-KEM. */
  readonly base: CryptoProvider
  /** Bytes of a sealed unit up to which WebAssembly is faster than `base`. */
  readonly crossover: number
  /** Bytes in WebAssembly's memory for one call. */
  readonly room: number
  /** Bytes that have to go through AEAD keys before WebAssembly is loaded; with 0 the first key loads it. */
  readonly worthAfter: number
}

export interface WasmProvider extends CryptoProvider {
  /** Resolves when WebAssembly is in use, or known to be unavailable. The provider calls it itself; for tests and benchmarks. */
  load(): Promise<void>
}

/**
 * A provider with libsodium as WebAssembly, which is loaded in the background once it is worth it. Until then, and where a
 * runtime or a policy does not allow it, `base` does everything. The results are the same bytes.
 */
export function withWasm(use: WasmUse, fetchModule: FetchModule = () => import('./wasm-apart.ts')): WasmProvider {
  const { base } = use
  const wasm = new WasmSlot(use, fetchModule)
  return {
    ...base,
    get name() {
      return wasm.primitives === undefined ? base.name : `${base.name}+wasm`
    },
    hash: (...parts) => wasm.primitives?.hash(parts.map(partOf)) ?? base.hash(...parts),
    hmac: (key, ...parts) => wasm.primitives?.hmac(hmacKeyOf(key), parts.map(partOf)) ?? base.hmac(key, ...parts),
    aead(key) {
      wasm.count(0)
      return new BySizeAeadKey(key, base, wasm)
    },
    load: () => wasm.load(),
  }
}

/** WebAssembly for all that fits into its memory, as a provider that can be checked for known answers. */
export function wasmOnly(base: CryptoProvider, primitives: WasmPrimitives): CryptoProvider {
  return {
    ...base,
    name: 'wasm',
    hash: (...parts) => primitives.hash(parts) ?? base.hash(...parts),
    hmac: (key, ...parts) => primitives.hmac(key, parts) ?? base.hmac(key, ...parts),
    aead: key => new BySizeAeadKey(key, base, { primitives, crossover: Number.POSITIVE_INFINITY, count() {} }),
  }
}

type FetchModule = () => Promise<typeof import('./wasm-apart.ts')>

interface Wasm {
  readonly primitives: WasmPrimitives | undefined
  readonly crossover: number
  /** Counts bytes that went through the other provider. */
  count(bytes: number): void
}

/** WebAssembly, once it is there. */
class WasmSlot implements Wasm {
  readonly crossover: number
  readonly #use: WasmUse
  readonly #fetchModule: FetchModule
  #primitives: WasmPrimitives | undefined
  #loading: Promise<void> | undefined
  #bytes = 0

  constructor(use: WasmUse, fetchModule: FetchModule) {
    this.#use = use
    this.#fetchModule = fetchModule
    this.crossover = use.crossover
  }

  get primitives(): WasmPrimitives | undefined {
    return this.#primitives
  }

  count(bytes: number): void {
    if (this.#loading !== undefined) return
    this.#bytes += bytes
    if (this.#bytes >= this.#use.worthAfter) void this.load()
  }

  load(): Promise<void> {
    this.#loading ??= this.#load()
    return this.#loading
  }

  async #load(): Promise<void> {
    try {
      const { loadPrimitives, passesSelfTest } = await this.#fetchModule()
      const loaded = await loadPrimitives(this.#use.room)
      if (passesSelfTest(wasmOnly(this.#use.base, loaded))) this.#primitives = loaded
    } catch {
      // A runtime without WebAssembly, or a policy against it: `base` goes on, and the provider's name says so.
    }
  }
}

class BySizeAeadKey implements AeadKey {
  readonly #key: Uint8Array<ArrayBuffer>
  readonly #provider: CryptoProvider
  readonly #wasm: Wasm
  #base: AeadKey | undefined
  #disposed = false

  constructor(key: Uint8Array, base: CryptoProvider, wasm: Wasm) {
    this.#key = Uint8Array.from(keyOf(key, 'an AEAD key'))
    this.#provider = base
    this.#wasm = wasm
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

  openToOwnBuffer(nonce: Uint8Array, ad: Uint8Array, ciphertext: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    const small = this.#primitivesFor(ad, ciphertext.length)
    if (small === undefined) return this.#large.openToOwnBuffer(nonce, ad, ciphertext)
    checkNonce(nonce)
    // spec: STT-CRY-2
    if (ciphertext.length < TAG_LENGTH) return undefined
    return small.openToOwnBuffer(this.#key, nonce, ad, ciphertext)
  }

  dispose(): void {
    this.#base?.dispose()
    this.#key.fill(0)
    this.#disposed = true
  }

  /** The key at the other provider, made at first use: most sessions send nothing large. */
  get #large(): AeadKey {
    this.#base ??= this.#provider.aead(this.#key)
    return this.#base
  }

  /** WebAssembly where it is faster; undefined for the other provider. */
  #primitivesFor(ad: Uint8Array, length: number): WasmPrimitives | undefined {
    if (this.#disposed) throw disposed('this AEAD key')
    const { primitives } = this.#wasm
    if (primitives === undefined) {
      this.#wasm.count(length)
      return undefined
    }
    return length <= this.#wasm.crossover && primitives.takes(ad, length) ? primitives : undefined
  }
}
