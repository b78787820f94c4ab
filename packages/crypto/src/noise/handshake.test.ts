import { lowOrderPoints } from '@stt/testing'
import { describe, expect, test } from 'vitest'
import { bytes, errorCode, hex, pattern, text } from '../../test/bytes.ts'
import { known } from '../../test/known-answers.ts'
import { providers } from '../../test/providers.ts'
import { concatBytes, provider, randomBytes } from '../index.ts'
import type { KeyPair } from '../providers/provider.ts'
import type { NoiseHandshakeConfig } from './config.ts'
import { NoiseHandshake } from './handshake.ts'
import { noisePattern } from './named-patterns.ts'

const none = new Uint8Array(0)
const psks = [pattern(1, 32), pattern(2, 32)]
const newPair = (): KeyPair => provider.keyPair(randomBytes(32))
const invalidState = errorCode('STT_INVALID_STATE')
const invalidArgument = errorCode('STT_INVALID_ARGUMENT')

function start(initiator: boolean, config: Partial<NoiseHandshakeConfig> = {}): NoiseHandshake {
  return new NoiseHandshake({
    pattern: noisePattern('XXpsk0+psk3'),
    initiator,
    prologue: none,
    staticKey: newPair(),
    psks,
    ...config,
  })
}

/** Both sides after all three messages. */
function finish(dialer = start(true), listener = start(false)): [NoiseHandshake, NoiseHandshake] {
  expect(listener.readMessage(dialer.writeMessage(text('one'), newPair()))).toEqual(text('one'))
  expect(dialer.readMessage(listener.writeMessage(text('two'), newPair()))).toEqual(text('two'))
  expect(listener.readMessage(dialer.writeMessage(text('three')))).toEqual(text('three'))
  return [dialer, listener]
}

describe.each(providers)('Noise on $name', provider => {
  // spec: STT-CRY-16
  test('XXpsk0+psk3 gives the known answer, message by message', () => {
    const { noise } = known
    const pair = (privateKey: string) => provider.keyPair(bytes(privateKey))
    const common = {
      pattern: noisePattern('XXpsk0+psk3'),
      prologue: bytes(noise.prologue),
      psks: noise.psks.map(bytes),
      provider,
    }
    const dialer = new NoiseHandshake({ ...common, initiator: true, staticKey: pair(noise.si) })
    const listener = new NoiseHandshake({ ...common, initiator: false, staticKey: pair(noise.sr) })
    const steps = [
      [dialer, listener, pair(noise.ei)],
      [listener, dialer, pair(noise.er)],
      [dialer, listener, undefined],
    ] as const
    for (const [i, [writer, reader, ephemeral]] of steps.entries()) {
      const message = writer.writeMessage(bytes(noise.payloads[i]!), ephemeral)
      expect(hex(message)).toBe(noise.messages[i])
      expect(hex(reader.readMessage(message)!)).toBe(noise.payloads[i])
    }
    for (const side of [dialer, listener]) {
      expect(hex(side.handshakeHash)).toBe(noise.handshakeHash)
      expect(hex(side.exportChainingKey())).toBe(noise.chainingKey)
    }
    // The transport keys are seen by what they seal.
    const { send } = dialer.split()
    const expected = new Uint8Array(18)
    provider.aead(bytes(noise.transport[0]!)).seal(new Uint8Array(12), none, text('hi'), expected)
    expect(send.encryptWithAd(none, text('hi'))).toEqual(expected)
  })
})

test('both sides know each other and share their transport keys', () => {
  const [dialer, listener] = finish()
  expect(dialer.handshakeHash).toEqual(listener.handshakeHash)
  const [d, l] = [dialer.split(), listener.split()]
  for (const [send, receive] of [
    [d.send, l.receive],
    [l.send, d.receive],
  ] as const) {
    for (const message of ['first', 'second']) {
      expect(receive.decryptWithAd(text('ad'), send.encryptWithAd(text('ad'), text(message)))).toEqual(text(message))
    }
  }
})

