import { createServer } from 'node:net'
import { acceptKey } from '../src/upgrade/accept-key.ts'
import { RawPeer } from './raw-peer.ts'

export interface RawServer extends AsyncDisposable {
  readonly address: string
}

/** A TCP server in a test's hands; `serve` gets each connection. */
export async function rawServer(serve: (peer: RawPeer) => void | Promise<void>): Promise<RawServer> {
  const server = createServer({ allowHalfOpen: true }, socket => void serve(new RawPeer(socket)))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `ws://127.0.0.1:${(server.address() as { port: number }).port}`,
    [Symbol.asyncDispose]: async () => void server.close(),
  }
}

/** Reads the request and accepts it, with these headers changed or left out. */
export async function accept(peer: RawPeer, changes: Readonly<Record<string, string | undefined>> = {}): Promise<void> {
  const head = await peer.readHead()
  const [, key = ''] = /^Sec-WebSocket-Key: (.*)\r$/im.exec(head) ?? []
  const headers = {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Accept': acceptKey(key),
    'Sec-WebSocket-Protocol': 'stt.v1',
    ...changes,
  }
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}\r\n`],
  )
  peer.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`)
}
