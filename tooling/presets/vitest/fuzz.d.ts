/** Numbers from 0 up to but not including `below`, the same for the same seed. */
export type Random = (below: number) => number

export interface FuzzTarget {
  /** The file of the inputs that were worth keeping, each a line in hexadecimal. */
  readonly corpus: URL
  /** Inputs in hexadecimal that every run starts from as well. */
  readonly vectors: readonly string[]
  /** How many inputs are tried when the command line does not say. */
  readonly count: number
  /** A new input, made of those that are known. */
  readonly mutate: (inputs: readonly Uint8Array[], random: Random) => Uint8Array
  /** Throws where a promise is broken; gives the input's kind, of which one input is kept. */
  readonly examine: (bytes: Uint8Array, random: Random) => string
}

export declare const randomFrom: (seed: number) => Random
export declare const readCorpus: (file: URL) => string[]
/** The bytes of inputs in hexadecimal. */
export declare const toBytes: (inputs: readonly string[]) => Uint8Array[]
/** `npm run fuzz -- PACKAGE`: tries mutations, and adds those of a new kind to the corpus. */
export declare const fuzz: (target: FuzzTarget) => void
