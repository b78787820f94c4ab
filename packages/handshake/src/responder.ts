import { equalBytes, NoiseHandshake, type SeedKeys } from '@stt/crypto'
import { isSttError, SttError } from '@stt/errors'
import type { PathTerms } from '@stt/frame'
import { checkMessage, NO_CID } from './check-message.ts'
import {
  checkResponderConfig,
  checkSeedKeys,
  type HandshakeSettings,
  pairwisePsk,
  type ResponderConfig,
} from './config.ts'
import type { DropReason } from './drop-reason.ts'
import { type Encapsulated, FinalWriter } from './final-writer.ts'
import { Fragments, type WholeBody } from './fragments.ts'
import type { HandshakeHeader } from './header.ts'
import { helloNoise, prologueOf, scidOf } from './hello.ts'
import { nodeId, type Schedule, sessionIdOf } from './key-schedule.ts'
import { encodeResponsePayload, readHelloPayload, readProofPayload } from './listener-payloads.ts'
import { type MessageContext, macOf, toDatagrams, writeMessage } from './message.ts'
import { MessageType } from './message-type.ts'
import { NOISE_PATTERN } from './noise-pattern.ts'
import { agreedPaths } from './path-terms.ts'
import { FinalStatus, NONCE_LENGTH, type ProofPayload, RESET_TOKEN_LENGTH } from './payloads.ts'
import { type HandshakeResult, handshakeResult, type VerifiedPeer } from './result.ts'
import { bestCommonSuite, type Suite } from './suite.ts'
import { bestCommonVersion, VERSION, VERSIONS } from './version.ts'

/**
 * The listening side of one run. Bytes in, bytes out. Anything bad is answered with undefined (`lastDrop` says why), and
 * the run goes on as if it had never come. spec: STT-HS-23, STT-HS-24
 */
export class Responder {
  /** Why the last message was ignored; undefined when it was not. The peer is never told. */
  lastDrop: DropReason | undefined
  readonly #settings: HandshakeSettings
  readonly #seeds: readonly SeedKeys[]
  readonly #fragments: Fragments = new Fragments()
  #run: Run | undefined
  #proof: Proof | undefined
  #final: Final | undefined
  #result: HandshakeResult | undefined
  #failures = 0
  #finished = false

  /** @throws STT_INVALID_ARGUMENT that names the field */
  constructor(config: ResponderConfig) {
    this.#settings = checkResponderConfig(config)
    this.#seeds = checkSeedKeys(config.keys)
  }

  /** Own connection id, 8 bytes. */
  get localCid(): Uint8Array {
    return this.#settings.localCid
  }

  /** The session's facts and secrets, once FINAL with status 0 was made. */
  get result(): HandshakeResult | undefined {
    return this.#result
  }

  /** Whether the run has ended without a session: no message changes that. */
  get failed(): boolean {
    return this.#finished && this.#result === undefined
  }

  /** FINAL as this run's link carries it, once it was made: one message, or the two fragments of one over 1,200 bytes. */
  get finalMessages(): readonly Uint8Array<ArrayBuffer>[] {
    return this.#final?.messages ?? []
  }