test('a transport message with a wrong tag leaves the counter where it was', () => {
  const [dialer, listener] = finish()
  const { send } = dialer.split()
  const { receive } = listener.split()
  const sealed = send.encryptWithAd(none, text('hello'))
  for (const length of [0, 15, sealed.length - 1])
    expect(receive.decryptWithAd(none, sealed.subarray(0, length))).toBeUndefined()
  expect(receive.decryptWithAd(text('other'), sealed)).toBeUndefined()
  expect(receive.decryptWithAd(none, sealed)).toEqual(text('hello'))
  expect(receive.decryptWithAd(none, sealed)).toBeUndefined()
  receive.dispose()
  expect(() => receive.decryptWithAd(none, sealed)).toThrow(errorCode('STT_DISPOSED'))
})

// spec: STT-CRY-22
test('a message with any byte flipped or missing is refused, changes nothing, and the true one still follows', () => {
  const dialer = start(true)
  const listener = start(false)
  for (const [writer, reader, ephemeral] of [
    [dialer, listener, newPair()],
    [listener, dialer, newPair()],
    [dialer, listener, undefined],
  ] as const) {
    const message = writer.writeMessage(text('payload'), ephemeral)
    const before = seen(reader)
    for (let i = 0; i < message.length; i++) {
      const flipped = message.slice()
      flipped[i]! ^= 1
      expect(reader.readMessage(flipped), `byte ${i}`).toBeUndefined()
      expect(reader.readMessage(message.subarray(0, i)), `length ${i}`).toBeUndefined()
    }
    expect(reader.readMessage(new Uint8Array(65_536))).toBeUndefined()
    expect(seen(reader)).toEqual(before)
    expect(reader.readMessage(message)).toEqual(text('payload'))
  }
  expect(listener.handshakeHash).toEqual(dialer.handshakeHash)
})

// spec: STT-CRY-23
test('a message is written once, and its ephemeral serves no other', () => {
  const ephemeral = newPair()
  const dialer = start(true)
  dialer.writeMessage(text('one'), ephemeral)
  expect(() => dialer.writeMessage(text('another'), ephemeral)).toThrow(invalidState)
  expect(() => start(true).writeMessage(text('another'), ephemeral)).toThrow(invalidState)
})

// spec: STT-CRY-23
test('the ephemerals are forgotten with the last message', () => {
  const [mine, theirs] = [newPair(), newPair()]
  const [dialer, listener] = [start(true), start(false)]
  listener.readMessage(dialer.writeMessage(none, mine))
  dialer.readMessage(listener.writeMessage(none, theirs))
  listener.readMessage(dialer.writeMessage(none))
  const gone = errorCode('STT_DISPOSED')
  expect(() => mine.agree(theirs.publicKey)).toThrow(gone)
  expect(() => theirs.agree(mine.publicKey)).toThrow(gone)
})

// spec: STT-CRY-23
test('a message without the ephemeral that it needs ends the run', () => {
  const dialer = start(true)
  expect(() => dialer.writeMessage(none)).toThrow(invalidState)
  expect(() => dialer.writeMessage(none, newPair())).toThrow(invalidState)
})

test('turns are kept, and a finished run takes no message', () => {
  const listener = start(false)
  expect(listener.writing).toBe(false)
  expect(() => listener.writeMessage(none, newPair())).toThrow(invalidState)
  expect(() => start(true).readMessage(none)).toThrow(invalidState)
  expect(() => listener.split()).toThrow(invalidState)
  expect(() => listener.exportChainingKey()).toThrow(invalidState)

  const [dialer, done] = finish()
  expect([dialer.complete, done.complete, dialer.writing, done.writing]).toEqual([true, true, false, false])
  expect(() => dialer.writeMessage(none, newPair())).toThrow(invalidState)
  expect(() => done.readMessage(none)).toThrow(invalidState)
  dialer.split()
  expect(() => dialer.split()).toThrow(invalidState)
})

