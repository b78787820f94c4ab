import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { once } from '../src/bytes.ts'
import { Chamber, type ChamberOptions, MemoryStore } from '../src/index.ts'

interface Golden {
  readonly raw: { readonly id: string; readonly key: string; readonly files: Record<string, string> }
  readonly wrapped: { readonly id: string; readonly passphrase: string; readonly files: Record<string, string> }
  readonly contents: Record<string, string>
}

const golden: Golden = JSON.parse(readFileSync(new URL('./golden-chamber.json', import.meta.url), 'utf8'))
const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))

async function storeOf(files: Record<string, string>): Promise<MemoryStore> {
  const store = new MemoryStore()
  for (const [name, hex] of Object.entries(files)) await store.putIfAbsent(name, once(bytes(hex)), { durable: true })
  return store
}

// spec: STT-CHA-1 STT-CHA-2 STT-CHA-3 STT-CHA-4 STT-CHA-6 STT-CHA-10 STT-CHA-13
test('chambers that another implementation wrote open, and go on', async () => {
  const chambers: ChamberOptions[] = [
    { id: golden.raw.id, key: bytes(golden.raw.key), store: await storeOf(golden.raw.files) },
    { id: golden.wrapped.id, passphrase: golden.wrapped.passphrase, store: await storeOf(golden.wrapped.files) },
  ]
  for (const options of chambers) {
    const chamber = await Chamber.open(options)
    expect(await chamber.list()).toEqual(Object.keys(golden.contents).sort())
    for (const [key, hex] of Object.entries(golden.contents)) expect(await chamber.retrieve(key)).toEqual(bytes(hex))
    expect(await chamber.getMetadata('a')).toEqual({
      ...{ key: 'a', size: 4, generation: 4, metadata: 'text', createdAt: 1000, modifiedAt: 1_700_000_000_001 },
    })
    expect((await chamber.getMetadata('p/é\0'))?.metadata).toEqual(['tags', 300])
    expect(chamber.getStatistics()).toMatchObject({
      droppedRecords: 0,
      removedObjects: 2,
      operationsSinceCheckpoint: 3,
    })
    await chamber.store('gone', Uint8Array.of(1))
    expect((await chamber.getMetadata('gone'))?.generation).toBe(3)
    await chamber.close()
    const again = await Chamber.open(options)
    expect((await again.list()).length).toBe(4)
    await again.close()
  }
})
