import { createServer as createSecureServer } from 'node:https'
import { printable, SttError } from '@stt/errors'
import { formatAddress } from './address.ts'
import { defaultLimits } from './limits.ts'
import { HttpListener, type WebSocketListener } from './listener.ts'
import { http } from './node-http.ts'
import { checkWebSocketOptions, LISTEN_OPTIONS, type ListenWebSocketOptions } from './websocket-options.ts'

/**
 * Listens for STT over WebSocket on a port of its own, with or without TLS, or at one path of an existing server.
 *
 * Rejects with `STT_INVALID_ARGUMENT`, `STT_ADDRESS_IN_USE` or `STT_LISTEN_FAILED`.
 */
export async function listenWebSocket(options: ListenWebSocketOptions = {}): Promise<WebSocketListener> {
  checkWebSocketOptions(options, 'listenWebSocket', LISTEN_OPTIONS)
  const { host = '127.0.0.1', port = 0, path = '/', tls } = options
  if (options.server) return new HttpListener(options.server, false, options)

  // The listener has its own deadline from connection to upgrade. Node's deadlines would only add a second answer.
  const settings = {
    // Node refuses a head whose size equals its limit.
    maxHeaderSize: (options.limits?.maxHeaderSize ?? defaultLimits.maxHeaderSize) + 1,
    headersTimeout: 0,
    requestTimeout: 0,
    noDelay: true,
  }
  const server = tls ? createSecureServer({ ...settings, cert: tls.cert, key: tls.key }) : http.createServer(settings)
  const listener = new HttpListener(server, true, options)
  await new Promise<void>((resolve, reject) => {
    const fail = (cause: Error): void => reject(listenError(formatAddress(tls ? 'wss' : 'ws', host, port, path), cause))
    server.once('error', fail)
    try {
      server.listen(port, host, resolve)
    } catch (cause) {
      // Node throws at once for text that can be no host name.
      fail(cause as Error)
    }
  })
  return listener
}

function listenError(address: string, cause: NodeJS.ErrnoException): SttError {
  if (cause.code === 'EADDRINUSE') {
    const message = `another program listens at ${address}: stop it, or choose another port (0 lets the system choose)`
    return new SttError('STT_ADDRESS_IN_USE', message, { cause })
  }
  const why = REASONS[cause.code ?? ''] ?? cause.message
  return new SttError('STT_LISTEN_FAILED', `could not listen at ${printable(address)}: ${why}`, { cause })
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'not permitted. Ports below 1024 need a privilege: choose a higher one',
  EADDRNOTAVAIL: 'no interface of this machine has that address. 0.0.0.0 or :: listen on all of them',
  ENOTFOUND: 'the name is not known. Give an IP address of this machine',
  EAFNOSUPPORT: 'this machine does not speak that address family',
}
