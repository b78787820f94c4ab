import { connect, createServer, type Socket } from 'node:net'

/** Something between two nodes that hands on what comes, and whose sockets the test can end as networks and systems do. */
export interface TcpForwarder {
  readonly address: string
  /** How many have come. */
  readonly connections: number
  /** What becomes of bytes of the listening node: they are written on, unless the test does otherwise. */
  onAnswer: (bytes: Uint8Array, write: (bytes: Uint8Array) => void) => void
  /** Of the connection that came last: its side of the dialing node, its side of the listening one. */
  ends(): [Socket, Socket]
  close(): Promise<void>
}

/** @param address where what comes is handed on to */
export async function dialThrough(address: string): Promise<TcpForwarder> {
  const { hostname, port } = new URL(address)
  let last: [Socket, Socket] | undefined
  let connections = 0
  const server = createServer({ allowHalfOpen: true }, near => {
    const far = connect({ port: Number(port), host: hostname, allowHalfOpen: true })
    last = [near, far]
    connections++
    for (const socket of last) socket.on('error', () => socket.destroy())
    near.on('data', chunk => far.write(chunk)).on('end', () => far.end())
    far.on('data', chunk => forwarder.onAnswer(chunk, bytes => near.write(bytes))).on('end', () => near.end())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const forwarder: TcpForwarder = {
    address: `ws://127.0.0.1:${(server.address() as { port: number }).port}`,
    get connections() {
      return connections
    },
    onAnswer: (bytes, write) => write(bytes),
    ends() {
      if (!last) throw new Error('nobody has connected')
      return last
    },
    close() {
      for (const socket of last ?? []) socket.destroy()
      return new Promise(resolve => server.close(() => resolve()))
    },
  }
  return forwarder
}
