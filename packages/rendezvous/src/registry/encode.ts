import { concatBytes } from '@stt/crypto'
import type { Prove } from '../messages/encode.ts'
import { MessageType } from '../messages/message.ts'
import { MAX_ENTRIES, type Put, type RegistryEntry } from './message.ts'

export function encodePut(
  { topic, token, ttl, blob }: Pick<Put, 'topic' | 'token' | 'ttl' | 'blob'>,
  prove: Prove,
): Uint8Array {
  const body = concatBytes([topic, token, uint16(ttl), uint16(blob.length), blob])
  return concatBytes([Uint8Array.of(MessageType.put), body, prove(MessageType.put, body)])
}

export function encodeGet(topic: Uint8Array, prove: Prove): Uint8Array {
  return concatBytes([Uint8Array.of(MessageType.get), topic, prove(MessageType.get, topic)])
}

export const encodeStored = (): Uint8Array => Uint8Array.of(MessageType.stored)

/** Encodes all entries of a topic, in as many messages as needed. */
export function encodeRecords(entries: readonly RegistryEntry[]): Uint8Array[] {
  const messages: Uint8Array[] = []
  for (let at = 0; at === 0 || at < entries.length; at += MAX_ENTRIES) {
    const part = entries.slice(at, at + MAX_ENTRIES)
    const hasMore = entries.length > at + MAX_ENTRIES
    const fields = part.flatMap(({ slot, blob }) => [slot, uint16(blob.length), blob])
    messages.push(concatBytes([Uint8Array.of(MessageType.records, hasMore ? 1 : 0, part.length), ...fields]))
  }
  return messages
}

const uint16 = (value: number): Uint8Array => Uint8Array.of(value >>> 8, value)
