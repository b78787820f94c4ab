import { describeFirefox, type FirefoxTab, type Site, servePage } from '@stt/testing/page'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chamberStoreRules } from '../src/testing/index.ts'

describeFirefox('IndexedDB in Firefox', firefox => {
  let site: Site
  let tab: FirefoxTab

  beforeAll(async () => {
    site = await servePage('./store-page.ts', import.meta.dirname)
    tab = await firefox.browser.newPage()
    await tab.goto(site.origin)
  })
  afterAll(() => site.close())

  const call = (tab: FirefoxTab, method: string, ...parameters: readonly unknown[]): Promise<unknown> =>
    tab.evaluate(`page[${JSON.stringify(method)}](...${JSON.stringify(parameters)})`)

  for (const [index, rule] of chamberStoreRules.entries()) {
    test(rule.name, async () => expect(await call(tab, 'check', index)).toBe('kept'))
  }

  test('a chamber is there after a reload, and a tab has it at a time', async () => {
    expect(await call(tab, 'keep', 'note', 'written before')).toBe('kept')
    const other = await firefox.browser.newPage()
    await other.goto(site.origin)
    expect(await call(other, 'keep', 'note', 'meanwhile')).toBe('STT_CHAMBER_LOCKED')
    await tab.reload()
    expect(await call(tab, 'read', 'note')).toBe('written before')
    await tab.close()
    await expect.poll(() => call(other, 'keep', 'note', 'afterwards')).toBe('kept')
  })
})