test('a disposed run keeps its public values and nothing else', () => {
  const ephemeral = newPair()
  const dialer = start(true)
  dialer.writeMessage(none, ephemeral)
  dialer.dispose()
  expect(() => ephemeral.agree(newPair().publicKey)).toThrow(errorCode('STT_DISPOSED'))
  expect(() => dialer.readMessage(none)).toThrow(invalidState)

  const [, listener] = finish()
  const { handshakeHash, remoteStatic } = listener
  listener.dispose()
  expect(listener.handshakeHash).toEqual(handshakeHash)
  expect(listener.remoteStatic).toEqual(remoteStatic)
  expect(() => listener.exportChainingKey()).toThrow(errorCode('STT_DISPOSED'))
  expect(() => listener.split()).toThrow(errorCode('STT_DISPOSED'))
})

// spec: STT-CRY-22
test('keys and messages of the wrong length are refused where nothing is encrypted yet, too', () => {
  const plain = (pattern: string) => start(false, { pattern: noisePattern(pattern), psks: [] })
  for (const length of [0, 31, 65_536]) expect(plain('XX').readMessage(new Uint8Array(length).fill(9))).toBeUndefined()
  expect(plain('XX').readMessage(new Uint8Array(65_535).fill(9))).toHaveLength(65_503)
  for (const length of [32, 63]) expect(plain('IX').readMessage(new Uint8Array(length).fill(9))).toBeUndefined()
  expect(plain('IX').readMessage(new Uint8Array(64).fill(9))).toEqual(none)
})

test('every key of a run is wiped: old ones when new ones replace them, the last by dispose', () => {
  const used = new Set<Uint8Array>()
  const watched: typeof provider = {
    ...provider,
    hmac: (key, ...parts) => provider.hmac(note(key), ...parts),
    aead: key => provider.aead(note(key)),
  }
  const note = (key: Uint8Array) => {
    used.add(key)
    return key
  }
  const live = () => [...used].filter(key => key.some(byte => byte !== 0)).length

  const sides = finish(start(true, { provider: watched }), start(false, { provider: watched }))
  for (const side of sides) side.split()
  expect(used.size).toBeGreaterThan(20)
  // Of each side, the last chaining key and the last key.
  expect(live()).toBe(4)
  for (const side of sides) side.dispose()
  expect(live()).toBe(0)
})

describe('pre-shared keys', () => {
  test('another psk0 is refused at the first message, another psk3 at the third', () => {
    const other = start(false, { psks: [pattern(9, 32), psks[1]!] })
    expect(other.readMessage(start(true).writeMessage(none, newPair()))).toBeUndefined()

    const dialer = start(true, { psks: [psks[0]!, pattern(9, 32)] })
    const listener = start(false)
    listener.readMessage(dialer.writeMessage(none, newPair()))
    dialer.readMessage(listener.writeMessage(none, newPair()))
    expect(listener.readMessage(dialer.writeMessage(none))).toBeUndefined()
  })

  test('one may be set once the peer is known, on the writing side', () => {
    const dialer = start(true, { psks: [psks[0]!, undefined] })
    const listener = start(false)
    listener.readMessage(dialer.writeMessage(none, newPair()))
    dialer.readMessage(listener.writeMessage(none, newPair()))
    expect(dialer.remoteStatic).toBeDefined()
    dialer.setPsk(1, psks[1]!)
    expect(listener.readMessage(dialer.writeMessage(text('three')))).toEqual(text('three'))
  })

  test('one may be looked up by the peer’s static key in the middle of a message', () => {
    const staticKey = newPair()
    const asked: (Uint8Array | undefined)[] = []
    const lookup = (found: Uint8Array | undefined) => (remoteStatic: Uint8Array | undefined) => {
      asked.push(remoteStatic)
      return found
    }
    finish(start(true, { staticKey }), start(false, { psks: [psks[0]!, lookup(psks[1]!)] }))
    expect(asked).toEqual([staticKey.publicKey])

    const dialer = start(true)
    const listener = start(false, { psks: [psks[0]!, lookup(undefined)] })
    listener.readMessage(dialer.writeMessage(none, newPair()))
    dialer.readMessage(listener.writeMessage(none, newPair()))
    const last = dialer.writeMessage(none)
    expect(listener.readMessage(last)).toBeUndefined()
    listener.setPsk(1, psks[1]!)
    expect(listener.readMessage(last)).toEqual(none)
  })

  test('one that was never set is the caller’s mistake', () => {
    const listener = start(false, { psks: [undefined, undefined] })
    expect(() => listener.readMessage(new Uint8Array(48))).toThrow(invalidState)
    expect(() => start(true).setPsk(2, psks[0]!)).toThrow(invalidArgument)
    expect(() => start(true).setPsk(-1, psks[0]!)).toThrow(invalidArgument)
    expect(() => start(true).setPsk(0, new Uint8Array(31))).toThrow(invalidArgument)
  })
})

