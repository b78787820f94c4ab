import { Identity, randomBytes, Seed } from '@stt/crypto'
import type { TransportLimits } from '@stt/frame'
import { Initiator, type Suite } from '@stt/handshake'
import { Responder } from '@stt/handshake/listen'
import { type TlsOptions, tls } from '../transports/tls.ts'

/** Does one whole handshake, both sides of it. */
export type Handshake = () => void | Promise<void>

export const contestants: Readonly<Record<string, () => Handshake | Promise<Handshake>>> = {
  'stt, X25519': () => engines(1),
  'stt, X25519 and ML-KEM-768': () => engines(2),
  'node:tls, P-256': () => overTls({ keyType: 'ec' }),
  'node:tls, RSA 2,048': () => overTls({ keyType: 'rsa' }),
  'node:tls, P-256, both sides': () => overTls({ keyType: 'ec', mutual: true }),
  'node:tls, RSA 2,048, both sides': () => overTls({ keyType: 'rsa', mutual: true }),
}

function engines(suite: Suite): Handshake {
  const keys = Seed.generate().deriveKeys()
  const [dialer, listener] = [Identity.generate(), Identity.generate()]
  const side = { keys, entropy: randomBytes, limits, datagram: false, suites: [suite] }
  return () => {
    const initiator = new Initiator({ ...side, identity: dialer, localCid: randomBytes(8) })
    const responder = new Responder({ ...side, identity: listener, localCid: randomBytes(8) })
    const response = responder.processHello(initiator.createHello(0), 0)
    const proof = initiator.processResponse(response!, 0)
    const session = initiator.processFinal(responder.verifyProof(proof!, 0)!, 0)
    if (session?.suite !== suite) throw new Error(`suite ${session?.suite} was used, not ${suite}`)
    session.secrets.dispose()
    responder.result!.secrets.dispose()
  }
}

async function overTls(options: TlsOptions): Promise<Handshake> {
  const transport = tls(options)
  const { address } = await transport.serve()
  const end = await transport.dial(address)
  return () => end.connection()
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
