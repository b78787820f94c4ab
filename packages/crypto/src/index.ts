import * as platform from '#platform'
import { type Cke, createCke } from './cke.ts'
import { createPhe, type Phe } from './phe.ts'
import type { CryptoProvider, Entropy } from './providers/provider.ts'

export { type Argon2idOptions, argon2id } from './argon2id.ts'
export { concatBytes, equalBytes, fromHex, toBase32, toHex } from './bytes.ts'
export {
  CHUNK_HEADER_LENGTH,
  CHUNK_LENGTH,
  type ChunkRange,
  plaintextLength,
  sealedLength,
  sealedRange,
} from './chunks/layout.ts'
export { ChunkOpener, type ChunkOpenerOptions, openChunks } from './chunks/opener.ts'
export { ChunkSealer, type ChunkSealerOptions, sealChunks } from './chunks/sealer.ts'
export { type ChunkKeys, type ChunkSuite, createChunkSuite, deriveChunkKeys } from './chunks/suite.ts'
export { type Cke, createCke } from './cke.ts'
export { Identity } from './identity.ts'
export type { CipherState } from './noise/cipher-state.ts'
export type { NoiseHandshakeConfig, NoisePsk } from './noise/config.ts'
export { NoiseHandshake } from './noise/handshake.ts'
export { noisePattern } from './noise/named-patterns.ts'
export type { NoisePattern } from './noise/patterns.ts'
export { createPhe, type Phe } from './phe.ts'
export type { AeadKey, CryptoProvider, Entropy, Kem, KemKeyPair, KeyPair } from './providers/provider.ts'
export type { PassphraseOptions } from './seed/passphrase.ts'
export type { RendezvousKeys } from './seed/rendezvous-keys.ts'
export { Seed } from './seed/seed.ts'
export type { SeedKeys } from './seed/seed-keys.ts'

/** This platform's provider: `node:crypto` with WebAssembly where it passes a known-answer test, else plain JavaScript. */
export const provider: CryptoProvider = platform.provider

/** The platform's cryptographically secure random source. */
export const randomBytes: Entropy = platform.randomBytes

/** Hashing with a purpose, by this platform's provider. */
export const phe: Phe = /* @__PURE__ */ createPhe(platform.provider)

/** Key derivation by context, by this platform's provider. */
export const cke: Cke = /* @__PURE__ */ createCke(platform.provider)
