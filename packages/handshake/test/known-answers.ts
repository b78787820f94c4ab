import { concatBytes, createCke, Identity, provider, Seed, toHex } from '@stt/crypto'
import type { PathTerms } from '@stt/frame'
import type { Value } from '@stt/serialize'
import { Responder } from '../src/answer-hellos.ts'
import { FinalStatus, Initiator, type InitiatorConfig, type Suite } from '../src/index.ts'
import { pathsDict } from '../src/payload-fields.ts'
import { NoiseTrace, open } from './noise-trace.ts'
import { deliverFinal, limitsOf, seededEntropy, utf8 } from './support.ts'

// Whole handshakes with every intermediate value, as vectors/handshake.json holds them. The messages are the engines',
// made with scripted randomness; every value between is computed a second time by NoiseTrace from the private keys.

interface Case {
  readonly name: string
  readonly suite: Suite
  readonly datagram: boolean
  readonly status: FinalStatus
  readonly token?: Uint8Array
  readonly metadata?: { readonly initiator: Value; readonly responder: Value }
  readonly pairwise?: Uint8Array
}

type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

export function knownAnswers(): Json {
  return {
    about:
      'Known answers of the STT handshake, docs/PROTOCOL.md section 2. Bytes are hexadecimal, integers decimal. ' +
      'check_handshake.py in this folder recomputes them with the standard library of Python.',
    noise: 'Noise_XXpsk0+psk3_25519_ChaChaPoly_BLAKE2b',
    handshakes: cases.map(knownAnswer),
  }
}

function knownAnswer(each: Case): Json {
  const draw = seededEntropy(`known answer: ${each.name}`)
  const random = {
    seed: draw(32),
    initiatorStatic: draw(32),
    responderStatic: draw(32),
    initiatorCid: draw(8),
    responderCid: draw(8),
    initiatorNonce: draw(16),
    initiatorEphemeral: draw(32),
    responderNonce: draw(16),
    responderEphemeral: draw(32),
    kemSeed: draw(64),
    kemMessage: draw(32),
  }
  const messages = runEngines(each, random)
  return {
    name: each.name,
    suite: each.suite,
    datagram: each.datagram,
    status: each.status,
    inputs: {
      ...hexed(random),
      token: toHex(each.token ?? new Uint8Array(0)),
      pairwiseSecret: each.pairwise ? toHex(each.pairwise) : null,
      initiatorLimits: { ...limitsOf(1_000_000) },
      responderLimits: { ...limitsOf(2_000_000) },
      initiatorPaths: asSent(initiatorPaths),
      responderPaths: asSent(responderPaths),
    },
    paths: messages.paths ? asSent(messages.paths) : null,
    ...trace(each, random, messages),
  }
}

type Random = Record<
  | 'seed'
  | 'initiatorStatic'
  | 'responderStatic'
  | 'initiatorCid'
  | 'responderCid'
  | 'initiatorNonce'
  | 'initiatorEphemeral'
  | 'responderNonce'
  | 'responderEphemeral'
  | 'kemSeed'
  | 'kemMessage',
  Uint8Array
>

interface Messages {
  readonly hello: Uint8Array
  readonly response: Uint8Array
  readonly proof: Uint8Array
  readonly proofMessages: readonly Uint8Array[]
  readonly final: Uint8Array
  readonly finalMessages: readonly Uint8Array[]
  readonly resetToken: Uint8Array | undefined
  readonly sessionId: Uint8Array | undefined
  readonly paths: PathTerms | undefined
}

