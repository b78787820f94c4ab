import { equalBytes, NoiseHandshake } from '@stt/crypto'
import { SttError } from '@stt/errors'
import { checkMessage } from './check-message.ts'
import {
  checkInitiatorConfig,
  type DialerFacts,
  type HandshakeSettings,
  type InitiatorConfig,
  pairwisePsk,
} from './config.ts'
import type { DropReason } from './drop-reason.ts'
import { FinalReader } from './final-reader.ts'
import { Fragments } from './fragments.ts'
import type { HandshakeHeader } from './header.ts'
import { helloNoise, helloPayloadLength, helloStart, prologueOf } from './hello.ts'
import { nodeId, sessionIdOf } from './key-schedule.ts'
import { bodyOf, joinWithMac, type MessageContext, macOf, toDatagrams, writeMessage } from './message.ts'
import { MessageType } from './message-type.ts'
import { NOISE_PATTERN } from './noise-pattern.ts'
import { agreedPaths } from './path-terms.ts'
import {
  encodeHelloPayload,
  encodeProofPayload,
  FinalStatus,
  NONCE_LENGTH,
  type ResponsePayload,
  readResponsePayload,
} from './payloads.ts'
import { type HandshakeResult, handshakeResult, type VerifiedPeer } from './result.ts'
import { bestCommonSuite, type Suite } from './suite.ts'
import { VERSIONS } from './version.ts'

/**
 * The dialing side of one run. Bytes in, bytes out. Anything bad is answered with undefined (`lastDrop` says why), and
 * the run goes on as if it had never come. spec: STT-HS-23, STT-HS-24
 */
export class Initiator {
  /** Why the last message was ignored; undefined when it was not. The peer is never told. */
  lastDrop: DropReason | undefined
  /** @internal Whether a RESPONSE proved this node's own static key: the dial leads back here, or to a copy of the identity. */
  isOwnPeer = false
  readonly #config: DialerFacts
  readonly #settings: HandshakeSettings
  readonly #nonce: Uint8Array
  readonly #fragments: Fragments = new Fragments()
  #run: Run | undefined
  #answer: Answer | undefined
  #finished = false

  /** @throws STT_INVALID_ARGUMENT that names the field */
  constructor(config: InitiatorConfig) {
    const { settings, facts } = checkInitiatorConfig(config)
    this.#config = facts
    this.#settings = settings
    this.#nonce = settings.entropy(NONCE_LENGTH)
  }

  /** Own connection id, 8 bytes: what the answers carry as `dcid`. */
  get localCid(): Uint8Array {
    return this.#settings.localCid
  }

  /** Who answered, once RESPONSE was accepted. Its `limits` hold from then on; its metadata comes with FINAL only. */
  get peer(): VerifiedPeer | undefined {
    return this.#answer?.peer
  }

  /**
   * AUTH_PROOF as this run's link carries it, once RESPONSE was accepted: one message, or on a datagram link the two
   * fragments of one that is longer than 1,200 bytes.
   */
  get proofMessages(): readonly Uint8Array<ArrayBuffer>[] {
    return this.#answer?.proofMessages ?? []
  }

