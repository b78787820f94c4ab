import type { Browser as Chromium } from 'playwright-core'
import { afterAll, beforeAll, describe } from 'vitest'
import { bundleForPage } from './bundle.ts'
import { findChromium, launchChromium, type Site, serve } from './chromium.ts'
import { type Firefox, findFirefox, launchFirefox } from './firefox.ts'
import { type HideableChromium, launchHideableChromium } from './hideable-chromium.ts'

/** The browser of a suite: it starts before all else in the suite, and ends after it. */
export interface SuiteBrowser<B> {
  /** There in hooks and tests. */
  readonly browser: B
  /** The path of its program. */
  readonly path: string
}

/** A suite in one Chromium. Where there is none, its tests are skipped, and its title says so. */
export function describeChromium(title: string, suite: (chromium: SuiteBrowser<Chromium>) => void): void {
  describeBrowser(title, 'Chromium', 'chromium', findChromium(), launchChromium, suite)
}

/** A suite in one Chromium whose tabs can be hidden and frozen. Where there is none, its tests are skipped, and its title says so. */
export function describeHideable(title: string, suite: (chromium: SuiteBrowser<HideableChromium>) => void): void {
  describeBrowser(title, 'Chromium', 'chromium', findChromium(), launchHideableChromium, suite)
}

/** A suite in one Firefox. Where there is none, its tests are skipped, and its title says so. */
export function describeFirefox(title: string, suite: (firefox: SuiteBrowser<Firefox>) => void): void {
  describeBrowser(title, 'Firefox', 'firefox-esr', findFirefox(), launchFirefox, suite)
}

function describeBrowser<B extends { close(): Promise<void> }>(
  title: string,
  name: string,
  debian: string,
  path: string | undefined,
  launch: (path: string) => Promise<B>,
  suite: (browser: SuiteBrowser<B>) => void,
): void {
  const skipped = path ? '' : `: SKIPPED, ${name} is not installed (apt-get install ${debian})`
  describe.skipIf(!path)(`${title}${skipped}`, () => {
    let browser: B | undefined
    beforeAll(async () => {
      browser = await launch(path!)
    })
    afterAll(() => browser?.close())
    suite({
      path: path!,
      get browser(): B {
        return browser!
      },
    })
  })
}

/** A site whose page has what a module exports as `page`; `callsOf` calls it. */
export async function servePage(
  module: string,
  folder: string,
): Promise<Site & { readonly imports: readonly string[] }> {
  const script = `import { page } from ${JSON.stringify(module)}; globalThis.page = page`
  const { files, imports } = await bundleForPage(script, folder)
  return { ...(await serve(files)), imports }
}
