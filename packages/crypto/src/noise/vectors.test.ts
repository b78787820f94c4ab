import { describe, expect, test } from 'vitest'
import { bytes, hex } from '../../test/bytes.ts'
import { providers } from '../../test/providers.ts'
import { describeVectors } from '../../test/vectors.ts'
import type { CryptoProvider } from '../providers/provider.ts'
import { NoiseHandshake } from './handshake.ts'
import { noisePattern } from './named-patterns.ts'

interface NoiseVector {
  protocol_name: string
  init_prologue: string
  init_ephemeral: string
  init_static?: string
  init_remote_static?: string
  init_psks?: string[]
  resp_prologue: string
  resp_ephemeral?: string
  resp_static?: string
  resp_remote_static?: string
  resp_psks?: string[]
  handshake_hash?: string
  messages: { payload: string; ciphertext: string }[]
}

// spec: STT-CRY-16
describe.each([
  ['noise-snow.json', 51],
  ['noise-cacophony.json', 59],
])('public vectors', (file, count) => {
  describeVectors<{ vectors: NoiseVector[] }>(file, ({ vectors }) => {
    test.each(providers)(`all ${count} on $name`, provider => {
      expect(vectors).toHaveLength(count)
      for (const vector of vectors) replay(provider, vector)
    })
  })
})

function replay(provider: CryptoProvider, vector: NoiseVector): void {
  const pair = (privateKey: string) => provider.keyPair(bytes(privateKey))
  const pattern = vector.protocol_name.split('_')[1]!
  const side = (role: 'init' | 'resp') =>
    new NoiseHandshake({
      pattern: noisePattern(pattern),
      initiator: role === 'init',
      prologue: bytes(vector[`${role}_prologue`]),
      ...(vector[`${role}_static`] && { staticKey: pair(vector[`${role}_static`]!) }),
      ...(vector[`${role}_remote_static`] && { remoteStatic: bytes(vector[`${role}_remote_static`]!) }),
      psks: (vector[`${role}_psks`] ?? []).map(bytes),
      provider,
    })
  const sides = [
    { handshake: side('init'), ephemeral: pair(vector.init_ephemeral) },
    {
      handshake: side('resp'),
      ephemeral: vector.resp_ephemeral === undefined ? undefined : pair(vector.resp_ephemeral),
    },
  ]
  const [initiator, responder] = [sides[0]!.handshake, sides[1]!.handshake]
  const messages = [...vector.messages]

  while (!initiator.complete) {
    const { payload, ciphertext } = messages.shift()!
    const [writer, reader] = initiator.writing ? [sides[0]!, responder] : [sides[1]!, initiator]
    const message = writer.handshake.writeMessage(bytes(payload), writer.ephemeral)
    expect(hex(message), vector.protocol_name).toBe(ciphertext)
    expect(hex(reader.readMessage(message)!), vector.protocol_name).toBe(payload)
  }
  expect(responder.complete).toBe(true)
  expect(hex(initiator.handshakeHash)).toBe(hex(responder.handshakeHash))
  if (vector.handshake_hash) expect(hex(initiator.handshakeHash)).toBe(vector.handshake_hash)

  const oneWay = pattern[0] === pattern.replace(/psk.*/, '')
  const [i, r] = [initiator.split(), responder.split()]
  let fromInitiator = oneWay || (vector.messages.length - messages.length) % 2 === 0
  for (const { payload, ciphertext } of messages) {
    const [send, receive] = fromInitiator ? [i.send, r.receive] : [r.send, i.receive]
    const sealed = send.encryptWithAd(new Uint8Array(0), bytes(payload))
    expect(hex(sealed), vector.protocol_name).toBe(ciphertext)
    expect(hex(receive.decryptWithAd(new Uint8Array(0), sealed)!)).toBe(payload)
    if (!oneWay) fromInitiator = !fromInitiator
  }
}
