import { concatBytes } from '@stt/crypto'
import { MAX_CANDIDATE_SIZE, writeCandidate } from '@stt/frame'
import {
  type Greeting,
  MAX_URL_SIZE,
  type MailboxClaim,
  MessageType,
  NO_REASONS,
  type NoReason,
  RELAY_VERSION,
} from './message.ts'

/** Makes the proof of access for a message from its type and the bytes before the proof; no bytes if none is needed. */
export type Prove = (type: number, body: Uint8Array) => Uint8Array

export function encodeGreeting(greeting: Omit<Greeting, 'type'>): Uint8Array {
  const { nonce, unixSeconds, observed, udpPorts, rate, burst, freeMebibytes, freeSeconds, needsAccess } = greeting
  const candidate = new Uint8Array(MAX_CANDIDATE_SIZE)
  // An unknown source is a candidate without bytes.
  const candidateSize = observed ? writeCandidate(candidate, 0, observed) : 1
  return concatBytes([
    Uint8Array.of(MessageType.greeting, RELAY_VERSION),
    nonce,
    uint32(unixSeconds),
    candidate.subarray(0, candidateSize),
    uint16(udpPorts[0]),
    uint16(udpPorts[1]),
    ...[rate, burst, freeMebibytes, freeSeconds].map(uint32),
    Uint8Array.of(needsAccess ? 1 : 0),
  ])
}

export function encodeListen(claims: readonly MailboxClaim[], prove: Prove): Uint8Array {
  const fields = claims.flatMap(({ mailbox, token }) => [mailbox, token])
  return proved(MessageType.listen, concatBytes([Uint8Array.of(claims.length), ...fields]), prove)
}

export function encodeDial(mailboxes: readonly Uint8Array[], prove: Prove): Uint8Array {
  return proved(MessageType.dial, concatBytes([Uint8Array.of(mailboxes.length), ...mailboxes]), prove)
}

/** @param url the instance to accept at if there are several: ASCII, at most 512 bytes */
export const encodeIncoming = (ticket: Uint8Array, url = ''): Uint8Array =>
  typed(MessageType.incoming, ticket, urlField(url))

export const encodeAccept = (ticket: Uint8Array): Uint8Array => typed(MessageType.accept, ticket)

export const encodeSpliced = (): Uint8Array => typed(MessageType.spliced)

/** @param url for `elsewhere`: ASCII, at most 512 bytes */
export function encodeNo(reason: Exclude<NoReason, 'unknown'>, retryAfter: number, url = ''): Uint8Array {
  return typed(MessageType.no, Uint8Array.of(NO_REASONS.indexOf(reason) + 1), uint32(retryAfter), urlField(url))
}

export function encodeGoingAway(reconnectIn: number, tryFor: number): Uint8Array {
  return typed(MessageType.goingAway, uint32(reconnectIn), uint32(tryFor))
}

export const encodePing = (data: Uint8Array): Uint8Array => typed(MessageType.ping, data)

export const encodePong = (data: Uint8Array): Uint8Array => typed(MessageType.pong, data)

function urlField(url: string): Uint8Array {
  const text = new TextEncoder().encode(url).subarray(0, MAX_URL_SIZE)
  return concatBytes([uint16(text.length), text])
}

const typed = (type: number, ...fields: readonly Uint8Array[]): Uint8Array =>
  concatBytes([Uint8Array.of(type), ...fields])

const proved = (type: number, body: Uint8Array, prove: Prove): Uint8Array => typed(type, body, prove(type, body))

const uint16 = (value: number): Uint8Array => Uint8Array.of(value >>> 8, value)

const uint32 = (value: number): Uint8Array => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
