/**
 * One buffer for the packets of every session: a packet is handed to its link before the next one is put together,
 * and ten thousand idle sessions need no buffer each.
 */
export function scratch(size: number): Uint8Array<ArrayBuffer> {
  if (shared.length < size) shared = new Uint8Array(size)
  return shared
}

let shared = new Uint8Array(0)
