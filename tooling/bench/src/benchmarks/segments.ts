import { createCipheriv, createDecipheriv } from 'node:crypto'
import { StreamDecoder, StreamEncoder } from '@stt/stream/segments'
import type { Benchmark, Contestant } from '../benchmark.ts'

const SEGMENT = 65_536
const SEGMENTS = 512
const TAG = 16
const HEADER = 16

/** Sealed segments of 64 KiB beside ChaCha20-Poly1305 of `node:crypto` around the same bytes and nothing else. */
export function benchmarks(): readonly Benchmark[] {
  return [
    {
      title: 'Segments of 64 KiB, sealed and opened in one thread',
      unit: 'MB/s',
      better: 'higher',
      reference: 'node:crypto',
      rows: [{ name: '32 MiB', contestants: [contestant('stt', segments), contestant('node:crypto', cipherAlone)] }],
    },
  ]
}

const contestant = (name: string, work: () => number): Contestant => {
  work()
  return {
    name,
    measure() {
      const started = performance.now()
      const bytes = work()
      return bytes / (performance.now() - started) / 1_000
    },
  }
}

function segments(): number {
  const options = { key: new Uint8Array(32).fill(1), context: new Uint8Array([1]) }
  const encoder = new StreamEncoder({ ...options, segmentSize: SEGMENT })
  const decoder = new StreamDecoder(options)
  const block = new Uint8Array(SEGMENT)
  let opened = 0
  const open = (pieces: readonly Uint8Array[]): void => {
    for (const piece of pieces) for (const bytes of decoder.decode(piece)) opened += bytes.length
  }
  for (let i = 0; i < SEGMENTS; i++) open(encoder.encode(block))
  open(encoder.end())
  decoder.end()
  if (opened !== SEGMENT * SEGMENTS) throw new Error(`${opened} bytes were opened`)
  return opened
}

function cipherAlone(): number {
  const key = new Uint8Array(32).fill(1)
  const nonce = new Uint8Array(12)
  const header = new Uint8Array(HEADER)
  const block = new Uint8Array(SEGMENT)
  let opened = 0
  for (let i = 0; i < SEGMENTS; i++) {
    nonce[11] = i
    nonce[10] = i >>> 8
    const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG })
    cipher.setAAD(header, { plaintextLength: SEGMENT })
    const sealed = cipher.update(block)
    cipher.final()
    const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG })
    decipher.setAAD(header, { plaintextLength: SEGMENT })
    decipher.setAuthTag(cipher.getAuthTag())
    opened += decipher.update(sealed).length
    decipher.final()
  }
  return opened
}
