import { concatBytes, type KeyPair, provider } from '@stt/crypto'
import { decode, type Encodable, encode, type Value } from '@stt/serialize'
import { runSchedule } from '../src/key-schedule.ts'
import { NoiseTrace, open, seal } from './noise-trace.ts'
import { seededEntropy, seedKeys, utf8, withMac } from './support.ts'

// Peers that hold the seed and keys of their own, and say what no honest one says: authentic messages whose payload is
// any bytes. They stand in for the 'dialer' and the 'listener' of support.ts, whose draws of entropy they repeat.

type Change = (payload: { [key: string]: Value }) => Encodable

/** HELLO again, as any holder of the seed can rewrite it: same ephemeral key, another payload. */
export function rewriteHello(hello: Uint8Array, change: Change): Uint8Array {
  const start = hello.slice(0, 57)
  const payload = encode(change(dict(readHello(hello).payload)))
  start.set([(payload.length + 48) >>> 8, (payload.length + 48) & 0xff], 2)
  return withMac(concatBytes([start, afterHelloKey(start).encrypt(payload), new Uint8Array(16)]))
}

/** The listener's RESPONSE to `hello`, with a payload of its choice. */
export function hostileResponse(hello: Uint8Array, honest: Uint8Array, change: Change): Uint8Array {
  const { noise } = readHello(hello)
  const { payload } = readResponse(hello, honest)
  noise.mixEphemeral(ephemeral('listener').publicKey)
  noise.mixKey(ephemeral('listener').agree(hello.subarray(25, 57)))
  const encryptedStatic = noise.encrypt(staticKey('listener').publicKey)
  noise.mixKey(staticKey('listener').agree(hello.subarray(25, 57)))
  const body = concatBytes([
    ephemeral('listener').publicKey,
    encryptedStatic,
    noise.encrypt(encode(change(dict(payload)))),
  ])
  return framed(honest, body)
}

/** The dialer's AUTH_PROOF, in one piece, with a payload of its choice. */
export function hostileProof(hello: Uint8Array, response: Uint8Array, honest: Uint8Array, change: Change): Uint8Array {
  return writeProof(hello, response, honest, change).proof
}

/** The listener's FINAL with any payload and, if asked, the confirmation that belongs to it. */
export function hostileFinal(
  run: { hello: Uint8Array; response: Uint8Array; proof: Uint8Array; final: Uint8Array; suite: number },
  payload: Uint8Array,
): Uint8Array {
  const { noise } = writeProof(run.hello, run.response, run.proof, payload => payload)
  const ciphertext = seal(noise.split()[1], 0, new Uint8Array(0), payload)
  const { confirm } = runSchedule(provider, 'responder', {
    chainingKey: noise.ck,
    handshakeHash: noise.h,
    finalCiphertext: ciphertext,
    suite: run.suite,
    kemSecret: new Uint8Array(0),
  })
  return framed(run.final, ciphertext, confirm)
}

/** P1, as every holder of the seed can read it. */
export function openedHello(hello: Uint8Array): Uint8Array {
  return readHello(hello).payload
}

/** P2, as every holder of the seed who dialed can read it. */
export function openedResponse(hello: Uint8Array, response: Uint8Array): Uint8Array {
  return readResponse(hello, response).payload
}

/** P4, as the dialer of suite 1 reads it. */
export function openedFinal(run: Record<'hello' | 'response' | 'proof' | 'final', Uint8Array>): Uint8Array {
  const { noise } = writeProof(run.hello, run.response, run.proof, payload => payload)
  return open(noise.split()[1], 0, new Uint8Array(0), run.final.subarray(24, -32))!
}

/** Each side draws its nonce first, then its ephemeral key. */
export function ephemeral(side: string): KeyPair {
  const entropy = seededEntropy(side)
  entropy(16)
  return provider.keyPair(entropy(32))
}

export function staticKey(side: string): KeyPair {
  return provider.keyPair(seededEntropy(`${side} static`)(32))
}

function readHello(hello: Uint8Array): { noise: NoiseTrace; payload: Uint8Array } {
  const noise = afterHelloKey(hello)
  return { noise, payload: noise.decrypt(hello.subarray(keyOffset(hello) + 32, -16))! }
}

function readResponse(hello: Uint8Array, response: Uint8Array): { noise: NoiseTrace; payload: Uint8Array } {
  const { noise } = readHello(hello)
  noise.mixEphemeral(response.subarray(24, 56))
  noise.mixKey(ephemeral('dialer').agree(response.subarray(24, 56)))
  const listenerStatic = noise.decrypt(response.subarray(56, 104))!
  noise.mixKey(ephemeral('dialer').agree(listenerStatic))
  return { noise, payload: noise.decrypt(response.subarray(104, -16))! }
}

function writeProof(
  hello: Uint8Array,
  response: Uint8Array,
  honest: Uint8Array,
  change: Change,
): { noise: NoiseTrace; proof: Uint8Array } {
  const finish = (noise: NoiseTrace): void => {
    noise.mixKey(staticKey('dialer').agree(response.subarray(24, 56)))
    noise.mixKeyAndHash(seedKeys().psk3)
  }
  const reading = readResponse(hello, response).noise
  reading.decrypt(honest.subarray(24, 72))
  finish(reading)
  const payload = dict(reading.decrypt(honest.subarray(72, -16))!)

  const { noise } = readResponse(hello, response)
  const encryptedStatic = noise.encrypt(staticKey('dialer').publicKey)
  finish(noise)
  return { noise, proof: framed(honest, concatBytes([encryptedStatic, noise.encrypt(encode(change(payload)))])) }
}

/** The state that every holder of the seed can reach from HELLO's ephemeral key. */
function afterHelloKey(hello: Uint8Array): NoiseTrace {
  const start = keyOffset(hello)
  const noise = new NoiseTrace(concatBytes([utf8('STT/1'), hello.subarray(0, start)]))
  noise.mixKeyAndHash(seedKeys().psk0)
  noise.mixEphemeral(hello.subarray(start, start + 32))
  return noise
}

/** Where HELLO's ephemeral key stands: behind the header and the token. */
function keyOffset(hello: Uint8Array): number {
  return 25 + hello[24]!
}

/** A message with the header of an honest one, another Noise message and the right mac1. */
function framed(honest: Uint8Array, noise: Uint8Array, rest: Uint8Array = new Uint8Array(0)): Uint8Array {
  const header = honest.slice(0, 24)
  header.set([noise.length >>> 8, noise.length & 0xff], 2)
  return withMac(concatBytes([header, noise, rest, new Uint8Array(16)]))
}

function dict(payload: Uint8Array): { [key: string]: Value } {
  return decode(payload, { typed: false }) as { [key: string]: Value }
}
