import { isSttError, SttError } from '@stt/errors'
import { provider as defaultProvider } from '#platform'
import { concatBytes } from '../bytes.ts'
import { KEY_LENGTH, type KeyPair, TAG_LENGTH } from '../providers/provider.ts'
import type { CipherState } from './cipher-state.ts'
import { checkKeys, checkPsk, type NoiseHandshakeConfig, type NoisePsk } from './config.ts'
import { isLowOrder } from './low-order.ts'
import { type HandshakePattern, parsePattern, type Token } from './patterns.ts'
import { SymmetricState } from './symmetric-state.ts'

/**
 * One side of a Noise handshake (revision 34) with 25519, ChaChaPoly and BLAKE2b, in any pattern.
 * Sans-IO: messages in, messages out, randomness only as ephemeral key pairs.
 */
// spec: STT-CRY-16
export class NoiseHandshake {
  readonly #pattern: HandshakePattern
  readonly #initiator: boolean
  readonly #staticKey: KeyPair | undefined
  readonly #psks: (NoisePsk | undefined)[]
  #state: State
  #ephemeral: KeyPair | undefined
  #phase: 'running' | 'split' | 'disposed' = 'running'

  /** @throws STT_INVALID_ARGUMENT when the pattern is unknown or needs a key that is missing */
  constructor(config: NoiseHandshakeConfig) {
    const { pattern, initiator, prologue, staticKey, remoteStatic, psks = [], provider = defaultProvider } = config
    this.#pattern = parsePattern(pattern)
    checkKeys(this.#pattern, config)
    this.#initiator = initiator
    this.#staticKey = staticKey
    this.#psks = [...psks]

    const symmetric = SymmetricState.initialize(provider, `Noise_${pattern.name}_25519_ChaChaPoly_BLAKE2b`)
    symmetric.mixHash(prologue)
    const { initiatorStaticKnown, responderStaticKnown } = this.#pattern
    const initiatorStatic = initiator ? staticKey?.publicKey : remoteStatic
    const responderStatic = initiator ? remoteStatic : staticKey?.publicKey
    if (initiatorStaticKnown) symmetric.mixHash(initiatorStatic!)
    if (responderStaticKnown) symmetric.mixHash(responderStatic!)
    this.#state = { symmetric, messages: 0, psks: 0, remoteStatic: remoteStatic?.slice(), remoteEphemeral: undefined }
  }

  /** The peer's static public key, as soon as it is known. */
  get remoteStatic(): Uint8Array<ArrayBuffer> | undefined {
    return this.#state.remoteStatic
  }

  /** The peer's ephemeral public key, as soon as it is known. */
  get remoteEphemeral(): Uint8Array<ArrayBuffer> | undefined {
    return this.#state.remoteEphemeral
  }

  /** The hash of all messages so far, 64 bytes; once complete it identifies this run. */
  get handshakeHash(): Uint8Array<ArrayBuffer> {
    return this.#state.symmetric.handshakeHash
  }

  /** Whether all messages are written and read. */
  get complete(): boolean {
    return this.#state.messages === this.#pattern.messages.length
  }

  /** Whether this side writes the next message. */
  get writing(): boolean {
    return !this.complete && (this.#state.messages % 2 === 0) === this.#initiator
  }

  /** Sets a pre-shared key by its place among the modifiers, before the message that needs it. */
  setPsk(index: number, psk: NoisePsk): void {
    checkPsk(psk)
    if (index < 0 || index >= this.#pattern.pskCount) {
      throw new SttError('STT_INVALID_ARGUMENT', `this pattern has no psk number ${index}`)
    }
    this.#psks[index] = psk
  }

  /**
   * The next message. Where it carries an `e`, `ephemeral` is that key: the handshake owns it, and no other run may use it. A
   * message is written once, so that one ephemeral never covers two payloads; to repeat it, send the same bytes again.
   *
   * A throw ends the run. The peer's messages cannot cause one: a key of low order was refused when it was read.
   *
   * @throws STT_INVALID_STATE out of turn, or without a key that the message needs; STT_BAD_KEY when the configured
   * static key of the peer is of low order; STT_INVALID_ARGUMENT when the message exceeds 65,535 bytes
   */
  writeMessage(payload: Uint8Array, ephemeral?: KeyPair): Uint8Array<ArrayBuffer> {
    this.#checkTurn(true)
    try {
      return this.#write(payload, ephemeral)
    } catch (error) {
      this.dispose()
      throw error
    }
  }

  /**
   * The payload of the next message; undefined when the message is too short, a tag is wrong, or a key is refused. It is read
   * on a copy of the state: after a refused message the true one can still follow.
   *
   * @param accept decides on an authentic message before it counts: false refuses it like a wrong tag
   * @throws STT_INVALID_STATE out of turn, or when a psk was not set
   */
  readMessage(
    message: Uint8Array,
    accept?: (payload: Uint8Array, remoteStatic: Uint8Array | undefined) => boolean,
  ): Uint8Array<ArrayBuffer> | undefined {
    this.#checkTurn(false)
    // spec: STT-CRY-22
    const copy = { ...this.#state, symmetric: this.#state.symmetric.copy() }
    let payload: Uint8Array<ArrayBuffer> | undefined
    try {
      const read = this.#read(copy, message)
      if (read !== undefined && (accept === undefined || accept(read, copy.remoteStatic))) payload = read
    } finally {
      if (payload === undefined) copy.symmetric.dispose()
    }
    if (payload === undefined) return undefined
    this.#state.symmetric.dispose()
    this.#state = copy
    this.#forgetEphemeral()
    return payload
  }

  /** The chaining key after the last message, 64 bytes, for a caller that derives other keys from it and wipes it. */
  exportChainingKey(): Uint8Array<ArrayBuffer> {
    this.#checkComplete()
    return this.#state.symmetric.chainingKey
  }

  /** The transport keys (Noise §5.2 Split), once. In a one-way pattern only the initiator sends. */
  split(): { send: CipherState; receive: CipherState } {
    this.#checkComplete()
    if (this.#phase === 'split') throw invalidState('this handshake was split before')
    this.#phase = 'split'
    const [first, second] = this.#state.symmetric.split()
    return this.#initiator ? { send: first, receive: second } : { send: second, receive: first }
  }

  /** Wipes the keys of the run and its ephemeral. Public values stay readable. */
  dispose(): void {
    this.#phase = 'disposed'
    this.#state.symmetric.dispose()
    this.#ephemeral?.dispose()
    this.#psks.length = 0
  }

  #write(payload: Uint8Array, ephemeral: KeyPair | undefined): Uint8Array<ArrayBuffer> {
    const state = this.#state
    const parts: Uint8Array<ArrayBuffer>[] = []
    for (const token of this.#pattern.messages[state.messages]!) {
      if (token === 'e') {
        this.#ephemeral = takeEphemeral(ephemeral)
        parts.push(this.#ephemeral.publicKey)
        this.#mixEphemeral(state, this.#ephemeral.publicKey)
      } else if (token === 's') {
        parts.push(state.symmetric.encryptAndHash(this.#staticKey!.publicKey))
      } else this.#mixSecret(state, token)
    }
    parts.push(state.symmetric.encryptAndHash(payload))
    const message = concatBytes(parts)
    if (message.length > MAX_MESSAGE) {
      throw new SttError('STT_INVALID_ARGUMENT', `a Noise message of ${message.length} bytes is over ${MAX_MESSAGE}`)
    }
    state.messages++
    this.#forgetEphemeral()
    return message
  }

  #read(state: State, message: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    if (message.length > MAX_MESSAGE) return undefined
    let offset = 0
    for (const token of this.#pattern.messages[state.messages]!) {
      if (token === 'e') {
        const key = message.slice(offset, (offset += KEY_LENGTH))
        // spec: STT-CRY-24
        if (key.length < KEY_LENGTH || isLowOrder(key)) return undefined
        state.remoteEphemeral = key
        this.#mixEphemeral(state, key)
      } else if (token === 's') {
        const length = KEY_LENGTH + (state.symmetric.hasKey ? TAG_LENGTH : 0)
        const field = message.subarray(offset, (offset += length))
        if (field.length < length) return undefined
        const key = state.symmetric.decryptAndHash(field)
        // spec: STT-CRY-24
        if (key === undefined || isLowOrder(key)) return undefined
        state.remoteStatic = key
      } else if (!this.#mixPeerSecret(state, token)) return undefined
    }
    const payload = state.symmetric.decryptAndHash(message.subarray(offset))
    state.messages++
    return payload
  }

  /** With pre-shared keys an ephemeral is key material too (Noise §9.2). */
  #mixEphemeral(state: State, publicKey: Uint8Array): void {
    state.symmetric.mixHash(publicKey)
    if (this.#pattern.pskCount > 0) state.symmetric.mixKey(publicKey)
  }

  /** As `#mixSecret`; false when there is no secret because of the peer's key. */
  #mixPeerSecret(state: State, token: Token): boolean {
    try {
      this.#mixSecret(state, token)
      return true
    } catch (error) {
      if (isSttError(error, 'STT_BAD_KEY')) return false
      throw error
    }
  }

  #mixSecret(state: State, token: Token): void {
    if (token === 'psk') {
      state.symmetric.mixKeyAndHash(this.#psk(state))
      return
    }
    const shared = this.#agree(state, token)
    state.symmetric.mixKey(shared)
    shared.fill(0)
  }

  /** A token's first letter is the initiator's key, its second the responder's. */
  #agree(state: State, token: Token): Uint8Array<ArrayBuffer> {
    const [own, peer] = this.#initiator ? [token[0], token[1]] : [token[1], token[0]]
    const pair = own === 'e' ? this.#ephemeral : this.#staticKey
    const publicKey = peer === 'e' ? state.remoteEphemeral : state.remoteStatic
    return pair!.agree(publicKey!)
  }

  #psk(state: State): Uint8Array {
    const psk = this.#psks[state.psks]
    if (psk === undefined) throw invalidState(`psk number ${state.psks} was not set before the message that needs it`)
    state.psks++
    if (typeof psk !== 'function') return psk
    const found = psk(state.remoteStatic)
    if (found === undefined) throw new SttError('STT_BAD_KEY', 'there is no pre-shared key for this peer')
    checkPsk(found)
    return found
  }

  /** After the last message the ephemeral key is wiped, so an attacker who takes this machine later cannot agree on the keys. */
  // spec: STT-CRY-23
  #forgetEphemeral(): void {
    if (this.complete) this.#ephemeral?.dispose()
  }

  #checkTurn(writing: boolean): void {
    if (this.#phase !== 'running') throw invalidState(`this handshake was ${this.#phase} before`)
    if (this.complete) throw invalidState('this handshake is complete')
    if (this.writing !== writing) throw invalidState(`the next message is to be ${writing ? 'read' : 'written'}`)
  }

  #checkComplete(): void {
    if (this.#phase === 'disposed') throw new SttError('STT_DISPOSED', 'this handshake was disposed and holds no keys')
    if (!this.complete) throw invalidState('this handshake is not complete')
  }
}

/** The state that a message changes, apart from this side's keys. */
interface State {
  readonly symmetric: SymmetricState
  /** Messages that are done. */
  messages: number
  /** Pre-shared keys that are used. */
  psks: number
  remoteStatic: Uint8Array<ArrayBuffer> | undefined
  remoteEphemeral: Uint8Array<ArrayBuffer> | undefined
}

const MAX_MESSAGE = 65_535

/** Key pairs that a handshake has taken as its ephemeral. */
const taken = /* @__PURE__ */ new WeakSet<KeyPair>()

function takeEphemeral(ephemeral: KeyPair | undefined): KeyPair {
  if (ephemeral === undefined) throw invalidState('this message needs an ephemeral key pair')
  if (taken.has(ephemeral)) throw invalidState('this ephemeral key pair was used in a message before; make a new one')
  taken.add(ephemeral)
  return ephemeral
}

function invalidState(message: string): SttError {
  return new SttError('STT_INVALID_STATE', message)
}
