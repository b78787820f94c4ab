import { expect, test } from 'vitest'
import { provider, randomBytes } from '../index.ts'
import { NoiseHandshake } from './handshake.ts'
import { noisePattern } from './named-patterns.ts'

test('a message that the caller refuses changes nothing, and may still be read', () => {
  const prologue = new Uint8Array()
  const pair = () => provider.keyPair(randomBytes(32))
  const dialer = new NoiseHandshake({ pattern: noisePattern('XX'), initiator: true, prologue, staticKey: pair() })
  const staticKey = pair()
  const listener = new NoiseHandshake({ pattern: noisePattern('XX'), initiator: false, prologue, staticKey })
  listener.readMessage(dialer.writeMessage(new Uint8Array(), pair()))
  const message = listener.writeMessage(Uint8Array.of(7), pair())

  const before = dialer.handshakeHash
  const seen: unknown[] = []
  const refused = dialer.readMessage(message, (payload, remoteStatic) => {
    seen.push(payload, remoteStatic)
    return false
  })
  expect(refused).toBeUndefined()
  expect(seen).toEqual([Uint8Array.of(7), staticKey.publicKey])
  expect(dialer.remoteStatic).toBeUndefined()
  expect(dialer.handshakeHash).toEqual(before)

  expect(dialer.readMessage(message, () => true)).toEqual(Uint8Array.of(7))
  expect(dialer.remoteStatic).toEqual(staticKey.publicKey)
  listener.readMessage(dialer.writeMessage(new Uint8Array()))
  expect(dialer.handshakeHash).toEqual(listener.handshakeHash)
})
