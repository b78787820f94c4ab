import { type Entropy, Identity, provider, Seed, type SeedKeys } from '@stt/crypto'
import type { TransportLimits } from '@stt/frame'
import { Responder } from '../src/answer-hellos.ts'
import { type HandshakeResult, Initiator, type InitiatorConfig, type ResponderConfig } from '../src/index.ts'

/** Bytes that look random and are the same in every run of a test. */
export function seededEntropy(label: string): Entropy {
  let counter = 0
  return length => {
    const out = new Uint8Array(length)
    for (let offset = 0; offset < length; offset += 64) {
      out.set(provider.hash(utf8(`${label} ${counter++}`)).subarray(0, length - offset), offset)
    }
    return out
  }
}

export function seedKeys(label = 'seed'): SeedKeys {
  return Seed.fromBytes(seededEntropy(label)(32)).deriveKeys()
}

export function identityOf(label: string): Identity {
  return Identity.fromPrivateKey(seededEntropy(`${label} static`)(32))
}

export function limitsOf(maxData: number): TransportLimits {
  return {
    idleTimeout: 30_000,
    maxData,
    maxStreamData: 262_144,
    maxDatagram: 1_100,
    maxMessage: 2_097_152,
    maxStreamsBidi: 1_024,
    maxStreamsUni: 1_023,
  }
}

export function initiatorConfig(changes: Partial<InitiatorConfig> = {}): InitiatorConfig {
  return {
    keys: seedKeys(),
    identity: identityOf('dialer'),
    entropy: seededEntropy('dialer'),
    limits: limitsOf(1_000_000),
    localCid: Uint8Array.of(1, 1, 1, 1, 1, 1, 1, 1),
    datagram: false,
    ...changes,
  }
}

export function responderConfig(changes: Partial<ResponderConfig> = {}): ResponderConfig {
  return {
    keys: seedKeys(),
    identity: identityOf('listener'),
    entropy: seededEntropy('listener'),
    limits: limitsOf(2_000_000),
    localCid: Uint8Array.of(2, 2, 2, 2, 2, 2, 2, 2),
    datagram: false,
    ...changes,
  }
}

/** Both sides of one run, ready for `createHello`. */
export function makePair(
  initiator: Partial<InitiatorConfig> = {},
  responder: Partial<ResponderConfig> = {},
): { initiator: Initiator; responder: Responder } {
  return {
    initiator: new Initiator(initiatorConfig(initiator)),
    responder: new Responder(responderConfig(responder)),
  }
}

/** Delivers AUTH_PROOF as this link carries it: on a datagram link it may take two datagrams. */
export function deliverProof(initiator: Initiator, responder: Responder, now: number): Uint8Array | undefined {
  let final: Uint8Array | undefined
  for (const datagram of initiator.proofMessages) final = responder.verifyProof(datagram, now)
  return final
}

/** Delivers FINAL as this link carries it. */
export function deliverFinal(initiator: Initiator, responder: Responder, now: number): HandshakeResult | undefined {
  let result: HandshakeResult | undefined
  for (const message of responder.finalMessages) result = initiator.processFinal(message, now)
  return result
}

/** mac1 made anew, as any holder of the seed can. */
export function withMac(message: Uint8Array, keys: SeedKeys = seedKeys()): Uint8Array {
  const end = message.length - 16
  message.set(provider.hmac(keys.mac1, message.subarray(0, end)).subarray(0, 16), end)
  return message
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