function runEngines(each: Case, random: Random): Messages {
  const common: Pick<InitiatorConfig, 'keys' | 'datagram' | 'suites' | 'pairwise'> = {
    keys: Seed.fromBytes(random.seed).deriveKeys(),
    datagram: each.datagram,
    suites: [each.suite],
    pairwise: each.pairwise && (() => each.pairwise),
  }
  const initiator = new Initiator({
    ...common,
    identity: Identity.fromPrivateKey(random.initiatorStatic),
    entropy: scripted(random.initiatorNonce, random.initiatorEphemeral, random.kemSeed),
    limits: limitsOf(1_000_000),
    paths: initiatorPaths,
    localCid: random.initiatorCid,
    metadata: each.metadata?.initiator,
    token: each.token,
  })
  const responder = new Responder({
    ...common,
    identity: Identity.fromPrivateKey(random.responderStatic),
    entropy: scripted(random.responderNonce, random.responderEphemeral, random.kemMessage),
    limits: limitsOf(2_000_000),
    paths: responderPaths,
    localCid: random.responderCid,
    metadata: each.metadata?.responder,
  })
  const hello = initiator.createHello(0)
  const response = responder.processHello(hello, 0)!
  const proof = initiator.processResponse(response, 0)!
  const { proofMessages } = initiator
  for (const message of proofMessages) responder.openProof(message, 0)
  const final = responder.createFinal(each.status)
  const { finalMessages } = responder
  const accepted = each.status === FinalStatus.Accepted ? deliverFinal(initiator, responder, 0) : undefined
  const { resetToken, sessionId, paths } = accepted ?? {}
  return { hello, response, proof, proofMessages, final, finalMessages, resetToken, sessionId, paths }
}

/** Reads the messages with all private keys at hand and notes every value on the way. */
function trace(each: Case, random: Random, messages: Messages): { [key: string]: Json } {
  const cke = createCke(provider)
  const empty = new Uint8Array(0)
  const { hello, response, proof, final } = messages
  const seed = Seed.fromBytes(random.seed).deriveKeys()
  const psk3 = each.pairwise ? cke.derive(each.pairwise, 'pairwise', empty, 32) : seed.psk3
  const pair = (name: 'initiatorStatic' | 'responderStatic' | 'initiatorEphemeral' | 'responderEphemeral') =>
    provider.keyPair(random[name])
  const [si, sr, ei, er] = [
    pair('initiatorStatic'),
    pair('responderStatic'),
    pair('initiatorEphemeral'),
    pair('responderEphemeral'),
  ]

  const start = 25 + (each.token?.length ?? 0)
  const prologue = concatBytes([utf8('STT/1'), hello.subarray(0, start)])
  const noise = new NoiseTrace(prologue)
  const steps: Json[] = []
  const note = (after: string): void => {
    steps.push({
      after,
      h: toHex(noise.h),
      ck: toHex(noise.ck),
      ...(after !== 'prologue' && { k: toHex(noise.k), n: noise.n }),
    })
  }
  const mix = (after: string, change: () => void): void => {
    change()
    note(after)
  }
  const read = (after: string, ciphertext: Uint8Array): Uint8Array => {
    const plaintext = noise.decrypt(ciphertext)!
    note(after)
    return plaintext
  }

  note('prologue')
  mix('HELLO psk', () => noise.mixKeyAndHash(seed.psk0))
  mix('HELLO e', () => noise.mixEphemeral(ei.publicKey))
  const p1 = read('HELLO payload', hello.subarray(start + 32, -16))
  mix('RESPONSE e', () => noise.mixEphemeral(er.publicKey))
  mix('RESPONSE ee', () => noise.mixKey(ei.agree(er.publicKey)))
  read('RESPONSE s', response.subarray(56, 104))
  mix('RESPONSE es', () => noise.mixKey(ei.agree(sr.publicKey)))
  const p2 = read('RESPONSE payload', response.subarray(104, -16))
  read('AUTH_PROOF s', proof.subarray(24, 72))
  mix('AUTH_PROOF se', () => noise.mixKey(si.agree(er.publicKey)))
  mix('AUTH_PROOF psk', () => noise.mixKeyAndHash(psk3))
  const p3 = read('AUTH_PROOF payload', proof.subarray(72, -16))

  const finalKey = noise.split()[1]
  const finalCiphertext = final.subarray(24, -32)
  const p4 = open(finalKey, 0, empty, finalCiphertext)!
  const hasKem = each.suite === 2 && each.status === FinalStatus.Accepted
  const kem = hasKem
    ? provider.kem.encapsulate(provider.kem.generate(() => random.kemSeed.slice()).publicKey, () =>
        random.kemMessage.slice(),
      )
    : undefined
  const kemSecret = kem?.sharedSecret ?? empty

  const h4 = provider.hash(noise.h, finalCiphertext)
  const root = provider.hmac(noise.ck, utf8('STTv1 root'), Uint8Array.of(0, each.suite), h4, kemSecret)
  const confirmKey = cke.derive(root, 'r confirm', empty, 32)
  const secretOf = (label: string): Uint8Array => cke.derive(root, label, h4.subarray(0, 32), 32)
  const epochs = (label: string): Json => {
    const first = secretOf(label)
    const second = cke.derive(first, 'ku', empty, 32)
    return [first, second].map(secret => ({
      secret: toHex(secret),
      key: toHex(cke.derive(secret, 'key', empty, 32)),
      iv: toHex(cke.derive(secret, 'iv', empty, 12)),
    }))
  }
  return {
    keys: {
      psk0: toHex(seed.psk0),
      psk3: toHex(psk3),
      mac1: toHex(seed.mac1),
      ee: toHex(ei.agree(er.publicKey)),
      es: toHex(ei.agree(sr.publicKey)),
      se: toHex(si.agree(er.publicKey)),
    },
    prologue: toHex(prologue),
    payloads: [p1, p2, p3, p4].map(toHex),
    messages: {
      hello: toHex(hello),
      response: toHex(response),
      authProof: toHex(proof),
      authProofFragments: messages.proofMessages.length > 1 ? messages.proofMessages.map(toHex) : [],
      final: toHex(final),
      finalFragments: messages.finalMessages.length > 1 ? messages.finalMessages.map(toHex) : [],
    },
    noise: steps,
    final: { key: toHex(finalKey), kemCiphertext: toHex(kem?.ciphertext ?? empty), kemSecret: toHex(kemSecret) },
    schedule: {
      h4: toHex(h4),
      root: toHex(root),
      confirmKey: toHex(confirmKey),
      confirm: toHex(provider.hmac(confirmKey, h4).subarray(0, 16)),
      initiatorToResponder: epochs('i2r traffic'),
      responderToInitiator: epochs('r2i traffic'),
      exporter: toHex(cke.derive(root, 'exporter', empty, 32)),
      sessionId: messages.sessionId ? toHex(messages.sessionId) : null,
      resetToken: messages.resetToken ? toHex(messages.resetToken) : null,
    },
  }
}