// spec: STT-CRY-24
test('a key of low order is refused when it is read, and the true message is still taken', () => {
  const withoutPsks = { pattern: noisePattern('XX'), psks: [] }
  const [dialer, listener] = [start(true, withoutPsks), start(false, withoutPsks)]
  const before = seen(listener)
  const hello = dialer.writeMessage(none, newPair())
  for (const point of lowOrderPoints) {
    expect(listener.readMessage(bytes(point)), point).toBeUndefined()
    expect(seen(listener)).toEqual(before)
  }
  listener.readMessage(hello)
  const response = listener.writeMessage(none, newPair())
  for (const point of lowOrderPoints) {
    const hostile = concatBytes([bytes(point), response.subarray(32)])
    expect(dialer.readMessage(hostile), point).toBeUndefined()
  }
  expect(dialer.readMessage(response)).toEqual(none)
})

// spec: STT-CRY-24
test('a static key of low order is refused before anything is agreed with it', () => {
  // In X1X1 the listener's static key is agreed with in a later message than the one that shows it.
  for (const point of lowOrderPoints) {
    const forged: KeyPair = {
      publicKey: Uint8Array.from(bytes(point)),
      agree: () => new Uint8Array(32),
      dispose: () => {},
    }
    const deferred = { pattern: noisePattern('X1X1'), psks: [] }
    const [dialer, listener] = [start(true, deferred), start(false, { ...deferred, staticKey: forged })]
    listener.readMessage(dialer.writeMessage(none, newPair()))
    expect(dialer.readMessage(listener.writeMessage(none, newPair())), point).toBeUndefined()
    expect(dialer.remoteStatic).toBeUndefined()
  }
})

test('a message beyond 65,535 bytes is refused', () => {
  expect(() => start(true).writeMessage(new Uint8Array(65_535 - 47), newPair())).toThrow(invalidArgument)
  const message = start(true).writeMessage(new Uint8Array(65_535 - 48), newPair())
  expect(message).toHaveLength(65_535)
  expect(start(false).readMessage(message)).toHaveLength(65_535 - 48)
})

test('a pattern and its keys must fit', () => {
  const unknown = ['', 'ZZ', 'XXpsk', 'XXpsk4', 'XXpsk0+psk0', 'xx', 'XXfallback', 'XX+psk0', 'toString']
  for (const pattern of unknown)
    expect(() => start(true, { pattern: noisePattern(pattern) }), pattern).toThrow(invalidArgument)

  const { publicKey } = newPair()
  const without = { pattern: noisePattern('XX'), initiator: true, prologue: none, psks: [] }
  expect(() => new NoiseHandshake(without)).toThrow(invalidArgument)
  expect(() => start(true, { pattern: noisePattern('XX'), psks: [], remoteStatic: publicKey })).toThrow(invalidArgument)
  expect(() => start(true, { pattern: noisePattern('NK'), psks: [] })).toThrow(invalidArgument)
  expect(() => start(true, { pattern: noisePattern('NK'), psks: [], remoteStatic: publicKey.subarray(1) })).toThrow(
    invalidArgument,
  )
  expect(() => start(true, { psks: [psks[0]!] })).toThrow(invalidArgument)
  expect(() => start(true, { psks: [psks[0]!, new Uint8Array(33)] })).toThrow(invalidArgument)
})

/** All that the outside sees of a run. */
function seen(handshake: NoiseHandshake): unknown {
  const { handshakeHash, remoteStatic, remoteEphemeral, complete, writing } = handshake
  return { handshakeHash, remoteStatic, remoteEphemeral, complete, writing }
}
