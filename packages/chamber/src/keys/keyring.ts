import { cke, concatBytes, phe, provider, toBase32 } from '@stt/crypto'
import { utf8 } from '@stt/errors'
import { EMPTY, lengthPrefixed } from '../bytes.ts'

/** The kind of a sealed message, which is part of its context: no kind passes for another. */
export const Kind = { object: 1, record: 2, checkpoint: 3, keyFile: 4, head: 5 } as const

/** The folder of a chamber in a store that may hold several. It reveals the id only to a guess. */
// spec: STT-CHA-1
export function scopeOf(id: string): string {
  return toBase32(phe.digest('chamber', utf8(id, 'the id')).subarray(0, SCOPE_LENGTH))
}

/** The keys of one chamber, and the contexts of what they seal. */
export class Keyring {
  readonly #id: string
  readonly #file: Uint8Array<ArrayBuffer>
  readonly #name: Uint8Array<ArrayBuffer>
  readonly #log: Uint8Array<ArrayBuffer>

  /** @param master 32 bytes, not kept */
  // spec: STT-CHA-2
  constructor(id: string, master: Uint8Array) {
    this.#id = id
    const chamberKey = cke.derive(master, 'chamber', utf8(id, 'the id'), 32)
    this.#file = cke.derive(chamberKey, 'file', EMPTY, 32)
    this.#name = cke.derive(chamberKey, 'name', EMPTY, 32)
    this.#log = cke.derive(chamberKey, 'log', EMPTY, 32)
    chamberKey.fill(0)
  }

  /** A key's 20-byte name in the store: the same every time, and it reveals nothing about the key. */
  // spec: STT-CHA-3
  objectId(key: string): Uint8Array<ArrayBuffer> {
    return provider.hmac(this.#name, utf8(key, 'the key')).subarray(0, OBJECT_ID_LENGTH)
  }

  /** Key and context for sealing and opening an object. */
  object(objectId: Uint8Array, generation: number): SealedUnder {
    return { key: this.#file, context: this.#context(objectId, generation, Kind.object) }
  }

  /** Key and context of a record of the log. `previous`: the commitment of the record before. */
  record(sequence: number, previous: Uint8Array): SealedUnder {
    return { key: this.#log, context: this.#context(previous, sequence, Kind.record) }
  }

  checkpoint(sequence: number): SealedUnder {
    return { key: this.#log, context: this.#context(EMPTY, sequence, Kind.checkpoint) }
  }

  /** The head pointer to the record `sequence`. */
  head(sequence: number): SealedUnder {
    return { key: this.#log, context: this.#context(EMPTY, sequence, Kind.head) }
  }

  /** The key file `number` of a chamber without a passphrase. */
  keyFile(number: number): SealedUnder {
    return { key: this.#log, context: this.#context(EMPTY, number, Kind.keyFile) }
  }

  /** Wipes the keys; nothing can be sealed or opened any more. */
  dispose(): void {
    this.#file.fill(0)
    this.#name.fill(0)
    this.#log.fill(0)
  }

  #context(x: Uint8Array, number: number, kind: number): Uint8Array<ArrayBuffer> {
    return contextOf(this.#id, x, number, kind)
  }
}

/** The context of a wrapped key: its chamber and its number. */
export function keyFileContext(id: string, number: number): Uint8Array<ArrayBuffer> {
  return contextOf(id, EMPTY, number, Kind.keyFile)
}

// spec: STT-CHA-4
function contextOf(id: string, x: Uint8Array, number: number, kind: number): Uint8Array<ArrayBuffer> {
  const tail = new Uint8Array(9)
  new DataView(tail.buffer).setBigUint64(0, BigInt(number))
  tail[8] = kind
  return concatBytes([lengthPrefixed(utf8(id, 'the id')), lengthPrefixed(x), tail])
}

/** The key and context that a message is sealed with. Do not keep it. */
export interface SealedUnder {
  readonly key: Uint8Array<ArrayBuffer>
  readonly context: Uint8Array<ArrayBuffer>
}

const SCOPE_LENGTH = 10
const OBJECT_ID_LENGTH = 20
