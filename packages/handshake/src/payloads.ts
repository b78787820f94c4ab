import type { PathTerms, TransportLimits } from '@stt/frame'
import { encode, encodedSize, type Value } from '@stt/serialize'
import { CID_LENGTH } from './header.ts'
import {
  bytesField,
  choicesField,
  countField,
  decodeDict,
  isMetadataShort,
  limitsDict,
  limitsField,
  metadataField,
  pathsDict,
  pathsField,
} from './payload-fields.ts'

// The tables of docs/PROTOCOL.md §2.2, as a dialer writes and reads them; listener-payloads.ts has the listener's side. A
// reader answers undefined for a payload that lacks a key or has a wrong one.

/** P1. Any seed holder can read it from a recording, at any later time: it must hold nothing personal. */
export interface HelloPayload {
  readonly nonce: Uint8Array
  readonly suites: readonly number[]
  /** The versions that the dialer speaks, this one among them. */
  readonly versions: readonly number[]
}

/** P2. Any seed holder who dials can read it. */
export interface ResponsePayload {
  readonly nonce: Uint8Array
  /** The chosen suite; 0: none in common, the run ends. */
  readonly suite: number
  readonly suites: readonly number[]
  readonly scid: Uint8Array
  readonly limits: TransportLimits
  readonly paths: PathTerms
}

/** P3. Only the peer whose static key answered in RESPONSE can read it. */
export interface ProofPayload {
  readonly limits: TransportLimits
  readonly paths: PathTerms
  readonly metadata: Value | undefined
  /** ML-KEM-768 encapsulation key, in suite 2 and only there. */
  readonly ek: Uint8Array | undefined
}

/** Encodes P1, with `pad` zeros such that the result has `length` bytes; no padding when `length` is undefined. */
export function encodeHelloPayload(payload: HelloPayload, length: number | undefined): Uint8Array {
  const { nonce, suites, versions } = payload
  const dict = { nonce, pad: new Uint8Array(0), suites: [...suites], versions: [...versions] }
  // The four bytes of a byte string's length do not depend on it, so the difference is the padding.
  const pad = length === undefined ? 0 : length - encodedSize(dict)
  return encode({ ...dict, pad: new Uint8Array(pad) })
}

export function readResponsePayload(bytes: Uint8Array): ResponsePayload | undefined {
  const dict = decodeDict(bytes)
  if (dict === undefined) return undefined
  const nonce = bytesField(dict, 'nonce', NONCE_LENGTH)
  const suite = countField(dict, 'suite', MAX_SUITE)
  const suites = choicesField(dict, 'suites', MAX_SUITE)
  const scid = bytesField(dict, 'scid', CID_LENGTH)
  const limits = limitsField(dict)
  const paths = pathsField(dict)
  if (!nonce || suite === undefined || !suites || !scid || !limits || !paths) return undefined
  return { nonce, suite, suites, scid, limits, paths }
}

export function encodeProofPayload(payload: ProofPayload): Uint8Array {
  const { limits, paths, metadata, ek } = payload
  return encode({
    ...(ek && { ek }),
    limits: limitsDict(limits),
    ...(metadata !== undefined && { metadata }),
    paths: pathsDict(paths),
  })
}

/** How the listener ends a run, in FINAL. */
export const FinalStatus = { Accepted: 0, Refused: 1, Busy: 2 } as const

export type FinalStatus = (typeof FinalStatus)[keyof typeof FinalStatus]

/** P4. Only a peer that is let in learns more than the status. */
export interface FinalPayload {
  readonly status: FinalStatus
  /** The KEM ciphertext, when suite 2 is accepted and only then. */
  readonly kem: Uint8Array | undefined
  readonly resetToken: Uint8Array | undefined
  readonly metadata: Value | undefined
}

/** spec: STT-HS-16 */
export function readFinalPayload(bytes: Uint8Array, suite: number): FinalPayload | undefined {
  const dict = decodeDict(bytes)
  if (dict === undefined) return undefined
  const status = countField(dict, 'status', FinalStatus.Busy) as FinalStatus | undefined
  const kem = bytesField(dict, 'kem', CIPHERTEXT_LENGTH)
  const resetToken = bytesField(dict, 'resetToken', RESET_TOKEN_LENGTH)
  const metadata = metadataField(dict)
  if (status === undefined) return undefined
  const isAccepted = status === FinalStatus.Accepted
  if (isAccepted && suite === 2 ? !kem : Object.hasOwn(dict, 'kem')) return undefined
  if (!resetToken && Object.hasOwn(dict, 'resetToken')) return undefined
  // A refusal tells the peer nothing about this side.
  if (!isAccepted && (resetToken || metadata !== undefined)) return undefined
  return isMetadataShort(metadata) ? { status, kem, resetToken, metadata } : undefined
}

export const NONCE_LENGTH = 16
export const RESET_TOKEN_LENGTH = 16
export const ENCAPSULATION_KEY_LENGTH = 1184
export const CIPHERTEXT_LENGTH = 1088
export const MAX_SUITE = 0xffff