  /**
   * HELLO. Called again it gives the same bytes: the run has one ephemeral key, which never encrypts a second message.
   * spec: STT-HS-22
   *
   * @throws STT_INVALID_STATE once the run has ended
   */
  createHello(now: number): Uint8Array<ArrayBuffer> {
    if (this.#finished) throw new SttError('STT_INVALID_STATE', 'this handshake has ended; make another Initiator')
    this.#run ??= this.#start(now)
    return this.#run.hello.slice()
  }

  /**
   * Takes RESPONSE and gives AUTH_PROOF in one piece; the same bytes again for the same RESPONSE. On a datagram link, send
   * `proofMessages` instead.
   *
   * @throws STT_PEER_REFUSED when the responder has no suite in common; the run has ended then
   */
  processResponse(bytes: Uint8Array, now: number): Uint8Array<ArrayBuffer> | undefined {
    const expected = this.#expect(bytes, MessageType.Response, now)
    if (expected === undefined) return undefined
    const { run, header } = expected
    // spec: STT-HS-25
    if (this.#answer) {
      return equalBytes(macOf(bytes), this.#answer.responseMac) ? this.#answer.proof.slice() : this.#drop('unexpected')
    }
    const body = bodyOf(bytes)
    // spec: STT-HS-21
    if (equalBytes(body.subarray(0, 32), helloNoise(run.hello).subarray(0, 32))) return this.#drop('ownKey')

    let accepted: AcceptedResponse | DropReason = 'badNoise'
    run.noise.readMessage(body, (payload, remoteStatic) => {
      accepted = this.#checkResponse(payload, remoteStatic!, header.scid)
      return typeof accepted !== 'string'
    })
    return this.#prove(run, bytes, accepted)
  }

  /**
   * Takes FINAL, whole or its fragments one by one, and gives the session's facts and secrets. Undefined without
   * `lastDrop`: the other fragment is still missing.
   *
   * @throws STT_PEER_REFUSED, STT_BUSY when the peer proved who it is and said no; the run has ended then
   */
  processFinal(bytes: Uint8Array, now: number): HandshakeResult | undefined {
    const { answer, header } = this.#expect(bytes, MessageType.Final, now) ?? {}
    if (answer === undefined) return undefined
    const whole = this.#fragments.add(bytes, header!)
    if (whole === undefined) return undefined
    const opened = answer.final.open(whole.body)
    if (typeof opened === 'string') return this.#drop(opened)

    this.dispose()
    const { payload, schedule } = opened
    if (payload.status !== FinalStatus.Accepted) {
      schedule.secrets.dispose()
      throw refusal(payload.status)
    }
    const { peer, response, remoteCid } = answer
    const { provider, identity, localCid, paths } = this.#settings
    const facts = {
      role: 'initiator' as const,
      sessionId: sessionIdOf(provider, {
        initiatorNonce: this.#nonce,
        responderNonce: response.nonce,
        initiatorId: identity.id,
        responderId: peer.id,
      }),
      localCid,
      remoteCid,
      suite: peer.suite,
      peerId: peer.id,
      peerMetadata: payload.metadata,
      peerLimits: peer.limits,
      paths: agreedPaths(paths, response.paths),
      binding: schedule.h4,
    }
    return handshakeResult(facts, schedule.secrets, payload.resetToken)
  }

  /** Ends the run and wipes its keys. What `processFinal` returned is not touched. */
  dispose(): void {
    this.#finished = true
    this.#fragments.forget()
    this.#run?.noise.dispose()
    this.#answer?.final.dispose()
  }

  #start(now: number): Run {
    const { provider, entropy, localCid, datagram, suites, identity, timeout } = this.#settings
    const { keys, token = NO_TOKEN } = this.#config
    const length = datagram ? helloPayloadLength(token.length) : undefined
    const payload = encodeHelloPayload({ nonce: this.#nonce, suites, versions: VERSIONS }, length)
    const start = helloStart(localCid, token, payload.length)
    const noise = new NoiseHandshake({
      pattern: NOISE_PATTERN,
      initiator: true,
      prologue: prologueOf(start),
      staticKey: identity.keyPair,
      psks: [keys.psk0, keys.psk3],
      provider,
    })
    const ciphertext = noise.writeMessage(payload, provider.generateKeyPair(entropy))
    return { noise, hello: joinWithMac(provider, keys.mac1, [start, ciphertext]), expiresAt: now + timeout }
  }

  /** The run that a message of this type belongs to; undefined, with `lastDrop` set, when there is none. */
  #expect(bytes: Uint8Array, type: MessageType, now: number): Expected | undefined {
    this.lastDrop = undefined
    const run = this.#run
    const answer = this.#answer
    if (run === undefined || this.#finished) return this.#drop('unexpected')
    if (type === MessageType.Final && answer === undefined) return this.#drop('unexpected')
    // spec: STT-HS-30
    if (now >= run.expiresAt) return this.#drop('expired')
    const { provider, datagram, localCid } = this.#settings
    const macKeys = [this.#config.keys.mac1]
    const checked = checkMessage(provider, bytes, { type, datagram, dcid: localCid, scid: answer?.remoteCid, macKeys })
    return typeof checked === 'string' ? this.#drop(checked) : { run, answer, header: checked.header }
  }

  /** Checks an authentic RESPONSE's content. A RESPONSE that fails counts as never received. */
  #checkResponse(bytes: Uint8Array, remoteStatic: Uint8Array, scid: Uint8Array): AcceptedResponse | DropReason {
    const { provider, identity, suites } = this.#settings
    const { keys, expectedPeer, allowPeer } = this.#config
    // spec: STT-HS-20
    if (equalBytes(remoteStatic, identity.publicKey)) {
      this.isOwnPeer = true
      return 'ownKey'
    }
    const payload = readResponsePayload(bytes)
    // spec: STT-HS-13
    if (payload === undefined || !equalBytes(payload.scid, scid)) return 'badPayload'
    const suite = bestCommonSuite(suites, payload.suites)
    // spec: STT-HS-14
    if (payload.suite !== suite) return 'badSuite'
    const id = nodeId(provider, remoteStatic)
    // spec: STT-HS-39
    if (expectedPeer && !equalBytes(expectedPeer, id)) return 'wrongPeer'
    if (allowPeer && !allowPeer(id)) return 'wrongPeer'
    const psk3 = pairwisePsk(this.#settings, id, keys.psk3)
    return psk3 === undefined ? 'notPaired' : { id, payload, suite, psk3 }
  }

  #prove(run: Run, response: Uint8Array, accepted: AcceptedResponse | DropReason): Uint8Array<ArrayBuffer> | undefined {
    if (typeof accepted === 'string') return this.#drop(accepted)
    const { id, payload, suite, psk3 } = accepted
    if (suite === 0) {
      psk3.fill(0)
      this.dispose()
      throw new SttError('STT_PEER_REFUSED', NO_COMMON_SUITE)
    }
    const { provider, entropy, localCid, datagram, limits, paths, metadata } = this.#settings
    run.noise.setPsk(1, psk3)
    // spec: STT-HS-15
    const kem = suite === 2 ? provider.kem.generate(entropy) : undefined
    const noise = run.noise.writeMessage(encodeProofPayload({ limits, paths, metadata, ek: kem?.publicKey }))
    psk3.fill(0)
    const context: MessageContext = { provider, macKey: this.#config.keys.mac1, dcid: payload.scid, scid: localCid }
    const proof = writeMessage(context, MessageType.AuthProof, noise.length, noise)
    this.#answer = {
      response: payload,
      responseMac: macOf(response),
      remoteCid: payload.scid,
      peer: { id, metadata: undefined, limits: payload.limits, suite, seedIndex: 0 },
      proof,
      proofMessages: datagram ? toDatagrams(context, proof) : [proof],
      final: new FinalReader(provider, run.noise, suite, kem),
    }
    return this.#answer.proof.slice()
  }

  #drop(reason: DropReason): undefined {
    this.lastDrop = reason
    return undefined
  }
}

interface Run {
  readonly noise: NoiseHandshake
  readonly hello: Uint8Array<ArrayBuffer>
  readonly expiresAt: number
}

/** A message that passed the first checks, with the run that it belongs to. */
interface Expected {
  readonly run: Run
  readonly answer: Answer | undefined
  readonly header: HandshakeHeader
}

interface AcceptedResponse {
  readonly id: Uint8Array<ArrayBuffer>
  readonly payload: ResponsePayload
  readonly suite: Suite | 0
  readonly psk3: Uint8Array
}

/** The run after RESPONSE was accepted. */
interface Answer {
  readonly response: ResponsePayload
  readonly responseMac: Uint8Array
  readonly remoteCid: Uint8Array
  readonly peer: VerifiedPeer
  readonly proof: Uint8Array<ArrayBuffer>
  readonly proofMessages: readonly Uint8Array<ArrayBuffer>[]
  readonly final: FinalReader
}

function refusal(status: FinalStatus): SttError {
  return status === FinalStatus.Busy
    ? new SttError('STT_BUSY', 'the peer is at its limit of sessions; try again later')
    : new SttError('STT_PEER_REFUSED', 'the peer does not admit this node; add its id to the peer’s policy')
}

const NO_TOKEN = new Uint8Array(0)
const NO_COMMON_SUITE =
  'the peer has no handshake suite in common with this node: one requires the hybrid suite and the other does not offer it'
