import { bundleForPage, type Firefox, type FirefoxTab, findFirefox, launchFirefox, type Site, serve } from '@stt/testing/page' // biome-ignore format: one line
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chamberStoreRules } from '../src/testing/index.ts'

const firefox = findFirefox()
const name = firefox ? 'IndexedDB in Firefox' : 'IndexedDB in Firefox: SKIPPED, it is not installed (apt-get install firefox-esr)' // biome-ignore format: one line

describe.skipIf(!firefox)(name, () => {
  let browser: Firefox
  let site: Site
  let tab: FirefoxTab

  beforeAll(async () => {
    const { files } = await bundleForPage(
      `
      import { page } from './store-page.ts'
      globalThis.page = page`,
      import.meta.dirname,
    )
    site = await serve(files)
    browser = await launchFirefox(firefox!)
    tab = await browser.newPage()
    await tab.goto(site.origin)
  })
  afterAll(async () => {
    await browser.close()
    await site.close()
  })

  const call = (tab: FirefoxTab, method: string, ...parameters: readonly unknown[]): Promise<unknown> =>
    tab.evaluate(`page[${JSON.stringify(method)}](...${JSON.stringify(parameters)})`)

  for (const [index, rule] of chamberStoreRules.entries()) {
    test(rule.name, async () => expect(await call(tab, 'check', index)).toBe('kept'))
  }

  test('a chamber is there after a reload, and a tab has it at a time', async () => {
    expect(await call(tab, 'keep', 'note', 'written before')).toBe('kept')
    const other = await browser.newPage()
    await other.goto(site.origin)
    expect(await call(other, 'keep', 'note', 'meanwhile')).toBe('STT_CHAMBER_LOCKED')
    await tab.reload()
    expect(await call(tab, 'read', 'note')).toBe('written before')
    await tab.close()
    await expect.poll(() => call(other, 'keep', 'note', 'afterwards')).toBe('kept')
  })
})
