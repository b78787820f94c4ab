import { Identity, Seed } from '@stt/crypto'
import type { PathTerms, TransportLimits } from '@stt/frame'
import { type HandshakeResult, Initiator } from '@stt/handshake'
import { Responder } from '@stt/handshake/listen'
import { type Answers, counting, INITIATOR, inTurn, RESPONDER, SEED } from './inputs.ts'

export interface Run {
  readonly hello: Uint8Array
  readonly response: Uint8Array
  readonly proof: Uint8Array
  readonly final: Uint8Array
  readonly initiator: HandshakeResult
  readonly responder: HandshakeResult
}

export function shakeHands(): Run {
  const common = {
    keys: Seed.fromBytes(SEED).deriveKeys(),
    datagram: false,
    suites: [1],
    limits: LIMITS,
    paths: PATHS,
  } as const
  const initiator = new Initiator({
    ...common,
    identity: Identity.fromPrivateKey(INITIATOR),
    entropy: inTurn(counting(0xa0, 16), counting(0x60, 32)),
    localCid: counting(0xc0, 8),
  })
  const responder = new Responder({
    ...common,
    identity: Identity.fromPrivateKey(RESPONDER),
    entropy: inTurn(counting(0xb0, 16), counting(0x80, 32)),
    localCid: counting(0xd0, 8),
  })
  const hello = initiator.createHello(0)
  const response = responder.processHello(hello, 0)!
  const proof = initiator.processResponse(response, 0)!
  const final = responder.verifyProof(proof, 0)!
  return { hello, response, proof, final, initiator: initiator.processFinal(final, 0)!, responder: responder.result! }
}

export function handshake({ hello, response, proof, final, initiator, responder }: Run): Answers {
  const mac1 = (message: Uint8Array): Uint8Array => message.subarray(-16)
  return {
    section: '2',
    values: [
      ['initiator', 'static private key 20…3f, e 60…7f, nonce a0…af, connection id c0…c7'],
      ['responder', 'static private key 40…5f, e 80…9f, nonce b0…bf, connection id d0…d7'],
      ['both', 'seed 00…1f, suites [1], versions [1], a message link, no token, pad of no bytes, no metadata'],
      ['limits of both', `idleTimeout ${LIMITS.idleTimeout}, all others ${LIMITS.maxData}`],
      ['paths of both', `v ${PATHS.version}, max ${PATHS.maxPaths}, punch ${PATHS.punch}, detached ${PATHS.detached}`],
      ['e of HELLO', hello.subarray(25, 57)],
      ['AEAD(P1)[0..16]', hello.subarray(57, 73)],
      ['mac1 of HELLO', mac1(hello)],
      ['AEAD(P2)[0..16]', response.subarray(104, 120)],
      ['mac1 of RESPONSE', mac1(response)],
      ['AEAD(P3)[0..16]', proof.subarray(72, 88)],
      ['mac1 of AUTH_PROOF', mac1(proof)],
      ['resetToken in P4', initiator.resetToken!],
      ['AEAD(P4)[0..16]', final.subarray(24, 40)],
      ['h4', responder.binding],
      ['confirm', final.subarray(-32, -16)],
      ['ts.0, i2r', initiator.secrets.send],
      ['ts.0, r2i', responder.secrets.send],
      ['exporter', initiator.secrets.exporter],
      ['session id', initiator.sessionId],
    ],
  }
}

const PATHS: PathTerms = { version: 1, maxPaths: 4, punch: false, detached: 0 }
export const LIMITS: TransportLimits = {
  idleTimeout: 30_000,
  maxData: 100_000,
  maxStreamData: 100_000,
  maxDatagram: 100_000,
  maxMessage: 100_000,
  maxStreamsBidi: 100_000,
  maxStreamsUni: 100_000,
}
