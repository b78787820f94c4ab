import { cke, Identity, phe, provider, Seed, toHex } from '@stt/crypto'
import type { Link, PathTerms, TransportLimits } from '@stt/frame'
import { type HandshakeResult, Initiator } from '@stt/handshake'
import { Responder } from '@stt/handshake/listen'
import { Session } from '@stt/session'
import { StreamManager } from '@stt/stream'

// The known answers that docs/PROTOCOL.md prints: what the engines give for inputs that count upwards. They are in the
// text so that whoever writes a second implementation sees which of a dozen derivations is wrong: on the wire all of them
// are silence.

/** One block: the section that it ends, and its lines. */
export interface Answers {
  readonly section: string
  readonly values: readonly (readonly [name: string, bytes: Uint8Array | string])[]
}

/** Every block of the document, in its order. */
export function protocolAnswers(): readonly Answers[] {
  const run = shakeHands()
  return [keys(), handshake(run), packets(run)]
}

/** A block as the document prints it, 32 bytes a line. */
export function printed({ section, values }: Answers): string {
  const lines = values.flatMap(([name, value]) => {
    const text = typeof value === 'string' ? value : toHex(value)
    const rows = typeof value === 'string' ? [text] : (text.match(/.{1,64}/g) ?? [])
    return rows.map((row, i) => `${(i === 0 ? name : '').padEnd(NAME_WIDTH)}${row}`)
  })
  return ['```', `${TITLE}${section}`, ...lines, '```'].join('\n')
}

/** The document with each of its blocks as the engines give them now. */
export function withAnswers(text: string): string {
  return protocolAnswers().reduce((document, answers) => {
    const start = document.indexOf(`\`\`\`\n${TITLE}${answers.section}\n`)
    const end = document.indexOf('\n```', start + 3)
    if (start < 0 || end < 0)
      throw new Error(`the document has no block of known answers for section ${answers.section}`)
    return document.slice(0, start) + printed(answers) + document.slice(end + 4)
  }, text)
}

function keys(): Answers {
  const seed = Seed.fromBytes(counting(0x00, 32)).deriveKeys()
  const identity = Identity.fromPrivateKey(counting(0x20, 32))
  return {
    section: '1',
    values: [
      ['seed', counting(0x00, 32)],
      ['prk', provider.hmac(utf8('STTv1 seed'), counting(0x00, 32))],
      ['psk0', seed.psk0],
      ['psk3', seed.psk3],
      ['mac1 key', seed.mac1],
      ['static private key', counting(0x20, 32)],
      ['static public key', identity.publicKey],
      ['NodeId', identity.id],
      ['reset key', identity.resetKey()],
      ['phe.digest("a", "bc")', phe.digest('a', utf8('bc'))],
    ],
  }
}

interface Run {
  readonly hello: Uint8Array
  readonly response: Uint8Array
  readonly proof: Uint8Array
  readonly final: Uint8Array
  readonly initiator: HandshakeResult
  readonly responder: HandshakeResult
}

function shakeHands(): Run {
  const common = {
    keys: Seed.fromBytes(counting(0x00, 32)).deriveKeys(),
    datagram: false,
    suites: [1],
    limits: LIMITS,
    paths: PATHS,
  } as const
  const initiator = new Initiator({
    ...common,
    identity: Identity.fromPrivateKey(counting(0x20, 32)),
    entropy: inTurn(counting(0xa0, 16), counting(0x60, 32)),
    localCid: counting(0xc0, 8),
  })
  const responder = new Responder({
    ...common,
    identity: Identity.fromPrivateKey(counting(0x40, 32)),
    entropy: inTurn(counting(0xb0, 16), counting(0x80, 32)),
    localCid: counting(0xd0, 8),
  })
  const hello = initiator.createHello(0)
  const response = responder.processHello(hello, 0)!
  const proof = initiator.processResponse(response, 0)!
  const final = responder.verifyProof(proof, 0)!
  return { hello, response, proof, final, initiator: initiator.processFinal(final, 0)!, responder: responder.result! }
}

function handshake({ hello, response, proof, final, initiator, responder }: Run): Answers {
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

function packets({ initiator }: Run): Answers {
  const { send, receive, exporter } = initiator.secrets
  const empty = new Uint8Array(0)
  const streams = new StreamManager({ role: 'initiator', local: LIMITS, peer: LIMITS })
  const session = new Session({
    role: 'initiator',
    id: initiator.sessionId,
    localCid: initiator.localCid,
    remoteCid: initiator.remoteCid,
    peerId: initiator.peerId,
    // The session wipes what it is given.
    secrets: { send: send.slice(), receive: receive.slice(), exporter: exporter.slice() },
    localLimits: LIMITS,
    peerLimits: LIMITS,
    source: streams,
    now: 0,
  })
  const stream = streams.open()!
  stream.write(utf8('stt'))
  stream.end()
  session.attach({
    lossy: false,
    ordered: true,
    maxPacketSize: 65_535,
    remote: 'memory://',
    createRecovery: () => undefined,
  } as unknown as Link)
  const output = session.poll(0)
  if (output.type !== 'transmit') throw new Error(`the session was to send its first packet, not ${output.type}`)
  return {
    section: '4',
    values: [
      ['ts.0, i2r', send],
      ['key.0', cke.derive(send, 'key', empty, 32)],
      ['iv.0', cke.derive(send, 'iv', empty, 12)],
      ['ts.1', cke.derive(send, 'ku', empty, 32)],
      ['frames', 'HANDSHAKE_DONE, then STREAM of stream 0 with "stt" and FIN'],
      ['sealed as', 'number 0, for the connection id d0…d7'],
      ['packet', output.packet.slice()],
    ],
  }
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Bytes that count upwards. */
const counting = (first: number, length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => first + i)

/** Randomness that gives these bytes, in this order, and nothing else. */
function inTurn(...draws: readonly Uint8Array[]): (length: number) => Uint8Array {
  const left = [...draws]
  return length => {
    const next = left.shift()
    if (next?.length !== length) throw new Error(`a draw of ${length} bytes is not among the inputs`)
    return next
  }
}

const TITLE = 'known answers of §'
const NAME_WIDTH = 22
const PATHS: PathTerms = { version: 1, maxPaths: 4, punch: false, detached: 0 }
const LIMITS: TransportLimits = {
  idleTimeout: 30_000,
  maxData: 100_000,
  maxStreamData: 100_000,
  maxDatagram: 100_000,
  maxMessage: 100_000,
  maxStreamsBidi: 100_000,
  maxStreamsUni: 100_000,
}
