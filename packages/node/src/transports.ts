// A program uses one transport or the other, and what Node needs for WebSockets, TLS included, is a fifth of what it takes to
// import this package. So each is loaded by the first address, option or hole to punch that needs it.

export const udpTransport = (): Promise<typeof import('@stt/transport-udp')> => import('@stt/transport-udp')
export const webSocketTransport = (): Promise<typeof import('@stt/transport-ws')> => import('@stt/transport-ws')
