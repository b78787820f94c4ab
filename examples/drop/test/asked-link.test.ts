import { Chamber, MemoryStore } from '@stt/chamber'
import { expect, test } from 'vitest'
import { AskedLink } from '../page/asked-link.ts'
import { listPairings } from '../page/pairings.ts'

const LINK = '#pair=aaaa-bbbb&relay=wss%3A%2F%2Frelay.example'

async function setUp() {
  const store = new MemoryStore()
  const vault = await Chamber.open({ store, id: 'drop', key: new Uint8Array(32).fill(1) })
  let now = 1_000_000
  const link = (): AskedLink => new AskedLink(vault, () => now)
  const pass = (milliseconds: number): void => {
    now += milliseconds
  }
  return { vault, link, pass }
}

test('a page that is loaded again finds the link that it asked about, until there is an answer', async () => {
  const { vault, link } = await setUp()
  expect(await link().find()).toBeUndefined()
  await link().keep('#pair=another')
  await link().keep(LINK)
  expect([await link().find(), await link().find()]).toEqual([LINK, LINK])
  // It is a question, and no pairing.
  expect(await listPairings(vault)).toEqual([])
  await link().forget()
  expect(await link().find()).toBeUndefined()
  expect(await vault.list()).toEqual([])
})

test.each([3_600_001, -3_600_001])(
  'a link without an answer is forgotten, its phrase too, %i ms later',
  async later => {
    const { vault, link, pass } = await setUp()
    await link().keep(LINK)
    pass(later - Math.sign(later))
    expect(await link().find()).toBe(LINK)
    pass(Math.sign(later))
    expect(await link().find()).toBeUndefined()
    expect(await vault.list()).toEqual([])
  },
)
