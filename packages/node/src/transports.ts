type Udp = typeof import('@stt/transport-udp')
type WebSockets = typeof import('@stt/transport-ws')

// A program uses one transport or the other, and what Node needs for WebSockets, TLS included, is a fifth of what it takes to
// import this package. So each is loaded by the first address, option or hole to punch that needs it.

export const udpTransport = (): Promise<Udp> => (udp ??= import('@stt/transport-udp'))
export const webSocketTransport = (): Promise<WebSockets> => (webSockets ??= import('@stt/transport-ws'))

// Kept, so that a second caller waits for nothing.
let udp: Promise<Udp> | undefined
let webSockets: Promise<WebSockets> | undefined
