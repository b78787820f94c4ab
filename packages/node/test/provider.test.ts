import type { CryptoProvider } from '@stt/crypto'
import { sodiumProvider } from '@stt/crypto/sodium'
import { expect, test } from 'vitest'
import { Seed } from '../src/index.ts'
import { collect, createNode, expectBytes, first, pattern } from './nodes.ts'

test('a node computes with its given provider, and its peer may have another', async () => {
  const used = new Set<string>()
  const provider: CryptoProvider = new Proxy(sodiumProvider, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return (...parameters: unknown[]) => {
        used.add(String(name))
        return Reflect.apply(value, target, parameters)
      }
    },
  })
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['udp://127.0.0.1:0'] })
  const client = await createNode({ seed, provider })
  expect([...used].sort()).toEqual(['hash', 'hmac', 'keyPair', 'prepare'])
  used.clear()
  const receiving = first(server.sessions())
    .then(accepted => first(accepted.streams()))
    .then(collect)
  const session = await client.connect(server.addresses)
  const stream = await session.openSendStream()
  await stream.write(pattern(100_000))
  await stream.end()
  expectBytes(await receiving, pattern(100_000))
  expect(used).toContain('aead')
  used.clear()
  session.rotateKeys()
  await session.ping()
  expect(used).toContain('aead')
})
