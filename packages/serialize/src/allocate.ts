/**
 * Memory of which the caller writes every byte before it shows it. It is not filled with zeros if the platform can leave that
 * out: for 64 KiB zeros cost as much as the copy that follows.
 */
export function allocate(length: number): Uint8Array<ArrayBuffer> {
  if (allocateUnsafe === undefined) return new Uint8Array(length)
  const { buffer, byteOffset } = allocateUnsafe(length)
  return new Uint8Array(buffer, byteOffset, length)
}

const platform: { readonly Buffer?: { allocUnsafeSlow?(length: number): Uint8Array<ArrayBuffer> } } = globalThis
const allocateUnsafe = platform.Buffer?.allocUnsafeSlow
