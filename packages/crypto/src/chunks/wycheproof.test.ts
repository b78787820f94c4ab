import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto'
import { inflateSync } from 'node:zlib'
import { gcm } from '@noble/ciphers/aes.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { isSttError } from '@stt/errors'
import { expect, test } from 'vitest'
import { bytes, hex } from '../../test/bytes.ts'
import { describeVectors } from '../../test/vectors.ts'
import { CHUNK_HEADER_LENGTH, SEALED_CHUNK_LENGTH } from './layout.ts'
import { ChunkOpener } from './opener.ts'
import { sealChunks } from './sealer.ts'
import { type ChunkSuite, deriveChunkKeys } from './suite.ts'

/** The suite of the public vectors, AES-256-GCM and SHA-512, once from each library. */
const suites: (ChunkSuite & { name: string })[] = [
  {
    name: 'node',
    aeadName: 'AEAD_AES_256_GCM',
    expand: expandWith((key, data) => createHmac('sha512', key).update(data).digest()),
    aead(key) {
      const copy = key.slice()
      return {
        seal(nonce, ad, plaintext, out, offset = 0) {
          const cipher = createCipheriv('aes-256-gcm', copy, nonce, { authTagLength: 16 }).setAAD(ad)
          const sealed = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
          out.set(sealed, offset)
          return offset + sealed.length
        },
        open(nonce, ad, ciphertext, out, offset = 0) {
          const decipher = createDecipheriv('aes-256-gcm', copy, nonce, { authTagLength: 16 }).setAAD(ad)
          decipher.setAuthTag(ciphertext.subarray(-16))
          const plaintext = decipher.update(ciphertext.subarray(0, -16))
          try {
            decipher.final()
          } catch {
            return -1
          }
          out.set(plaintext, offset)
          return plaintext.length
        },
        dispose() {},
      }
    },
  },
  {
    name: 'portable',
    aeadName: 'AEAD_AES_256_GCM',
    expand: expandWith((key, data) => hmac(sha512, key, data)),
    aead(key) {
      const copy = key.slice()
      return {
        seal(nonce, ad, plaintext, out, offset = 0) {
          out.set(gcm(copy, nonce, ad).encrypt(plaintext), offset)
          return offset + plaintext.length + 16
        },
        open(nonce, ad, ciphertext, out, offset = 0) {
          try {
            out.set(gcm(copy, nonce, ad).decrypt(ciphertext), offset)
          } catch {
            return -1
          }
          return ciphertext.length - 16
        },
        dispose() {},
      }
    },
  },
]

function expandWith(mac: (key: Uint8Array, data: Uint8Array) => Uint8Array): ChunkSuite['expand'] {
  return (key, info, length) => {
    const blocks: Uint8Array[] = []
    for (let i = 1, block: Uint8Array = new Uint8Array(0); blocks.length * 64 < length; i++) {
      block = mac(key, Buffer.concat([block, info, Uint8Array.of(i)]))
      blocks.push(block)
    }
    return Uint8Array.from(Buffer.concat(blocks).subarray(0, length))
  }
}

interface ChunkCase {
  tcId: number
  key: string
  ctx: string
  /** Compressed: most messages are long and regular. */
  ct: string
  aeadKey?: string
  baseNonce?: string
  /** Of the plaintext, or of what of it stands before the first fault. */
  msgLength?: number
  msgSha512?: string
  result: 'valid' | 'invalid'
}

// spec: STT-SEG-2
// spec: STT-SEG-3
describeVectors<{ numberOfTests: number; testGroups: { tests: ChunkCase[] }[] }>(
  'wycheproof-c2sp_chunked_encryption_aes_256_gcm_test.json',
  ({ numberOfTests, testGroups }) => {
    test.each(suites)('all on $name', suite => {
      const cases = testGroups.flatMap(group => group.tests)
      expect(cases).toHaveLength(numberOfTests)
      for (const each of cases) check(suite, each)
    })
  },
)

function check(
  suite: ChunkSuite,
  { tcId, key, ctx, ct, aeadKey, baseNonce, msgLength, msgSha512, result }: ChunkCase,
): void {
  const sealed = Uint8Array.from(inflateSync(bytes(ct)))
  const options = { key: bytes(key), context: bytes(ctx), suite }
  if (aeadKey !== undefined) {
    const keys = deriveChunkKeys(suite, options.key, sealed.subarray(0, 24), options.context)
    expect([hex(keys.key), hex(keys.baseNonce)], `case ${tcId}`).toEqual([aeadKey, baseNonce])
  }
  const { plaintext, complete } = openSlowly(sealed, options)
  expect(complete, `case ${tcId}`).toBe(result === 'valid')
  expect(plaintext.length, `case ${tcId}`).toBe(msgLength ?? 0)
  if (msgSha512 !== undefined)
    expect(createHash('sha512').update(plaintext).digest('hex'), `case ${tcId}`).toBe(msgSha512)
  if (result === 'valid') {
    const again = sealChunks(plaintext, { ...options, entropy: () => sealed.slice(0, 24) })
    expect(Buffer.compare(again, sealed), `case ${tcId}`).toBe(0)
  }
}

/** Chunk by chunk, so that what stands before a fault is seen. */
function openSlowly(
  sealed: Uint8Array,
  options: { key: Uint8Array; context: Uint8Array; suite: ChunkSuite },
): { plaintext: Uint8Array; complete: boolean } {
  const parts: Uint8Array[] = []
  let complete = false
  try {
    const opener = new ChunkOpener({ ...options, header: sealed.subarray(0, CHUNK_HEADER_LENGTH) })
    for (let offset = CHUNK_HEADER_LENGTH; offset < sealed.length; offset += SEALED_CHUNK_LENGTH) {
      parts.push(opener.update(sealed.subarray(offset, offset + SEALED_CHUNK_LENGTH)))
    }
    parts.push(opener.finish())
    complete = true
  } catch (error) {
    if (!isSttError(error)) throw error
  }
  return { plaintext: Buffer.concat(parts), complete }
}