/** Randomness that gives these bytes, in this order, and nothing else. */
function scripted(...draws: readonly Uint8Array[]): (length: number) => Uint8Array {
  const left = [...draws]
  return length => {
    const next = left.shift()
    if (next?.length !== length) throw new Error(`a draw of ${length} bytes is not in the script`)
    return next.slice()
  }
}

function hexed(record: Record<string, Uint8Array>): { [key: string]: Json } {
  return Object.fromEntries(Object.entries(record).map(([key, bytes]) => [key, toHex(bytes)]))
}

/** The keys that the wire has. */
const asSent = (paths: PathTerms): Json => pathsDict(paths) as { [key: string]: Json }

const initiatorPaths: PathTerms = { version: 1, maxPaths: 4, punch: true, detached: 60_000 }
const responderPaths: PathTerms = { version: 3, maxPaths: 2, punch: true, detached: 30_000 }
const token = seededEntropy('known answer token')(32)
const metadata = { initiator: { name: 'laptop', slots: [1, 128, 70_000] }, responder: 'réseau' }

const cases: readonly Case[] = [
  { name: 'suite 1 on a message link', suite: 1, datagram: false, status: FinalStatus.Accepted },
  {
    name: 'suite 1 on a datagram link, after a RETRY, with metadata',
    suite: 1,
    datagram: true,
    status: FinalStatus.Accepted,
    token,
    metadata,
  },
  {
    name: 'suite 1 with a pairwise secret',
    suite: 1,
    datagram: false,
    status: FinalStatus.Accepted,
    pairwise: seededEntropy('known answer pairwise')(32),
  },
  { name: 'suite 2 on a message link', suite: 2, datagram: false, status: FinalStatus.Accepted },
  {
    name: 'suite 2 on a datagram link, AUTH_PROOF and FINAL in two fragments',
    suite: 2,
    datagram: true,
    status: FinalStatus.Accepted,
    metadata,
  },
  { name: 'suite 2, refused', suite: 2, datagram: false, status: FinalStatus.Refused, metadata },
]
