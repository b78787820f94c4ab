import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A way to a TCP port on which each byte takes its time. */
export interface SlowProxy {
  readonly port: number
  /** Milliseconds that what comes now takes on its way there. */
  delay: number
  close(): Promise<void>
}

/** @param port of 127.0.0.1 */
export async function startSlowProxy(port: number): Promise<SlowProxy> {
  const open = new Set<Socket>()
  const server = createServer(client => {
    const backend = connect(port, '127.0.0.1')
    for (const socket of [client, backend]) {
      open.add(socket)
      socket.on('error', () => {})
      socket.once('close', () => {
        open.delete(socket)
        client.destroy()
        backend.destroy()
      })
    }
    backend.on('data', chunk => client.write(chunk))
    // In the order in which it came, as all that waits is set to wait equally long.
    client.on('data', chunk => {
      if (proxy.delay === 0) backend.write(chunk)
      else setTimeout(() => backend.write(chunk), proxy.delay)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy: SlowProxy = {
    port: (server.address() as { port: number }).port,
    delay: 0,
    async close() {
      server.close()
      for (const socket of open) socket.destroy()
      await once(server, 'close')
    },
  }
  return proxy
}
