import { FrameDecoder, type FrameEvent } from '../src/codec/decoder.ts'

/** Bytes of a hexadecimal text; spaces are for the reader. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
}

export function concat(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts))
}

/** The same bytes `count` times. */
export function repeat(bytes: Uint8Array, count: number): Uint8Array {
  return Uint8Array.from(Buffer.alloc(bytes.length * count, bytes))
}

/** A frame built by hand, so that it can break any rule. The payload is masked when a key is given. */
export function rawFrame(first: number, payload: Uint8Array, maskKey?: Uint8Array): Uint8Array {
  const { length } = payload
  const size =
    length < 126 ? [length] : length < 65_536 ? [126, length >> 8, length & 255] : [127, 0, 0, 0, 0, ...u32(length)]
  if (maskKey) size[0]! |= 0x80
  const masked = maskKey ? payload.map((byte, i) => byte ^ maskKey[i & 3]!) : payload
  return concat(Uint8Array.of(first, ...size), maskKey ?? new Uint8Array(0), masked)
}

/** Every event of a stream cut into these chunks; the data copied, for a view lasts only until the next event. */
export function decode(role: 'server' | 'client', ...chunks: Uint8Array[]): FrameEvent[] {
  const decoder = new FrameDecoder(role)
  const events: FrameEvent[] = []
  for (const chunk of chunks) {
    decoder.push(chunk.slice())
    for (let event = decoder.next(); event; event = decoder.next()) {
      events.push('data' in event ? { ...event, data: event.data.slice() } : event)
    }
  }
  return events
}

const u32 = (n: number): number[] => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]
