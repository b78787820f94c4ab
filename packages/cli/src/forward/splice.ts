import type { Socket } from 'node:net'
import { isSttError, type Stream } from '@stt/node'

/** Bytes of a connection, as this side sees them. */
export interface Traffic {
  sent: number
  received: number
}

/**
 * Joins a TCP connection and a stream until both directions are over. Each ends by itself (FIN), a reset goes through as a
 * reset, and a side that takes no bytes holds the other one back: at most one chunk is in hand each way.
 *
 * @param socket with `allowHalfOpen`
 * @param answered reads the answer at the beginning of the stream; if it rejects, both ends are reset and the splice rejects too
 * @returns how the connection ended
 */
export async function splice(
  socket: Socket,
  stream: Stream,
  traffic: Traffic,
  answered: Promise<void> = Promise.resolve(),
): Promise<'ended' | 'reset'> {
  const outward = socketToStream(socket, stream, traffic)
  // Writing may fail first, but the answer gives the reason.
  outward.catch(() => {})
  try {
    await answered
    await Promise.all([outward, streamToSocket(stream, socket, traffic)])
    return 'ended'
  } catch (error) {
    breakOff(socket, stream)
    if (isSttError(error) || isOfSystem(error)) return 'reset'
    throw error
  }
}

/** Resets both at once, so that each other end knows that bytes are missing. */
export function breakOff(socket: Socket, stream: Stream): void {
  socket.resetAndDestroy()
  stream.reset(RESET)
  stream.stop(RESET)
}

async function socketToStream(socket: Socket, stream: Stream, traffic: Traffic): Promise<void> {
  // Without this option the end of the incoming direction would end the outgoing one too.
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    await stream.write(chunk)
    traffic.sent += chunk.length
  }
  await stream.end()
  await stream.delivered
}

async function streamToSocket(stream: Stream, socket: Socket, traffic: Traffic): Promise<void> {
  for await (const chunk of stream) {
    await written(socket, chunk)
    traffic.received += chunk.length
  }
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.end(resolve)
  })
}

/** Resolves when the system has taken the bytes. */
const written = (socket: Socket, chunk: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => socket.write(chunk, error => (error ? reject(error) : resolve())))

/** Whether an error comes from a socket; any other one is a defect. */
export const isOfSystem = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && /^(E[A-Z]|ERR_S)/.test(error.code)

/** Code of the reset of a stream whose connection broke off. */
const RESET = 1
