/**
 * Memory whose every byte the caller is about to write, and which nobody sees before. Where the platform has a way to
 * leave out the zeros, it does: for 64 KiB they cost as much as the copy that follows.
 */
export function allocate(length: number): Uint8Array<ArrayBuffer> {
  if (allocateUnsafe === undefined) return new Uint8Array(length)
  const { buffer, byteOffset } = allocateUnsafe(length)
  return new Uint8Array(buffer, byteOffset, length)
}

const platform: { readonly Buffer?: { allocUnsafeSlow?(length: number): Uint8Array<ArrayBuffer> } } = globalThis
const allocateUnsafe = platform.Buffer?.allocUnsafeSlow
