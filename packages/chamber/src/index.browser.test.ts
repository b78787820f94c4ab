import { expect, test } from 'vitest'
import { Chamber, MemoryStore } from './index.browser.ts'
import * as node from './index.ts'

const key = new Uint8Array(32).fill(7)

test('a page has a chamber over a store, which Node opens too', async () => {
  const store = new MemoryStore()
  const chamber = await Chamber.open({ store, id: 'notes', key })
  await chamber.store('one', Uint8Array.of(1, 2, 3))
  expect(await chamber.verify()).toEqual({ keys: 1, damaged: [] })
  await chamber.close()

  const again = await node.Chamber.open({ store, id: 'notes', key })
  expect(again).toBeInstanceOf(node.Chamber)
  expect(await again.retrieve('one')).toEqual(Uint8Array.of(1, 2, 3))
  await again.close()
})

test('a page that names a folder is told to give a store', async () => {
  const opened = Chamber.open({ path: 'folder', id: 'notes', key } as never)
  await expect(opened).rejects.toMatchObject({ code: 'STT_UNSUPPORTED', message: expect.stringMatching(/MemoryStore/) })
})
