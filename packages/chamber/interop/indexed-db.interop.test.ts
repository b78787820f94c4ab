import { callsOf, describeChromium, openTab, type Site, servePage, type Tab } from '@stt/testing/page'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { chamberStoreRules } from '../src/testing/index.ts'
import type { StorePage } from './store-page.ts'

const call = callsOf<StorePage>()

describeChromium('IndexedDB in Chromium', chromium => {
  let site: Site
  const errors: Error[] = []

  beforeAll(async () => {
    const { imports, ...served } = await servePage('./store-page.ts', import.meta.dirname)
    expect(imports).toEqual([])
    site = served
  })
  afterAll(() => site.close())
  afterEach(() => expect(errors.splice(0)).toEqual([]))

  const open = (): Promise<Tab> => openTab(chromium.browser, site, error => errors.push(error))

  describe('keeps the rules of a store', () => {
    let tab: Tab
    beforeAll(async () => {
      tab = await open()
    })
    for (const [index, rule] of chamberStoreRules.entries()) {
      test(rule.name, async () => expect(await call(tab, 'check', index)).toBe('kept'))
    }
  })

  test('a chamber is there after a reload, and a tab has it at a time', async () => {
    const tab = await open()
    expect(await call(tab, 'keep', 'note', 'written before')).toBe('kept')
    const other = await tab.context().newPage()
    await other.goto(site.origin)
    expect(await call(other, 'keep', 'note', 'meanwhile')).toBe('STT_CHAMBER_LOCKED')
    await tab.reload()
    expect(await call(tab, 'read', 'note')).toBe('written before')
    await tab.close()
    // The browser ends a tab's locks with it, in a moment of its own.
    await expect.poll(() => call(other, 'keep', 'note', 'afterwards')).toBe('kept')
  })

  test('what a tab was closed over is cleared away by who opens the chamber next', async () => {
    const tab = await open()
    await call(tab, 'begin', 2_500_000)
    expect(await call(tab, 'countPieces')).toBe(3)
    await tab.reload()
    await call(tab, 'lockOnce')
    expect(await call(tab, 'countPieces')).toBe(0)
  })

  test('a full quota is said, and takes nothing but what was being written', async () => {
    const tab = await open()
    const devtools = await tab.context().newCDPSession(tab)
    await devtools.send('Storage.overrideQuotaForOrigin', { origin: site.origin, quotaSize: 12_000_000 })
    expect(await call(tab, 'fill', 1, 1_000_000)).toBe('kept')
    expect(await call(tab, 'fill', 2, 20_000_000)).toMatch(/^STT_CHAMBER_STORE: .* no more space/)
    expect(await call(tab, 'sizes')).toEqual([1_000_000])
    expect(await call(tab, 'countPieces')).toBe(2)
    await devtools.send('Storage.overrideQuotaForOrigin', { origin: site.origin })
    expect(await call(tab, 'fill', 2, 20_000_000)).toBe('kept')
    expect(await call(tab, 'sizes')).toEqual([1_000_000, 20_000_000])
  })

  test('a browser without IndexedDB, or without locks, is named as what is wrong', async () => {
    const tab = await open()
    await tab.evaluate(() => Object.defineProperty(globalThis, 'indexedDB', { value: undefined }))
    expect(await call(tab, 'fill', 1, 1)).toMatch(/^STT_UNSUPPORTED: .*private windows/)
    const other = await open()
    await other.evaluate(() =>
      Object.defineProperty(Reflect.get(globalThis, 'navigator'), 'locks', { value: undefined }),
    )
    expect(await call(other, 'lockOnce')).toMatch(/^STT_UNSUPPORTED: .*https/)
  })
})
