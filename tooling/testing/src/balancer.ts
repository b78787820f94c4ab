import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** One port in front of several, to which connections go in turn. */
export interface Balancer {
  readonly port: number
  /** Connections that were taken, by the millisecond of `performance.now()`. */
  readonly taken: readonly number[]
  close(): Promise<void>
}

/** @param ports of 127.0.0.1; one that refuses is passed over for that connection */
export async function startBalancer(ports: readonly number[]): Promise<Balancer> {
  const open = new Set<Socket>()
  const taken: number[] = []
  let turn = 0
  const keep = (socket: Socket): void => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  }
  const join = (client: Socket, tries: number): void => {
    const backend = connect(ports[turn++ % ports.length]!, '127.0.0.1')
    keep(backend)
    const onError = (): void => void (tries > 1 ? join(client, tries - 1) : client.destroy())
    backend.once('error', onError)
    backend.once('connect', () => {
      backend.off('error', onError)
      // Whichever end is cut off cuts off the other.
      backend.on('error', () => client.destroy()).pipe(client)
      client.on('error', () => backend.destroy()).pipe(backend)
    })
  }
  const server = createServer(client => {
    taken.push(performance.now())
    keep(client)
    client.on('error', () => client.destroy())
    join(client, ports.length)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as { port: number }).port,
    taken,
    async close() {
      server.close()
      for (const socket of open) socket.destroy()
      await once(server, 'close')
    },
  }
}
