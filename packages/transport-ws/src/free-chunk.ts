import type { Duplex } from 'node:stream'
import { detach } from '@stt/errors'

/**
 * Frees a chunk that a socket read, once nothing of it is needed. Node allocates 64 KiB outside of V8's heap for each read.
 * Measured in a client that receives in bulk: a fifth to a quarter more in a second.
 *
 * Does nothing while somebody else listens to the socket, who may have kept the chunk.
 */
export function freeChunk(socket: Duplex, chunk: Uint8Array): void {
  if (socket.listenerCount('data') <= 1) detach(chunk)
}
