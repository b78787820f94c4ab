import { MemoryStore } from '@stt/chamber'
import { provider, Seed, sealChunks } from '@stt/crypto'
import { Identity, MemoryTrustStore } from '@stt/node'
import { sealSegments } from '@stt/stream/segments'

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i * 7 + 1)
const seed = Seed.generate()
const sealing = () => ({ key: bytes(32), context: bytes(4) })

/** Legal arguments of what takes more than chance finds, to be changed in one place. */
export const legal: Readonly<Record<string, () => readonly unknown[]>> = {
  '@stt/errors SttError': () => ['STT_LIMIT', 'a message', { cause: new Error('x'), details: { limit: 3 } }],
  '@stt/errors checkOptions': () => [{ signal: 1 }, 'connect', ['signal']],
  '@stt/errors checkInteger': () => [3, 'n', 0, 7],
  '@stt/serialize encode': () => [{ a: [1, 'x', bytes(3), null, true] }],
  '@stt/serialize encodeInto': () => [[1, 2], bytes(64), 3],
  '@stt/serialize decode': () => [Uint8Array.of(0), { typed: true, canonical: true, copy: true, limits: { depth: 3 } }],
  '@stt/serialize Decoder': () => [{ typed: true, limits: { bytes: 100 } }],
  '@stt/serialize decodeStream': () => [[Uint8Array.of(0)], { copy: true }],
  '@stt/crypto sealChunks': () => [bytes(100), sealing()],
  '@stt/crypto openChunks': () => [sealChunks(bytes(100), sealing()), sealing()],
  '@stt/crypto ChunkSealer': () => [sealing()],
  '@stt/crypto ChunkOpener': () => [{ ...sealing(), header: sealChunks(bytes(1), sealing()).subarray(0, 56) }],
  '@stt/crypto cke.derive': () => [bytes(32), 'label', bytes(3), 32],
  '@stt/crypto cke.exportKey': () => [bytes(32), 'label', 32],
  '@stt/crypto cke.streamContext': () => [bytes(32), 4],
  '@stt/crypto phe.digest': () => ['domain', bytes(3), bytes(0)],
  '@stt/crypto phe.verify': () => [bytes(3), bytes(48)],
  '@stt/crypto Identity.fromPrivateKey': () => [bytes(32), provider],
  '@stt/crypto Seed.fromBytes': () => [bytes(32)],
  '@stt/crypto Seed.fromHex': () => [`${'a7'.repeat(31)}ff`],
  '@stt/crypto NoiseHandshake': () => [{ pattern: 'XXpsk0+psk3', initiator: true, prologue: bytes(3), provider }],
  '@stt/stream/segments StreamEncoder': () => [{ ...sealing(), segmentSize: 100 }],
  '@stt/stream/segments StreamDecoder': () => [{ ...sealing() }],
  '@stt/stream/segments sealSegments': () => [bytes(100), sealing()],
  '@stt/stream/segments openSegments': () => [sealSegments(bytes(100), sealing()), sealing()],
  '@stt/stream/segments encodeFrom': () => [[bytes(3)], sealing()],
  '@stt/stream/segments decodeFrom': () => [[sealSegments(bytes(3), sealing())], sealing()],
  '@stt/chamber Chamber.open': () => [{ store: new MemoryStore(), id: 'a', key: bytes(32) }],
  '@stt/transport-udp dialUdp': () => ['udp://127.0.0.1:1', { maxPacketSize: 1_400, localPort: 0 }],
  '@stt/transport-udp listenUdp': () => [{ host: '127.0.0.1', port: 0, probeUpTo: 1_452 }],
  '@stt/transport-ws dialWebSocket': () => [
    'ws://127.0.0.1:1',
    { headers: { 'X-A': 'b' }, limits: { dialTimeout: 100 } },
  ],
  '@stt/transport-ws listenWebSocket': () => [
    { host: '127.0.0.1', port: 0, path: '/a', origins: ['https://a.example'] },
  ],
  '@stt/node STTNode.create': () => [
    {
      seed,
      listen: ['ws://127.0.0.1:0'],
      identity: Identity.generate(),
      peers: { trustOnFirstUse: new MemoryTrustStore(), max: 2 },
      limits: { closeDeadline: 10, streams: 3 },
      keepAlive: 1_000,
      metadata: { a: 1 },
      udp: {},
      ws: { headers: {} },
    },
  ],
  '@stt/node node.connect': () => ['ws://127.0.0.1:1', { signal: AbortSignal.abort(), peer: bytes(32), metadata: 'x' }],
  '@stt/node node.revoke': () => [bytes(32)],
  '@stt/node node.drain': () => [{ deadline: 1 }],
  '@stt/node node.setSeeds': () => [[seed]],
  '@stt/node session.openStream': () => [{ priority: 3, signal: new AbortController().signal }],
  '@stt/node session.openSendStream': () => [{ priority: 3 }],
  '@stt/node session.sendDatagram': () => [bytes(10)],
  '@stt/node session.exportKey': () => ['label', 32],
  '@stt/node session.close': () => [{ code: 1, reason: 'done', deadline: 1 }],
  '@stt/node stream.write': () => [bytes(10), { signal: new AbortController().signal }],
  '@stt/node stream.writeMessage': () => [bytes(10)],
  '@stt/node stream.reset': () => [3],
  '@stt/node stream.stop': () => [3],
}
