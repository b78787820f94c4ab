import { createRequire } from 'node:module'
import { SttError } from '@stt/errors'

// The noble libraries are a third of what it takes to import this package, and a Node with its own ML-KEM computes with none of
// them. So the first call that needs one loads it, which Node's `require` does without a wait, ES modules included.

export const nobleAead = (): Modules['@noble/ciphers/chacha.js']['chacha20poly1305'] =>
  load('@noble/ciphers/chacha.js').chacha20poly1305
export const nobleHash = (): Modules['@noble/hashes/blake2.js']['blake2b'] => load('@noble/hashes/blake2.js').blake2b
export const nobleHmac = (): Modules['@noble/hashes/hmac.js']['hmac'] => load('@noble/hashes/hmac.js').hmac
export const nobleKem = (): Modules['@noble/post-quantum/ml-kem.js']['ml_kem768'] =>
  load('@noble/post-quantum/ml-kem.js').ml_kem768
export const nobleMontgomery = (): Modules['@noble/curves/abstract/montgomery.js']['montgomery'] =>
  load('@noble/curves/abstract/montgomery.js').montgomery
export const noblePow = (): Modules['@noble/curves/abstract/modular.js']['pow'] =>
  load('@noble/curves/abstract/modular.js').pow

/**
 * Loads ML-KEM ahead of its first use. A bundler sees what `import()` names, and not what `require` asks for.
 *
 * @throws STT_LOAD_FAILED
 */
export async function loadNobleKem(): Promise<void> {
  const name = '@noble/post-quantum/ml-kem.js'
  if (loaded.has(name)) return
  loaded.set(name, await import('@noble/post-quantum/ml-kem.js').catch(cause => failed(name, cause)))
}

function load<K extends keyof Modules>(name: K): Modules[K] {
  const known = loaded.get(name)
  if (known !== undefined) return known as Modules[K]
  try {
    const module: Modules[K] = createRequire(import.meta.url)(name)
    loaded.set(name, module)
    return module
  } catch (cause) {
    return failed(name, cause)
  }
}

function failed(name: string, cause: unknown): never {
  throw new SttError('STT_LOAD_FAILED', `${name} could not be loaded: install it beside this program`, { cause })
}

interface Modules {
  readonly '@noble/ciphers/chacha.js': typeof import('@noble/ciphers/chacha.js')
  readonly '@noble/curves/abstract/modular.js': typeof import('@noble/curves/abstract/modular.js')
  readonly '@noble/curves/abstract/montgomery.js': typeof import('@noble/curves/abstract/montgomery.js')
  readonly '@noble/hashes/blake2.js': typeof import('@noble/hashes/blake2.js')
  readonly '@noble/hashes/hmac.js': typeof import('@noble/hashes/hmac.js')
  readonly '@noble/post-quantum/ml-kem.js': typeof import('@noble/post-quantum/ml-kem.js')
}

const loaded = new Map<keyof Modules, Modules[keyof Modules]>()
