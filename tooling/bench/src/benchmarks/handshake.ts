import { Identity, randomBytes, Seed } from '@stt/crypto'
import type { TransportLimits } from '@stt/frame'
import { Initiator, Responder, type Suite } from '@stt/handshake'
import type { Benchmark, Contestant } from '../benchmark.ts'
import { tls } from '../transports/tls.ts'

const COUNT = 100

/** Handshakes a second with both sides in one thread: what they cost in computing, and for TLS loopback sockets as well. */
export function benchmarks(): readonly Benchmark[] {
  return [
    {
      title: 'Handshakes, both sides in one thread',
      unit: 'a second',
      better: 'higher',
      reference: 'node:tls, RSA 2,048',
      rows: [
        {
          name: 'full handshakes',
          contestants: [
            engines('stt, X25519', 1),
            engines('stt, X25519 and ML-KEM-768', 2),
            overTls('node:tls, P-256', 'ec'),
            overTls('node:tls, RSA 2,048', 'rsa'),
          ],
        },
      ],
      notes: [
        'stt: Initiator and Responder, four messages, mutual proof of identity. node:tls: TLS 1.3, the server alone has a key.',
        'ML-KEM-768 is plain JavaScript before Node 24, native from there on.',
      ],
    },
  ]
}

function engines(name: string, suite: Suite): Contestant {
  const keys = Seed.generate().deriveKeys()
  const [dialer, listener] = [Identity.generate(), Identity.generate()]
  const side = { keys, entropy: randomBytes, limits, datagram: false, suites: [suite] }
  const once = (): void => {
    const initiator = new Initiator({ ...side, identity: dialer, localCid: randomBytes(8) })
    const responder = new Responder({ ...side, identity: listener, localCid: randomBytes(8) })
    const response = responder.processHello(initiator.createHello(0), 0)
    const proof = initiator.processResponse(response!, 0)
    const session = initiator.processFinal(responder.verifyProof(proof!, 0)!, 0)
    if (session?.suite !== suite) throw new Error(`suite ${session?.suite} was used, not ${suite}`)
    session.secrets.dispose()
    responder.result!.secrets.dispose()
  }
  return { name, measure: () => rate(once) }
}

/** Server and client of the transport benchmark, here in one process. */
function overTls(name: string, keyType: 'ec' | 'rsa'): Contestant {
  const transport = tls(keyType)
  const serving = transport.serve()
  const dialing = serving.then(({ address }) => transport.dial(address))
  return {
    name,
    measure: async () => rate((await dialing).connection),
    async close() {
      await (await dialing).close()
      await (await serving).close()
    },
  }
}

async function rate(once: () => void | Promise<void>): Promise<number> {
  const started = performance.now()
  for (let i = 0; i < COUNT; i++) await once()
  return (1_000 * COUNT) / (performance.now() - started)
}

const limits: TransportLimits = {
  idleTimeout: 30_000,
  maxData: 1_048_576,
  maxStreamData: 262_144,
  maxDatagram: 65_535,
  maxMessage: 2_097_152,
  maxStreamsBidi: 1_024,
  maxStreamsUni: 1_024,
}
