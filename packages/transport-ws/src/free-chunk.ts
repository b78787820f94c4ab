import type { Duplex } from 'node:stream'
import { detach } from '@stt/errors'

/**
 * Frees a chunk that a socket read, once it is no longer needed. Node allocates 64 KiB outside of V8's heap for each read.
 * Freeing it raised the throughput of a client that receives in bulk by a fifth to a quarter.
 *
 * Does nothing if the socket has another listener, which may have kept the chunk.
 */
export function freeChunk(socket: Duplex, chunk: Uint8Array): void {
  if (socket.listenerCount('data') <= 1) detach(chunk)
}
