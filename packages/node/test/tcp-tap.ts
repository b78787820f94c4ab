import { connect, createServer, type Socket } from 'node:net'
import { FrameDecoder } from '@stt/transport-ws'

/** A TCP proxy that keeps a copy of everything, as somebody on the path does. */
export interface TcpTap {
  /** The address to dial in place of the one behind the tap. */
  readonly address: string
  readonly captured: Captured
  /** The same, each connection for itself. */
  readonly connections: readonly Captured[]
  /** Cuts every connection at once, without a goodbye. */
  cut(): void
  close(): Promise<void>
}

export interface Captured {
  readonly toServer: Uint8Array[]
  readonly toClient: Uint8Array[]
}

export async function tapTcp(target: string): Promise<TcpTap> {
  const { hostname, port } = new URL(target)
  const captured: Captured = { toServer: [], toClient: [] }
  const connections: Captured[] = []
  const sockets = new Set<Socket>()
  const join = (from: Socket, to: Socket, ...copies: Uint8Array[][]): void => {
    sockets.add(from)
    from.on('data', chunk => {
      for (const each of copies) each.push(new Uint8Array(chunk))
    })
    from.pipe(to)
    from.on('error', () => to.destroy())
    from.on('close', () => to.destroy())
  }
  const server = createServer(client => {
    const upstream = connect(Number(port), hostname)
    const own: Captured = { toServer: [], toClient: [] }
    connections.push(own)
    join(client, upstream, captured.toServer, own.toServer)
    join(upstream, client, captured.toClient, own.toClient)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port: tapPort } = server.address() as { port: number }
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    address: `ws://127.0.0.1:${tapPort}`,
    captured,
    connections,
    cut,
    close: () => {
      cut()
      return new Promise(resolve => server.close(() => resolve()))
    },
  }
}

/** The packets in one direction of a captured WebSocket connection: without HTTP head, frame headers and masks. */
export function packetsOf(chunks: readonly Uint8Array[], receiver: 'server' | 'client'): Uint8Array[] {
  const bytes = Buffer.concat(chunks)
  const decoder = new FrameDecoder(receiver)
  // The decoder unmasks in place: the capture itself stays as it was.
  decoder.push(new Uint8Array(bytes.subarray(bytes.indexOf('\r\n\r\n') + 4)))
  const packets: Uint8Array[] = []
  for (let event = decoder.next(); event; event = decoder.next()) {
    if (event.type === 'message') packets.push(event.data.slice())
  }
  return packets
}
