/**
 * One buffer for the packets of all sessions: a packet is handed to its link before the next one is assembled, so idle
 * sessions need no buffers.
 */
export function scratch(size: number): Uint8Array<ArrayBuffer> {
  if (shared.length < size) shared = new Uint8Array(size)
  return shared
}

let shared = new Uint8Array(0)
