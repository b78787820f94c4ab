import type { Transport } from './protocol.ts'

const ETHERNET = { maxPacketSize: 1_452 }

/** The transports by name, each loaded only in the processes that measure it. */
export const transports: Readonly<Record<string, () => Promise<Transport>>> = {
  'stt ws': async () => (await import('./stt.ts')).stt('ws://127.0.0.1:0'),
  'stt ws by a relay': async () => (await import('./stt-relayed.ts')).sttRelayed,
  'stt ws, 100 streams': async () => (await import('./stt.ts')).stt('ws://127.0.0.1:0', {}, 100),
  'stt udp, 100 streams': async () => (await import('./stt.ts')).stt('udp://127.0.0.1:0', {}, 100),
  'stt udp': async () => (await import('./stt.ts')).stt('udp://127.0.0.1:0'),
  'stt udp 1,452': async () => (await import('./stt.ts')).stt('udp://127.0.0.1:0', { udp: ETHERNET }),
  'stt udp 1,452, sodium': async () => {
    const [{ stt }, { sodiumProvider }] = await Promise.all([import('./stt.ts'), import('@stt/crypto/sodium')])
    return stt('udp://127.0.0.1:0', { udp: ETHERNET, provider: sodiumProvider })
  },
  'udx + secret-stream': async () => (await import('./udx.ts')).udx,
  'libp2p: ws, noise, yamux': async () => (await import('./libp2p.ts')).libp2p,
  'same calls, ws': async () => (await import('./same-calls.ts')).sameCallsOverWebSocket,
  'same calls, udp': async () => (await import('./same-calls.ts')).sameCallsOverUdp,
  ws: async () => (await import('./ws.ts')).ws(),
  wss: async () => (await import('./ws.ts')).ws(true),
  'node:tls': async () => (await import('./tls.ts')).tls({ keyType: 'ec' }),
  'http2, 8 MiB windows': async () => (await import('./http2.ts')).http2,
  dgram: async () => (await import('./dgram.ts')).dgram({ size: 61_440, sealed: false }),
  'dgram + AEAD': async () => (await import('./dgram.ts')).dgram({ size: 61_440, sealed: true }),
  'dgram 1,452': async () => (await import('./dgram.ts')).dgram({ size: 1_452, sealed: false }),
  'dgram + AEAD 1,452': async () => (await import('./dgram.ts')).dgram({ size: 1_452, sealed: true }),
}
