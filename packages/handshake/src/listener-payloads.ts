import { encode } from '@stt/serialize'
import {
  bytesField,
  choicesField,
  decodeDict,
  isMetadataShort,
  limitsDict,
  limitsField,
  metadataField,
  pathsDict,
  pathsField,
} from './payload-fields.ts'
import {
  ENCAPSULATION_KEY_LENGTH,
  type FinalPayload,
  type HelloPayload,
  MAX_SUITE,
  NONCE_LENGTH,
  type ProofPayload,
  type ResponsePayload,
} from './payloads.ts'

// The listener's side of payloads.ts, in a file that a program which only dials does not load.

export function readHelloPayload(bytes: Uint8Array): HelloPayload | undefined {
  const dict = decodeDict(bytes)
  if (dict === undefined) return undefined
  const nonce = bytesField(dict, 'nonce', NONCE_LENGTH)
  const suites = choicesField(dict, 'suites', MAX_SUITE)
  const versions = choicesField(dict, 'versions', MAX_VERSION)
  const pad = bytesField(dict, 'pad')
  return nonce && suites && versions && pad ? { nonce, suites, versions } : undefined
}

export function encodeResponsePayload(payload: ResponsePayload): Uint8Array {
  const { nonce, suite, suites, scid, limits, paths } = payload
  return encode({ limits: limitsDict(limits), nonce, paths: pathsDict(paths), scid, suite, suites: [...suites] })
}

export function readProofPayload(bytes: Uint8Array, suite: number): ProofPayload | undefined {
  const dict = decodeDict(bytes)
  if (dict === undefined) return undefined
  const limits = limitsField(dict)
  const paths = pathsField(dict)
  const metadata = metadataField(dict)
  const ek = bytesField(dict, 'ek', ENCAPSULATION_KEY_LENGTH)
  // spec: STT-HS-15 (present in suite 2, absent in every other)
  if (suite === 2 ? !ek : Object.hasOwn(dict, 'ek')) return undefined
  if (!limits || !paths || !isMetadataShort(metadata)) return undefined
  return { limits, paths, metadata, ek }
}

export function encodeFinalPayload(payload: FinalPayload): Uint8Array {
  const { status, kem, resetToken, metadata } = payload
  return encode({
    ...(kem && { kem }),
    ...(metadata !== undefined && { metadata }),
    ...(resetToken && { resetToken }),
    status,
  })
}

const MAX_VERSION = 0xff
