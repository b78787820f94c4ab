import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'

/** An HTTP proxy as offices have them: it gives connections by CONNECT, and nothing else. */
export interface HttpProxy extends AsyncDisposable {
  /** Without credentials. */
  readonly url: string
  /** `host:port` of each that was asked for, in order. */
  readonly asked: readonly string[]
  /** The headers of each request. */
  readonly headers: readonly IncomingMessage['headers'][]
  /** Answers nobody any more, and keeps the connections. */
  isSilent: boolean
}

export interface HttpProxyOptions {
  /** `user:password`, which it then wants. */
  readonly credentials?: string
  /** Maps `host:port` to the place to connect to, or to an HTTP status to answer in place of an address. It connects there itself unless given. */
  readonly route?: (authority: string) => { readonly host: string; readonly port: number } | number
  /** Speaks TLS itself. */
  readonly tls?: { readonly cert: string; readonly key: string }
}

export async function startHttpProxy({ credentials, route, tls }: HttpProxyOptions = {}): Promise<HttpProxy> {
  const asked: string[] = []
  const headers: IncomingMessage['headers'][] = []
  const sockets = new Set<Socket>()
  const server = tls ? createSecureServer(tls) : createServer()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  })
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    const authority = request.url ?? ''
    asked.push(authority)
    headers.push(request.headers)
    client.on('error', () => {})
    if (proxy.isSilent) return
    const refuse = (status: number): void => void client.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`)
    const wanted = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`
    if (wanted && request.headers['proxy-authorization'] !== wanted) return refuse(407)
    const target = (route ?? toTarget)(authority)
    if (typeof target === 'number') return refuse(target)
    const socket = connect(target.port, target.host, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      client.pipe(socket).pipe(client)
    })
    sockets.add(socket)
    socket.on('error', () => refuse(502)).on('close', () => sockets.delete(socket))
    client.on('close', () => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const proxy: HttpProxy = {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    asked,
    headers,
    isSilent: false,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
  return proxy
}

function toTarget(authority: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(`http://${authority}`)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) }
}
