import { dialWebSocket } from '../src/dial.ts'
import { listenWebSocket } from '../src/listen.ts'
import type { WebSocketListener } from '../src/listener.ts'
import type { WebSocketLink } from '../src/websocket-link.ts'
import type { ListenWebSocketOptions } from '../src/websocket-options.ts'

export interface Deferred<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
}

export function deferred<T = void>(): Deferred<T> {
  let resolve!: (value: T) => void
  const promise = new Promise<T>(settle => {
    resolve = settle
  })
  return { promise, resolve }
}

/** Some turns of the event loop: what loopback can do by itself is done then. */
export async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise(resolve => setImmediate(resolve))
}

/** Sends the largest packets until the network between takes no more; gives how many. */
export async function fill(link: WebSocketLink): Promise<number> {
  const packet = new Uint8Array(link.maxPacketSize)
  let sent = 0
  let room = true
  link.onDrain = () => {
    room = true
  }
  while (room) {
    room = false
    while (++sent && link.send(packet));
    await turns()
  }
  return sent
}

export interface LinkPair extends AsyncDisposable {
  readonly listener: WebSocketListener
  readonly server: WebSocketLink
  readonly client: WebSocketLink
}

/** A listener on loopback and both ends of one link through it. */
export async function connectedPair(options: ListenWebSocketOptions = {}): Promise<LinkPair> {
  const listener = await listenWebSocket(options)
  const accepted = deferred<WebSocketLink>()
  listener.onLink = accepted.resolve
  const { limits, timers } = options
  const client = await dialWebSocket(listener.address, { ...(limits && { limits }), ...(timers && { timers }) })
  const server = await accepted.promise
  return {
    listener,
    server,
    client,
    [Symbol.asyncDispose]: async () => {
      client.close()
      await listener.close()
    },
  }
}
