/** The bytes from `first` on, each one more than the one before. */
export const counting = (first: number, length: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, i) => first + i)

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

export const fromHex = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text, 'hex'))

/** Random bytes that are the same in each run. */
export function seeded(seed = 1): (length: number) => Uint8Array<ArrayBuffer> {
  let state = seed
  return length => {
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; i++) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      bytes[i] = state >>> 16
    }
    return bytes
  }
}
