import { type CryptoProvider, createCke, createPhe } from '@stt/crypto'
import { CONFIRM_LENGTH } from './header.ts'
import { SessionSecrets } from './session-secrets.ts'

/** The inputs of the key schedule, once the Noise handshake has ended. docs/PROTOCOL.md §2.4 */
export interface ScheduleInput {
  /** Noise's chaining key and handshake hash after AUTH_PROOF, 64 bytes each. */
  readonly chainingKey: Uint8Array
  readonly handshakeHash: Uint8Array
  /** FINAL's Noise ciphertext, its tag included. */
  readonly finalCiphertext: Uint8Array
  readonly suite: number
  /** The KEM's shared secret when suite 2 was accepted, else empty. */
  readonly kemSecret: Uint8Array
}

export interface Schedule {
  /** The channel binding, 64 bytes: equal on both sides and nowhere else. Not secret. */
  readonly h4: Uint8Array
  /** The tag after FINAL's ciphertext, 16 bytes. */
  readonly confirm: Uint8Array
  readonly secrets: SessionSecrets
}

/** Everything that follows from the finished handshake, for one side. spec: STT-HS-17, STT-HS-18 */
export function runSchedule(provider: CryptoProvider, role: 'initiator' | 'responder', input: ScheduleInput): Schedule {
  const cke = createCke(provider)
  const h4 = provider.hash(input.handshakeHash, input.finalCiphertext)
  const suite = Uint8Array.of(input.suite >>> 8, input.suite)
  const root = provider.hmac(input.chainingKey, ROOT_LABEL, suite, h4, input.kemSecret)
  const confirmKey = cke.derive(root, 'r confirm', NO_CONTEXT, 32)
  const confirm = provider.hmac(confirmKey, h4).slice(0, CONFIRM_LENGTH)
  const context = h4.subarray(0, 32)
  const fromInitiator = cke.derive(root, 'i2r traffic', context, 32)
  const fromResponder = cke.derive(root, 'r2i traffic', context, 32)
  const exporter = cke.derive(root, 'exporter', NO_CONTEXT, 32)
  root.fill(0)
  confirmKey.fill(0)

  const isInitiator = role === 'initiator'
  const secrets = new SessionSecrets(
    isInitiator ? fromInitiator : fromResponder,
    isInitiator ? fromResponder : fromInitiator,
    exporter,
  )
  return { h4, confirm, secrets }
}

export interface SessionIdInput {
  readonly initiatorNonce: Uint8Array
  readonly responderNonce: Uint8Array
  readonly initiatorId: Uint8Array
  readonly responderId: Uint8Array
}

/**
 * The 16-byte label of a session, for people and logs. Never a key, a nonce, an authorization or a route: XOR lets
 * one side choose the result. What names a session securely is `h4`. spec: STT-HS-19
 */
export function sessionIdOf(provider: CryptoProvider, input: SessionIdInput): Uint8Array<ArrayBuffer> {
  const phe = createPhe(provider)
  const ofInitiator = phe.digest('sid-i', input.initiatorNonce)
  const ofResponder = phe.digest('sid-r', input.responderNonce)
  const id = new Uint8Array(SESSION_ID_LENGTH)
  for (let i = 0; i < id.length; i++) {
    id[i] = ofInitiator[i]! ^ ofResponder[i]! ^ input.initiatorId[i]! ^ input.responderId[i]!
  }
  return id
}

/** The name of a static public key. */
export function nodeId(provider: CryptoProvider, staticKey: Uint8Array): Uint8Array<ArrayBuffer> {
  return createPhe(provider).digest('node-id', staticKey)
}

const ROOT_LABEL = new TextEncoder().encode('STTv1 root')
const NO_CONTEXT = new Uint8Array(0)
const SESSION_ID_LENGTH = 16
