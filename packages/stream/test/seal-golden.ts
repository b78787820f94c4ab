import { provider } from '@stt/crypto'
import { StreamEncoder } from '../src/index.ts'
import golden from './golden-segments.json' with { type: 'json' }

/** Seals the golden stream with the provider of the platform that this runs on. */
export function sealGolden(): { provider: string; pieces: string[]; encoder: StreamEncoder } {
  const { segmentSize } = golden
  const options = { key: bytes(golden.key), context: new TextEncoder().encode(golden.context) }
  const encoder = new StreamEncoder({ ...options, segmentSize, entropy: () => bytes(golden.salt) })
  const pieces = encoder.encode(bytes(golden.parts[0]!))
  encoder.rotateKeys()
  pieces.push(...encoder.encode(bytes(golden.parts[1]!)), ...encoder.end())
  return { provider: provider.name, pieces: pieces.map(hex), encoder }
}

export const bytes = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g) ?? [], byte => Number.parseInt(byte, 16))
export const hex = (bytes: Uint8Array): string => [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('')
