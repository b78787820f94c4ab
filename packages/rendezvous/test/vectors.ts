import { readFileSync } from 'node:fs'
import type { Candidate } from '@stt/frame'

interface Vectors {
  readonly inputs: { seed: string; staticPrivateKey: string; hour: number; authority: string; nonce: string }
  readonly derived: Readonly<Record<string, string>>
  readonly order: readonly string[]
  readonly messages: readonly { name: string; hex: string; message: MessageFields }[]
  readonly refused: readonly { name: string; hex: string }[]
  readonly datagrams: readonly { nonce: string; size?: number; observed: Candidate; bind: string; bound: string }[]
}

/** A message as the file writes it: byte strings are hexadecimal, a claim is its name and token joined. */
export interface MessageFields {
  readonly type: string
  readonly [field: string]: unknown
}

export const vectors: Vectors = JSON.parse(readFileSync(new URL('../vectors/rendezvous.json', import.meta.url), 'utf8'))
