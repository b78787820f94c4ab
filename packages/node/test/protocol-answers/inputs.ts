/** One block of known answers: the section that it ends, and its lines. */
export interface Answers {
  readonly section: string
  readonly values: readonly Answer[]
}

/** A line of bytes or of words; or of words, with the bytes that they stand for below. */
export type Answer = readonly [name: string, value: Uint8Array | string, bytes?: Uint8Array]

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Bytes that count upwards. */
export const counting = (first: number, length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => first + i)

/** Randomness that gives these bytes, in this order, and nothing else. */
export function inTurn(...draws: readonly Uint8Array[]): (length: number) => Uint8Array {
  const left = [...draws]
  return length => {
    const next = left.shift()
    if (next?.length !== length) throw new Error(`a draw of ${length} bytes is not among the inputs`)
    return next
  }
}

/** The seed, and the static private keys of two nodes. */
export const SEED: Uint8Array = counting(0x00, 32)
export const INITIATOR: Uint8Array = counting(0x20, 32)
export const RESPONDER: Uint8Array = counting(0x40, 32)
