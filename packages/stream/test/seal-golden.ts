import { fromHex, provider, toHex } from '@stt/crypto'
import { StreamEncoder } from '../src/segments/index.ts'
import golden from './golden-segments.json' with { type: 'json' }

/** Seals the golden stream with the provider of the platform that this runs on. */
export function sealGolden(): { provider: string; pieces: string[]; encoder: StreamEncoder } {
  const { segmentSize } = golden
  const options = { key: fromHex(golden.key)!, context: new TextEncoder().encode(golden.context) }
  const encoder = new StreamEncoder({ ...options, segmentSize, entropy: () => fromHex(golden.salt)! })
  const pieces = encoder.encode(fromHex(golden.parts[0]!)!)
  encoder.rotateKeys()
  pieces.push(...encoder.encode(fromHex(golden.parts[1]!)!), ...encoder.end())
  return { provider: provider.name, pieces: pieces.map(toHex), encoder }
}
