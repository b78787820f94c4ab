import type { TransportLimits } from '@stt/frame'
import { encode, encodedSize, type Value } from '@stt/serialize'
import { CID_LENGTH } from './header.ts'
import {
  bytesField,
  countField,
  decodeDict,
  isMetadataShort,
  limitsDict,
  limitsField,
  metadataField,
  suitesField,
} from './payload-fields.ts'

// The closed tables of docs/PROTOCOL.md §2.2, one pair of functions each. A reader answers undefined for a payload
// that lacks a key or has a wrong one.

/** P1. Every seed holder can read it for ever, from a recording: nothing personal belongs in it. */
export interface HelloPayload {
  readonly nonce: Uint8Array
  readonly suites: readonly number[]
}

/** P2. Any seed holder who dials can read it. */
export interface ResponsePayload {
  readonly nonce: Uint8Array
  /** The chosen suite; 0: none in common, the run ends. */
  readonly suite: number
  readonly suites: readonly number[]
  readonly scid: Uint8Array
  readonly limits: TransportLimits
  readonly resetToken: Uint8Array | undefined
  readonly metadata: Value | undefined
}

/** P3. Only the peer whose static key answered in RESPONSE can read it. */
export interface ProofPayload {
  readonly limits: TransportLimits
  readonly metadata: Value | undefined
  /** ML-KEM-768 encapsulation key, in suite 2 and only there. */
  readonly ek: Uint8Array | undefined
}

/** Encodes P1, with `pad` zeros such that the result has `length` bytes; no padding when `length` is undefined. */
export function encodeHelloPayload(payload: HelloPayload, length: number | undefined): Uint8Array {
  const dict = { nonce: payload.nonce, pad: new Uint8Array(0), suites: [...payload.suites] }
  // The four bytes of a byte string's length do not depend on it, so the difference is the padding.
  const pad = length === undefined ? 0 : length - encodedSize(dict)
  return encode({ ...dict, pad: new Uint8Array(pad) })
}

export function readHelloPayload(bytes: Uint8Array): HelloPayload | undefined {
  const dict = decodeDict(bytes)
  if (dict === undefined) return undefined
  const nonce = bytesField(dict, 'nonce', NONCE_LENGTH)
  const suites = suitesField(dict)
  const pad = bytesField(dict, 'pad')
  return nonce && suites && pad ? { nonce, suites } : undefined
}

export function encodeResponsePayload(payload: ResponsePayload): Uint8Array {
  const { nonce, suite, suites, scid, limits, resetToken, metadata } = payload
  return encode({
    limits: limitsDict(limits),
    ...(metadata !== undefined && { metadata }),
    nonce,
    ...(resetToken && { resetToken }),
    scid,
    suite,
    suites: [...suites],
  })
}

export function readResponsePayload(bytes: Uint8Array): ResponsePayload | undefined {
  const dict = decodeDict(bytes)
  if (dict === undefined) return undefined
  const nonce = bytesField(dict, 'nonce', NONCE_LENGTH)
  const suite = countField(dict, 'suite', 0xffff)
  const suites = suitesField(dict)
  const scid = bytesField(dict, 'scid', CID_LENGTH)
  const limits = limitsField(dict)
  const resetToken = bytesField(dict, 'resetToken', RESET_TOKEN_LENGTH)
  const metadata = metadataField(dict)
  if (Object.hasOwn(dict, 'resetToken') && !resetToken) return undefined
  if (!nonce || suite === undefined || !suites || !scid || !limits || !isMetadataShort(metadata)) return undefined
  return { nonce, suite, suites, scid, limits, resetToken, metadata }
}

export function encodeProofPayload(payload: ProofPayload): Uint8Array {
  const { limits, metadata, ek } = payload
  return encode({ ...(ek && { ek }), limits: limitsDict(limits), ...(metadata !== undefined && { metadata }) })
}

export function readProofPayload(bytes: Uint8Array, suite: number): ProofPayload | undefined {
  const dict = decodeDict(bytes)
  if (dict === undefined) return undefined
  const limits = limitsField(dict)
  const metadata = metadataField(dict)
  const ek = bytesField(dict, 'ek', ENCAPSULATION_KEY_LENGTH)
  // spec: STT-HS-15 (present in suite 2, absent in every other)
  if (suite === 2 ? !ek : Object.hasOwn(dict, 'ek')) return undefined
  if (!limits || !isMetadataShort(metadata)) return undefined
  return { limits, metadata, ek }
}

/** What FINAL says of the run. */
export const FinalStatus = { Accepted: 0, Refused: 1, Busy: 2 } as const

export type FinalStatus = (typeof FinalStatus)[keyof typeof FinalStatus]

/** P4. No dict: the status, and the KEM ciphertext when suite 2 is accepted. */
export interface FinalPayload {
  readonly status: FinalStatus
  readonly ciphertext: Uint8Array
}

export function encodeFinalPayload(payload: FinalPayload): Uint8Array {
  const bytes = new Uint8Array(1 + payload.ciphertext.length)
  bytes[0] = payload.status
  bytes.set(payload.ciphertext, 1)
  return bytes
}

/** spec: STT-HS-16 */
export function readFinalPayload(bytes: Uint8Array, suite: number): FinalPayload | undefined {
  const status = bytes[0]
  if (status !== FinalStatus.Accepted && status !== FinalStatus.Refused && status !== FinalStatus.Busy) return undefined
  const ciphertext = bytes.subarray(1)
  const expected = suite === 2 && status === FinalStatus.Accepted ? CIPHERTEXT_LENGTH : 0
  return ciphertext.length === expected ? { status, ciphertext } : undefined
}

export const NONCE_LENGTH = 16
export const RESET_TOKEN_LENGTH = 16
export const ENCAPSULATION_KEY_LENGTH = 1184
export const CIPHERTEXT_LENGTH = 1088
