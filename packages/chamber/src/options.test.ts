import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { Chamber, MemoryStore } from './index.ts'

const key: Uint8Array = new Uint8Array(32).fill(1)

test('options that do not hold are refused', async () => {
  const store = new MemoryStore()
  const bad: object[] = [
    { id: '', store, key },
    { id: 'x'.repeat(256), store, key },
    { id: 7, store, key },
    { id: 'a', key },
    { id: 'a', store, path: '/tmp/x', key },
    { id: 'a', store },
    { id: 'a', store, key, passphrase: 'p' },
    { id: 'a', store, key: new Uint8Array(31) },
    { id: 'a', store, key: 'k'.repeat(32) },
    { id: 'a', store, passphrase: '' },
    { id: 'a', store, passphrase: 'p', argon2id: { memory: 100 } },
    { id: 'a', store, key, durability: 'none' },
  ]
  for (const options of bad) {
    await expect(Chamber.open(options as never), inspect(options)).rejects.toMatchObject({
      code: 'STT_INVALID_ARGUMENT',
    })
  }
})

test('nothing shows the key: not inspect, not JSON', async () => {
  const secret = new TextEncoder().encode('0123456789abcdef0123456789abcdef')
  const chamber = await Chamber.open({ id: 'a', key: secret, store: new MemoryStore() })
  const shown = inspect(chamber, { depth: 9, showHidden: true }) + JSON.stringify(chamber)
  expect(shown).not.toMatch(/0123456789abcdef|48,\s*49,\s*50/)
  await chamber.close()
})