  /** Takes HELLO and gives RESPONSE; the same bytes again for the same HELLO. */
  processHello(bytes: Uint8Array, now: number): Uint8Array<ArrayBuffer> | undefined {
    this.lastDrop = undefined
    if (this.#finished && this.#final === undefined) return this.#drop('unexpected')
    if (this.#run && now >= this.#run.expiresAt) return this.#drop('expired')
    const { provider, datagram } = this.#settings
    const macKeys = this.#seeds.map(seed => seed.mac1)
    const expected = { type: MessageType.Hello, datagram, dcid: NO_CID, macKeys }
    const checked = checkMessage(provider, bytes, expected)
    if (typeof checked === 'string') return this.#drop(checked)
    // spec: STT-HS-25
    if (this.#run)
      return equalBytes(macOf(bytes), this.#run.helloMac) ? this.#run.response.slice() : this.#drop('unexpected')

    return this.#answer(bytes, checked.seedIndex, now)
  }

  /** @internal Takes the run's first HELLO, whose header and mac1 the manager has checked; the only key is that of its seed. */
  answerVerifiedHello(bytes: Uint8Array, now: number): Uint8Array<ArrayBuffer> | undefined {
    this.lastDrop = undefined
    if (this.#run || this.#finished) return this.#drop('unexpected')
    return this.#answer(bytes, 0, now)
  }

  /**
   * Takes AUTH_PROOF, whole or its fragments one by one, and says who the peer is; `createFinal` answers it, now or
   * after a decision that took a while. Undefined without `lastDrop`: the other fragment is still missing.
   */
  openProof(bytes: Uint8Array, now: number): VerifiedPeer | undefined {
    const run = this.#expectProof(bytes, now)
    if (run === undefined) return undefined
    if (this.#proof || this.#finished) return this.#drop('unexpected')
    const whole = this.#fragments.add(bytes, run.header)
    if (whole === undefined) return undefined
    const proof = this.#verify(run.run, whole)
    if (typeof proof === 'string') {
      // spec: STT-HS-46
      if (++this.#failures >= MAX_FAILED_PROOFS) this.dispose()
      return this.#drop(proof)
    }
    this.#proof = proof
    return proof.peer
  }

  /**
   * FINAL, the answer to an opened AUTH_PROOF, in one piece. Made once: asked again it gives the same bytes. On a datagram
   * link, send `finalMessages` instead.
   *
   * @throws STT_INVALID_STATE before a proof was opened, or for another status than the first time
   */
  createFinal(status: FinalStatus): Uint8Array<ArrayBuffer> {
    if (this.#final) {
      if (this.#final.status !== status) throw new SttError('STT_INVALID_STATE', 'FINAL was made with another status')
      return this.#final.message.slice()
    }
    const run = this.#run
    const proof = this.#proof
    if (run === undefined || proof === undefined || this.#finished) {
      throw new SttError('STT_INVALID_STATE', 'FINAL answers an AUTH_PROOF: call openProof() first')
    }
    const { metadata, datagram } = this.#settings
    const introduction = { resetToken: this.#resetToken(), metadata }
    const { ciphertext, schedule } = proof.writer.write(status, introduction)
    const message = writeMessage(run.context, MessageType.Final, ciphertext.length, ciphertext, schedule.confirm)
    this.#final = { status, message, messages: datagram ? toDatagrams(run.context, message) : [message] }
    this.dispose()
    if (status === FinalStatus.Accepted) this.#result = this.#summarize(run, proof, schedule)
    else schedule.secrets.dispose()
    return message.slice()
  }

  /**
   * FINAL again, in one piece, for the repetition of the AUTH_PROOF (its fragment 0) that it answers: send all
   * of `finalMessages` again. spec: STT-HS-27
   */
  repeatFinal(bytes: Uint8Array, now: number): Uint8Array<ArrayBuffer> | undefined {
    if (this.#expectProof(bytes, now) === undefined) return undefined
    const isRepeated = this.#final && this.#proof && equalBytes(macOf(bytes), this.#proof.mac)
    return isRepeated ? this.#final!.message.slice() : this.#drop('unexpected')
  }

  /** Opens AUTH_PROOF and accepts the peer; gives FINAL, the same bytes again when AUTH_PROOF is repeated. */
  verifyProof(bytes: Uint8Array, now: number): Uint8Array<ArrayBuffer> | undefined {
    if (this.#final) return this.repeatFinal(bytes, now)
    return this.openProof(bytes, now) && this.createFinal(FinalStatus.Accepted)
  }

  /** Ends the run and wipes its keys. `result`, and FINAL for a repeated AUTH_PROOF, stay. */
  dispose(): void {
    this.#finished = true
    this.#fragments.forget()
    this.#run?.noise.dispose()
    this.#proof?.writer.dispose()
  }

  #answer(hello: Uint8Array, seedIndex: number, now: number): Uint8Array<ArrayBuffer> | undefined {
    const started = this.#start(hello, seedIndex, now)
    if (typeof started === 'string') return this.#drop(started)
    this.#run = started
    return started.response.slice()
  }

  #start(hello: Uint8Array, seedIndex: number, now: number): Run | DropReason {
    const { provider, entropy, identity, localCid, limits, paths, suites, timeout } = this.#settings
    const seed = this.#seeds[seedIndex]!
    const noise = new NoiseHandshake({
      pattern: NOISE_PATTERN,
      initiator: false,
      prologue: prologueOf(hello),
      staticKey: identity.keyPair,
      psks: [seed.psk0, undefined],
      provider,
    })
    const plaintext = noise.readMessage(helloNoise(hello))
    if (plaintext === undefined) return 'badNoise'
    const peer = readHelloPayload(plaintext)
    if (peer === undefined) return 'badPayload'
    // spec: STT-HS-45 (an attacker has made a dialer step down from a later version that both sides speak)
    if (bestCommonVersion(VERSIONS, peer.versions) !== VERSION) return 'version'

    const nonce = entropy(NONCE_LENGTH)
    const ephemeral = provider.generateKeyPair(entropy)
    // spec: STT-HS-21
    if (equalBytes(ephemeral.publicKey, noise.remoteEphemeral!)) return 'ownKey'
    const suite = bestCommonSuite(suites, peer.suites)
    const payload = encodeResponsePayload({ nonce, suite, suites, scid: localCid, limits, paths })
    const ciphertext = noise.writeMessage(payload, ephemeral)
    const context: MessageContext = { provider, macKey: seed.mac1, dcid: scidOf(hello).slice(), scid: localCid }
    return {
      noise,
      context,
      seedIndex,
      helloMac: macOf(hello),
      response: writeMessage(context, MessageType.Response, ciphertext.length, ciphertext),
      initiatorNonce: peer.nonce,
      responderNonce: nonce,
      suite,
      expiresAt: now + timeout,
    }
  }

  /** Only a key that outlives the process can make the same token after a restart. spec: STT-HS-41 */
  #resetToken(): Uint8Array<ArrayBuffer> | undefined {
    const { identity, provider, localCid } = this.#settings
    if (!identity.configured) return undefined
    const key = identity.resetKey()
    const token = provider.hmac(key, localCid).slice(0, RESET_TOKEN_LENGTH)
    key.fill(0)
    return token
  }

  /** The run that an AUTH_PROOF belongs to; undefined, with `lastDrop` set, when there is none. */
  #expectProof(bytes: Uint8Array, now: number): { run: Run & { suite: Suite }; header: HandshakeHeader } | undefined {
    this.lastDrop = undefined
    const run = this.#run
    // spec: STT-HS-14 (without a common suite no AUTH_PROOF is expected)
    if (!hasSuite(run)) return this.#drop('unexpected')
    // spec: STT-HS-30
    if (now >= run.expiresAt) return this.#drop('expired')
    const { provider, datagram, localCid } = this.#settings
    const { macKey, dcid } = run.context
    const expected = { type: MessageType.AuthProof, datagram, dcid: localCid, scid: dcid, macKeys: [macKey] }
    const checked = checkMessage(provider, bytes, expected)
    if (typeof checked === 'string') return this.#drop(checked)
    return { run, header: checked.header }
  }

  #verify(run: Run & { suite: Suite }, whole: WholeBody): Proof | DropReason {
    const { provider, identity } = this.#settings
    let psk: Uint8Array | undefined
    let refusal: DropReason = 'badNoise'
    run.noise.setPsk(1, remoteStatic => {
      // spec: STT-HS-20
      if (equalBytes(remoteStatic!, identity.publicKey)) {
        refusal = 'ownKey'
        return undefined
      }
      psk = pairwisePsk(this.#settings, nodeId(provider, remoteStatic!), this.#seeds[run.seedIndex]!.psk3)
      if (psk === undefined) refusal = 'notPaired'
      return psk
    })
    let payload: ProofPayload | undefined
    let kem: Encapsulated | undefined
    const read = run.noise.readMessage(whole.body, plaintext => {
      payload = readProofPayload(plaintext, run.suite)
      kem = payload?.ek && this.#encapsulate(payload.ek)
      const isComplete = payload !== undefined && (payload.ek === undefined || kem !== undefined)
      if (!isComplete) refusal = 'badPayload'
      return isComplete
    })
    psk?.fill(0)
    if (read === undefined || payload === undefined) return refusal
    const id = nodeId(provider, run.noise.remoteStatic!)
    const { metadata, limits, paths } = payload
    return {
      mac: whole.mac,
      peer: { id, metadata, limits, suite: run.suite, seedIndex: run.seedIndex },
      paths: agreedPaths(this.#settings.paths, paths),
      writer: new FinalWriter(provider, run.noise, run.suite, kem),
    }
  }

  /** Undefined for a key that no ML-KEM makes. spec: STT-HS-15 */
  #encapsulate(ek: Uint8Array): Encapsulated | undefined {
    const { provider, entropy } = this.#settings
    try {
      return provider.kem.encapsulate(ek, entropy)
    } catch (error) {
      if (isSttError(error, 'STT_BAD_KEY')) return undefined
      throw error
    }
  }

  #summarize(run: Run, { peer, paths }: Proof, schedule: Schedule): HandshakeResult {
    const { provider, identity, localCid } = this.#settings
    const facts = {
      role: 'responder' as const,
      sessionId: sessionIdOf(provider, {
        initiatorNonce: run.initiatorNonce,
        responderNonce: run.responderNonce,
        initiatorId: peer.id,
        responderId: identity.id,
      }),
      localCid,
      remoteCid: run.context.dcid,
      suite: peer.suite,
      peerId: peer.id,
      peerMetadata: peer.metadata,
      peerLimits: peer.limits,
      paths,
      binding: schedule.h4,
    }
    return handshakeResult(facts, schedule.secrets, undefined)
  }

  #drop(reason: DropReason): undefined {
    this.lastDrop = reason
    return undefined
  }
}

/** The run after HELLO was accepted. */
interface Run {
  readonly noise: NoiseHandshake
  readonly context: MessageContext
  readonly seedIndex: number
  readonly helloMac: Uint8Array
  readonly response: Uint8Array<ArrayBuffer>
  readonly initiatorNonce: Uint8Array
  readonly responderNonce: Uint8Array
  readonly suite: Suite | 0
  readonly expiresAt: number
}

/** The run after AUTH_PROOF was accepted. */
interface Proof {
  readonly mac: Uint8Array
  readonly peer: VerifiedPeer
  /** The terms on which the session may use links. */
  readonly paths: PathTerms
  readonly writer: FinalWriter
}

interface Final {
  readonly status: FinalStatus
  readonly message: Uint8Array<ArrayBuffer>
  readonly messages: readonly Uint8Array<ArrayBuffer>[]
}

function hasSuite(run: Run | undefined): run is Run & { suite: Suite } {
  return run !== undefined && run.suite !== 0
}

/** Each failed proof costs a key agreement, and an honest dialer's do not fail. */
const MAX_FAILED_PROOFS = 8
